//! Every kind of trouble: its name, how bad it is, and the two sentences for people.
//!
//! In a sentence `{e}` is the element (or its attribute), `{p}` the element around it, `{v}` what was found there.

use serde::Serialize;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Hint,
    /// Some readers will stumble.
    Warning,
    /// The format does not allow it.
    Error,
}

macro_rules! codes {
    ($($code:ident $level:ident $name:literal $what:literal $advice:literal)*) => {
        /// A kind of trouble.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Code {
            $(#[doc = $name] $code,)*
        }

        impl Code {
            /// Every kind.
            pub const ALL: &'static [Code] = &[$(Code::$code),*];

            /// Whether it is the XML that is wrong, whatever the document means.
            pub fn is_syntax(self) -> bool {
                (self as usize) <= (Code::TextOutside as usize)
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Code::$code => Level::$level,)* }
            }

            /// What is wrong, with places for the particulars.
            pub(super) fn what(self) -> &'static str {
                match self { $(Code::$code => $what,)* }
            }

            /// What the feed's author can do about it.
            pub fn advice(self) -> &'static str {
                match self { $(Code::$code => $advice,)* }
            }
        }
    };
}

codes! {
    // The XML itself.
    NoRoot Error "No element at all." "there is no element in the document" "serve the feed itself at this address, not an empty page"
    TagMismatch Error "A wrong end tag." "{v} stands where {e} should be closed" "close every element in the order in which they were opened; an XML library does that by itself"
    NeverClosed Error "An element without an end." "{e} is never closed: the feed is cut off or an end tag is missing" "check that the whole file is sent, and that each element has its end tag"
    BareAmpersand Error "A bare ampersand." "the text of {e} has an & that begins no reference ({v})" "write every & of a text or an address as &amp;"
    BareLess Error "A bare less-than sign." "a < stands in the text and begins no tag" "write it as &lt;"
    UnknownEntity Error "An undeclared entity." "{v} in {e} is an HTML entity that XML does not know" "write the character itself, or its number such as &#160;"
    BadReference Error "A bad character reference." "{v} in {e} names no character that XML allows" "leave it out, or write the character itself"
    ControlCharacter Error "A control character." "the text of {e} has a control character ({v}), which XML forbids" "remove control characters before writing the feed"
    BadTag Error "A tag that is not well-formed." "the tag {e} is not well-formed" "give every attribute a value in quotes, and end the tag with >"
    RepeatedAttribute Error "An attribute twice." "{e} has the attribute {v} twice" "keep one of them"
    UndeclaredPrefix Error "An undeclared prefix." "the prefix {v} of {e} is declared nowhere" "declare the namespace on the root element: xmlns:{v}=\"…\""
    BadComment Error "A bad comment." "a comment has -- in it or no end" "end comments with --> and keep -- out of them"
    LateDeclaration Error "A late XML declaration." "something stands before the XML declaration" "let <?xml …?> be the very first characters: no blank line, no output of a plugin"
    StrayDeclaration Error "A declaration out of place." "{v} stands where no declaration may" "remove it"
    SecondRoot Error "A second root." "{e} stands after the end of the document" "keep everything within the one root element"
    TextOutside Error "Text outside the root." "text stands outside the root element: {v}" "remove what is printed before or after the feed"
    OutsideEntity Hint "An entity from outside." "the document type declares an entity whose text lies elsewhere" "remove the declaration: no reader should fetch it"
    BadDoctype Error "A wrong document type." "the document type is not one of a feed: {v}" "remove the <!DOCTYPE …> line"
    OldDoctype Error "A document type that moved." "the document type's address is out of use: {v}" "remove the <!DOCTYPE …> line"
    XmlVersion Error "A wrong XML version." "the XML declaration names version {v}" "declare version=\"1.0\""
    // Bytes and charsets.
    InvalidBytes Error "Bytes that are not of the charset." "the bytes are not valid {v}" "declare the charset the feed is really written in; best write it in UTF-8"
    UnknownCharset Error "An unknown charset." "{v} is the name of no charset" "write the feed in UTF-8 and declare it"
    RareCharset Warning "A rare charset." "the charset {v} is understood by few readers" "write the feed in UTF-8"
    VendorCharset Hint "A vendor's charset." "the charset {v} is not of the standard's list" "write the feed in UTF-8"
    NoCharset Hint "No charset declared." "no charset is declared" "begin with <?xml version=\"1.0\" encoding=\"utf-8\"?>"
    NotUtf8 Warning "Not UTF-8 where it has to be." "the charset is {v}, but podcast directories take UTF-8 only" "write the feed in UTF-8"
    DisprovedCharset Warning "A declared charset that is not the feed's." "the charset {v} is declared, but the feed is written in another" "declare the charset the feed is really written in; best write it in UTF-8"
    WrongDecoding Warning "Text decoded wrongly." "the text of {e} was decoded with the wrong charset ({v})" "read what you publish as UTF-8 (or whatever it is) before writing it out"
    MediaType Warning "A wrong media type." "the feed is served as {v}" "serve it as application/rss+xml, application/atom+xml or application/xml"
    // Namespaces and roots.
    UnknownRoot Error "A root that is no feed's." "the root element {e} is none of a feed" "begin with <rss>, <feed> or <rdf:RDF>"
    WebPage Error "A web page." "the document is a web page, not a feed" "give the address of the feed itself; the page may name it in a <link rel=\"alternate\">"
    NoNamespace Error "No namespace." "{e} is in no namespace" "declare the format's namespace on it, such as xmlns=\"http://www.w3.org/2005/Atom\""
    WrongNamespace Error "A wrong namespace." "{e} is in the namespace {v}, which is not the format's" "copy the namespace from the specification, letter by letter"
    OldNamespace Error "A namespace out of use." "{e} is in the namespace {v} of a draft" "write Atom 1.0: xmlns=\"http://www.w3.org/2005/Atom\""
    NearNamespace Error "A misspelt namespace." "the namespace {v} is spelt wrongly" "copy the namespace from the specification, letter by letter: case and the sign at its end count"
    MovedNamespace Warning "A namespace of old." "the namespace {v} is out of use" "use the one of the current specification"
    UnknownNamespace Hint "An unknown namespace." "{e} is in a namespace that is not known here" "leave it, if it is meant for readers of your own"
    TakenPrefix Warning "Someone else's prefix." "the prefix {v} is known for another namespace" "choose another prefix"
    OddPrefix Hint "An unusual prefix." "the namespace of {v} usually has another prefix" "use the usual prefix: some readers look at nothing else"
    PrefixedCore Warning "A prefix on the format's own elements." "{e} has a prefix" "make the format's namespace the default one: some readers know the elements only without a prefix"
    ExtensionAttribute Warning "A foreign attribute." "{e} has the attribute {v} of another namespace" "put it into an element of its own"
    // What may stand where, and how often.
    Version Error "An unknown version." "the version {v} of {e} is none" "write <rss version=\"2.0\">"
    OldVersion Warning "A version of old." "the version {v} is out of date" "write version=\"2.0\""
    UnknownElement Error "An element out of place." "{e} is no element that {p} may have" "remove it, spell it as the specification does (case counts), or give it a namespace of its own"
    Blink Error "An element that never was." "{e} was dropped from the specification" "remove it"
    When Error "A date of another element." "{e} takes its date in an attribute of the link" "remove the element and write thr:updated on the link"
    UnknownAttribute Error "An attribute out of place." "{e} has the attribute {v}, which it may not have" "remove it, or spell it as the specification does (case counts)"
    MissingAttribute Error "A missing attribute." "{e} has no attribute {v}" "add it"
    WishedAttribute Warning "A recommended attribute is missing." "{e} has no attribute {v}" "add it: readers use it"
    NoHref Error "A link to nowhere." "{e} has no address" "add href=\"…\" with the full address"
    Repeated Error "An element too often." "{p} has more than one {e}" "keep one of them"
    TooMany Error "An element far too often." "{p} has more of {e} than may be" "keep at most ten pictures and ten labels"
    Missing Error "A missing element." "{p} has no {e}" "add it"
    MissingTitle Error "No title." "{p} has no {e}" "add a title; it may be short"
    MissingLink Error "No link." "{p} has no {e}" "add the address of the site's page"
    MissingDescription Error "No description." "{p} has no {e}" "add a description; it may be short"
    NeitherTitleNorText Error "An entry with neither title nor text." "{p} has neither a title nor a description" "add one of the two"
    NeitherTextNorLink Error "An entry with neither text nor link." "{e} has neither <content> nor a link to its page" "add <link rel=\"alternate\" href=\"…\"/> or the content"
    NoDiv Error "XHTML without its div." "{e} of type xhtml does not hold one <div> of XHTML" "put the markup into <div xmlns=\"http://www.w3.org/1999/xhtml\">…</div>"
    StrayText Error "Text between elements." "text stands directly in {e}, where only elements may: {v}" "remove it, or move it into an element"
    Blank Warning "A blank element." "{e} is empty" "fill it in or leave it out"
    BlankAttribute Warning "A blank attribute." "{e} is empty" "fill it in or leave it out"
    Padded Error "White space around a value." "{e} has white space around or in its value" "write the value without spaces and line breaks"
    TooLong Error "A text too long." "{e} is longer than it may be ({v})" "shorten it"
    LinkNotEmpty Warning "A link with contents." "{e} has contents, but should be empty" "write it as <link … />"
    // Values.
    BadValue Error "A value that is none of the known." "{e} has the value {v}, which is none of those it may have" "use one of the specification's values"
    BadInteger Error "Not a whole number." "{e} should be a whole number, not {v}" "write digits only"
    BadPositive Error "Not a positive number." "{e} should be a whole number above zero, not {v}" "write digits only, and no zero"
    BadCount Error "Not a number from zero." "{e} should be a whole number from zero, not {v}" "write digits only; 0 if it is unknown"
    BadIntegerAttribute Error "Not a whole number of bytes." "{e} should be a whole number from zero, not {v}" "write digits only; 0 if it is unknown"
    TooLarge Error "A number too large." "{e} is too large: {v}" "keep it below 2147483648"
    BadFloat Error "Not a number." "{e} should be a number, not {v}" "write digits and a point"
    BadList Error "Not a list of numbers." "{e} should be numbers with commas, not {v}" "write digits and commas"
    BadLatitude Error "Not a latitude." "{e} should be a number from -90 to 90, not {v}" "write decimal degrees"
    BadLongitude Error "Not a longitude." "{e} should be a number from -180 to 180, not {v}" "write decimal degrees"
    BadKmlLatitude Error "Not a latitude." "{e} should be a number from -90 to 90, not {v}" "write decimal degrees"
    BadKmlLongitude Error "Not a longitude." "{e} should be a number from -180 to 180, not {v}" "write decimal degrees"
    BadAngle Error "Not an angle." "{e} should be a number from -360 to 360, not {v}" "write decimal degrees"
    BadCoordinates Error "Not coordinates." "{e} should be coordinates, not {v}" "write them as the specification shows"
    BadKmlCoordinates Error "Not coordinates of KML." "{e} should be longitude, latitude and perhaps altitude, not {v}" "write them like 121.47,31.23,0 with spaces between"
    CommaInCoordinates Warning "Commas in coordinates." "{e} separates its coordinates by commas: {v}" "separate them by spaces"
    BadWidth Error "A width out of range." "{e} should be from 1 to 144, not {v}" "give the width in pixels, at most 144"
    BadHeight Error "A height out of range." "{e} should be from 1 to 400, not {v}" "give the height in pixels, at most 400"
    BadHour Error "Not an hour." "{e} should be an hour from 0 to 23, not {v}" "write a whole number"
    BadDay Error "Not a day." "{e} should be a day of the week in English, not {v}" "write Monday, Tuesday, …"
    TooManyHours Error "Too many hours." "{e} has more than 24 hours" "name each hour once"
    TooManyDays Error "Too many days." "{e} has more than 7 days" "name each day once"
    HourOfMidnight Warning "Midnight as 24." "{e} names midnight 24" "write 0"
    BadMailDate Error "Not a date of RSS." "{e} is not a date as RSS wants it: {v}" "write it like Thu, 11 Jul 2024 10:00:00 +0800"
    OddMailDate Warning "A date that many misread." "{e} is a date that readers often misread: {v}" "write it like Thu, 11 Jul 2024 10:00:00 +0800, the year with four digits"
    BadIsoDate Error "Not a date of W3CDTF." "{e} is not a date as W3C writes it: {v}" "write it like 2024-07-11T10:00:00+08:00"
    BadInstant Error "Not a date of Atom." "{e} is not a date of RFC 3339: {v}" "write it like 2024-07-11T10:00:00+08:00; the zone (or Z) is required"
    BadDateTime Error "Not a date and time." "{e} is not a date and time: {v}" "write it like 2024-07-11T10:00:00"
    UnlikelyDate Warning "A date that cannot be." "{e} lies in the far past or in the future: {v}" "check the clock and the time zone of what writes the feed"
    CommentsWithoutDate Warning "A count of comments without a date." "{e} counts comments, but the channel does not say when" "add <lastBuildDate> to the channel"
    BadLink Error "Not an address." "{e} should be a full address, not {v}" "write it with http:// or https://, without spaces"
    RelativeLink Error "Not a full address." "{e} should be a full address, not {v}" "write it with http:// or https:// and the host"
    BadAddressCharacter Error "A character no address has." "{e} has a character that no address may have: {v}" "write it in percent-encoding: a space is %20"
    BadUrlAttribute Error "Not the address of a file." "{e} should be a full http address, not {v}" "write it with http:// or https:// and the host"
    NotUri Error "An address with letters beyond ASCII." "{e} has letters that RSS allows in no address: {v}" "write the host in punycode, and the rest in percent-encoding"
    UnknownScheme Warning "An unknown scheme." "the scheme of {e} is not registered: {v}" "use http, https, urn or tag"
    BadTagUri Error "Not a tag URI." "{e} is not a tag URI: {v}" "write it like tag:example.org,2024-07-11:post-1"
    BadUrn Error "Not a URN." "{e} is not a URN: {v}" "write it like urn:isbn:9780131103627"
    BadUuid Error "Not a UUID." "{e} is not a UUID: {v}" "write it like urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a"
    NotCanonical Warning "An address spelt unusually." "{e} is not in the usual spelling: {v}" "write scheme and host in small letters, without the default port: readers compare letter by letter"
    BadGuid Error "A guid that is no address." "{e} should be a full address, not {v}" "add isPermaLink=\"false\" to the guid, or make it the entry's address"
    BadPermalink Error "A guid that leads nowhere." "{e} is said to be a link, but {v} leads to no page" "add isPermaLink=\"false\""
    BadMediaType Error "Not a media type." "{e} should be a media type, not {v}" "write it like audio/mpeg"
    BadTextType Error "Not a type of text." "the type of {e} should be text, html or xhtml, not {v}" "write type=\"html\""
    BadFileType Error "Not a file's media type." "{e} should be a media type, not {v}" "write it like audio/mpeg"
    BadLanguage Error "Not a language." "{e} should be a language, not {v}" "write it like zh-CN or en"
    BadCountry Error "Not a country." "{e} should be a country's two letters, not {v}" "write it like CN"
    BadMail Error "Not a mail address alone." "{e} should be a mail address and nothing else, not {v}" "write it like name@example.org"
    BadContact Error "Not a mail address." "{e} should be a mail address, not {v}" "write it like name@example.org"
    OddContact Warning "A mail address in an unusual form." "{e} should be a mail address with the name in brackets, not {v}" "write it like name@example.org (Name)"
    NamelessContact Warning "A mail address without a name." "{e} has a mail address but no name: {v}" "write it like name@example.org (Name)"
    NoHost Warning "A mail address of no host." "{e} has a mail address whose host has no domain: {v}" "use an address that can be reached"
    BadBoolean Error "Neither true nor false." "{e} should be true or false, not {v}" "write true or false in small letters"
    BadTrueFalse Error "Neither true nor false." "{e} should be true or false, not {v}" "write true or false in small letters, without spaces"
    BadYesNo Error "Neither yes nor no." "{e} should be yes or no, not {v}" "write yes or no in small letters"
    BadYesClean Error "Neither yes, no nor clean." "{e} should be yes or no, not {v}" "write yes or no"
    BadUpdatePeriod Error "Not a period." "{e} should be hourly, daily, weekly, monthly or yearly, not {v}" "use one of those"
    BadZeroOne Error "Neither 0 nor 1." "{e} should be 0 or 1, not {v}" "write 0 or 1"
    BadColour Error "Not a colour." "{e} should be eight hexadecimal digits, not {v}" "write it like ff00ff00"
    BadDuration Error "Not a duration." "{e} should be a duration, not {v}" "write it like 1:02:03, or in seconds"
    BadTime Error "Not a time in a recording." "{e} should be a time in a recording, not {v}" "write it like 00:01:30.5"
    BadCharset Error "Not a charset." "{e} should be a charset, not {v}" "write it like UTF-8"
    BadName Error "Not a form's name." "{e} should be a name of a form's field, not {v}" "write letters, digits and -, beginning with a letter"
    BadOpmlVersion Error "An unknown version of OPML." "{e} is none of OPML's versions: {v}" "write version=\"2.0\""
    BadSyndication Error "An unknown right." "{e} should be open, limited, private or closed, not {v}" "use one of those"
    BadAdult Warning "Neither true nor false." "{e} should be true or false, not {v}" "write true or false"
    BadParameter Error "An unknown parameter." "the template has a parameter that OpenSearch does not know: {v}" "use one of the specification's, or give it a declared prefix"
    BadRole Error "An unknown role." "the role {v} of {e} is none of OpenSearch's" "use one of the specification's, or give it a declared prefix"
    ForeignPrefix Error "An undeclared prefix in a value." "{v} in {e} has a prefix that nothing declares" "declare its namespace on the root element"
    BadCreditRole Error "An unknown role." "the role {v} of {e} is not on the list" "write a role of the EBU's list in small letters"
    BadMetaName Error "Unknown instructions." "{e} should be robots, not {v}" "write name=\"robots\""
    BadMetaContent Error "Unknown instructions." "{e} should be words such as noindex, not {v}" "use index, noindex, follow, nofollow"
    BadSyncName Error "A name with signs." "{e} has signs that it may not have: {v}" "use letters, digits and - . _ :"
    BadId Error "Not an id." "{e} is no XML id: {v}" "begin it with a letter"
    BadRating Error "An unknown rating." "the rating {v} is none of its scheme" "use one of the scheme's"
    BadHash Error "Not a digest." "{e} is no digest of its kind: {v}" "write 32 hexadecimal digits for md5, 40 for sha-1"
    BadRestriction Error "An unknown restriction." "{e} should be all or none, not {v}" "write all or none, or give it a type"
    BadBase64 Error "Not base64." "{e} should be base64, and is not" "encode it, or declare what it is"
    BadEncodedUrl Error "Not percent-encoded." "{e} should be percent-encoded, not {v}" "write a space as +, other signs as %xx"
    BadRelation Warning "An unregistered relation." "{e} is {v}, which is no registered relation" "use a registered one, or a full address of your own"
    Deprecated Warning "An element of old." "{e} is out of use" "use what the current specification has in its place"
    // Markup in texts.
    HtmlInText Warning "HTML where plain text belongs." "{e} has HTML in it: {v}" "write plain text: readers may show the tags"
    UndeclaredHtml Warning "HTML that is not declared." "{e} has HTML in it, but is not declared as such: {v}" "add type=\"html\""
    AmbiguousText Warning "A text that is read in two ways." "{e} has signs that some readers take for HTML: {v}" "write & as &#x26; and < as &#x3C;"
    UnsafeMarkup Warning "Dangerous markup." "{e} has markup that readers remove: {v}" "leave scripts and embedded objects out of the feed"
    UnsafeAttribute Warning "A dangerous attribute." "{e} has an attribute that readers remove: {v}" "leave event handlers out of the feed"
    UnsafeStyle Warning "A style that can do harm." "{e} has a style that readers remove: {v}" "leave style attributes out of the feed"
    RelativeReference Warning "A relative address in a text." "{e} has an address that is not full: {v}" "write it with http:// or https:// and the host: readers do not know where the text came from"
    BadHtml Warning "HTML that is none." "{e} is said to be HTML, but is not: {v}" "use HTML's own elements, and close them"
    NotInline Warning "Escaped markup in XHTML." "{e} is said to hold markup, but the markup is escaped" "write type=\"html\", or put the elements in unescaped"
    NotEscaped Error "Markup that is not escaped." "{e} is said to hold escaped HTML, but holds elements" "escape the markup, or write type=\"xhtml\" with a <div>"
    WholePage Warning "A fragment as a page." "{e} is declared as a whole page ({v}), but is a part of one" "write type=\"html\" or type=\"xhtml\""
    XhtmlMisplaced Warning "XHTML in the wrong type." "{e} holds XHTML, but is not declared so" "write type=\"xhtml\""
    // The feed as a whole.
    SameLink Error "The same kind of link twice." "{p} has two links of rel={v} of the same type and language" "keep one of them"
    SameValue Error "The same value twice." "the value {v} of {e} stands there twice" "make each unique"
    SameStyle Error "The same id twice." "the id {v} stands there twice" "make each unique"
    SameEntry Warning "The same entry twice." "two entries have the id {v}" "give each entry an id of its own, and never change it"
    SameUpdated Warning "Entries with the same time." "several entries were updated at {v}" "let <updated> say when each was really changed"
    SameId Error "One id for all entries." "all entries have the same id, {v}" "give each entry an id of its own"
    SecondEnclosure Warning "A second enclosure." "{p} has more than one <enclosure>" "keep one: most readers take one only"
    SaidTwice Warning "The same thing said twice." "{p} has both {e} and {v}, which say the same" "keep one of the two"
    ItemSaidTwice Warning "The same thing said twice." "{p} has both {e} and {v}, which say the same" "keep one of the two"
    TextSaidTwice Warning "The text twice." "{p} has both <description> and {v}" "keep a summary in <description> only"
    ContentFirst Warning "The content before the summary." "{e} stands before or without <description>" "put a <description> with a summary before it"
    NoSelf Warning "No address of its own." "the feed does not say its own address" "add <link rel=\"self\" href=\"…\"/> (in RSS <atom:link …/>) with the address of the feed"
    SelfElsewhere Warning "Another address of its own." "the feed says its own address is {v}" "let rel=\"self\" be the address the feed is served at"
    SelfRelative Warning "A relative address of its own." "the feed's own address {v} is not a full one" "write it with http:// or https:// and the host"
    SelfNotAtom Warning "A feed of another kind as itself." "the feed's own address is said to be {v}" "write type=\"application/atom+xml\""
    NoGuid Warning "No guid." "{p} has no <guid>" "add one that never changes, so that readers know the entry again"
    NoTextualContent Warning "Nothing to read." "{e} has neither text nor summary" "add a <summary>"
    NoSummary Error "No summary." "{e} needs a <summary>, for its content is elsewhere or not text" "add a <summary>"
    NoType Warning "No type." "{e} has no attribute type" "say what is at the address: type=\"text/html\""
    NoSource Warning "An entry without its source." "{e} is alone but has no <source>" "add <source> with the feed it is from"
    ImageTitle Warning "An image's title of its own." "the image's title differs from the channel's" "use the channel's title"
    ImageLink Warning "An image's link of its own." "the image's link differs from the channel's" "use the channel's link"
    ImageFormat Warning "An image of another format." "{e} should be a GIF, JPEG or PNG: {v}" "use one of those"
    EarlyItems Warning "Items before the channel's elements." "{e} stands after the first item" "put the channel's own elements first"
    NoTextInput Warning "A text input." "{e} is used by hardly any reader" "leave it out"
    NoLanguage Hint "No language." "{p} has no language" "add <language> with a code such as zh-CN or en"
    NotUnique Warning "An address that many may have." "{e} is hardly unique: {v}" "use an address of your own that never changes"
    MailInText Warning "A mail address in a name." "{e} has a mail address in it: {v}" "use <email>"
    MisplacedMetadata Error "Metadata after the entries." "{e} stands after the first entry" "put the feed's own elements before the entries"
    SameDocument Warning "A link to the feed itself." "{e} leads to the feed itself" "write the full address of the page"
    CommentRss Warning "Spelt otherwise of old." "{e} is spelt {v} today" "use the current spelling"
    // Podcasts, media, history, threads.
    NoItunes Warning "A podcast's element is missing." "{p} has no {e}" "add it: podcast directories ask for it"
    NoItunesMail Warning "No mail address of the owner." "{p} has no {v}" "add it: podcast directories ask for it"
    OldItunesCategory Warning "A category of old." "the category {v} is out of use" "use one of the current list"
    BadItunesCategory Error "An unknown category." "the category {v} is none of Apple's list" "use one of the current list"
    ItunesFormat Warning "A file podcasts cannot play." "the enclosure {v} is of a format that podcasts cannot play" "use .mp3, .m4a, .mp4, .m4v, .mov, .pdf or .epub"
    Keywords Warning "Too many keywords." "{e} separates its words by spaces or has more than 12" "separate at most 12 words by commas"
    MediaNamespace Error "Media's namespace misspelt." "the namespace of Media RSS is spelt wrongly: {v}" "end it with a slash: http://search.yahoo.com/mrss/"
    AdultOfOld Warning "An element of old." "{e} is out of use" "use media:rating"
    LoneMedia Error "A group of one." "{e} groups fewer than two files" "leave the group out, or add the other files"
    FeedRelation Warning "A feed's relation on an entry." "the relation {v} belongs on the feed, not on an entry" "move the link to the feed"
    CompleteRelation Error "Paging in a whole feed." "the feed says it is complete, yet has a link of rel={v}" "remove the one or the other"
    CompleteElsewhere Error "A whole feed elsewhere." "the feed says it is complete, yet its current one is elsewhere" "let rel=\"current\" be its own address"
    PastEnd Error "A page past the end." "the feed is the last or first page, yet has a link of rel={v}" "remove it"
    NoCurrent Warning "An archive without its feed." "the archive has no link to the current feed" "add <link rel=\"current\" href=\"…\"/>"
    OpenArchive Warning "An archive without an end." "the archive's page has no link to its neighbour" "add <link rel=\"prev-archive\" href=\"…\"/>"
    NeitherByNorWhen Error "A history without author and time." "{e} has neither by nor when" "add at least one of them"
    SinceUntil Error "A range that runs backwards." "{e} begins after it ends: {v}" "let since be before until"
    CategoryAttributes Error "Attributes that exclude each other." "{e} has both href and {v}" "keep one of them"
    CategoryChildren Error "Contents that exclude each other." "{e} has both href and categories of its own" "keep one of them"
    Vocabulary Warning "Words from nowhere." "{e} names categories of no known scheme" "add a scheme"
    OutlineWithoutFeed Warning "A subscription to nothing." "{e} of type rss has no xmlUrl" "add xmlUrl=\"…\" with the feed's address"
    OutlineWithoutTitle Warning "A subscription without a title." "{e} of type rss has no title" "add title=\"…\""
    OutlineWithoutUrl Warning "A link to nothing." "{e} of type link has no url" "add url=\"…\""
    OutlineVersion Warning "An unknown version." "{e} has the version {v}, which is none" "write RSS, RSS1 or RSS2"
    OutlineType Warning "An unknown type." "{e} has the type {v}, which few programs know" "write rss, link or include"
    UnusualUse Warning "An element in an unusual place." "{e} stands in {p}, which few readers expect" "leave it out"
    NoExample Warning "No example." "{e} has no example query" "add <Query role=\"example\" …/>"
    UndefinedParameter Warning "An undefined parameter." "{e} has a parameter that the type does not define: {v}" "leave it out"
}
