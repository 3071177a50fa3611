//! A snippet for each kind of problem, and feeds without any.

use wangqi::extract::feed::doctor::Code;

/// Namespaces that the snippets use.
const SPACES: &str = "xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
    xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:geo=\"http://www.w3.org/2003/01/geo/wgs84_pos#\" \
    xmlns:georss=\"http://www.georss.org/georss\" xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\" \
    xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\" xmlns:sx=\"http://feedsync.org/2007/feedsync\" \
    xmlns:thr=\"http://purl.org/syndication/thread/1.0\" xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\" \
    xmlns:g=\"http://base.google.com/ns/1.0\" xmlns:fh=\"http://purl.org/syndication/history/1.0\" \
    xmlns:opensearch=\"http://a9.com/-/spec/opensearch/1.1/\" xmlns:app=\"http://www.w3.org/2007/app\" \
    xmlns:conversationsNetwork=\"http://conversationsnetwork.org/rssNamespace-1.0/\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"";

/// A sound feed of RSS with something more in its channel and its item.
pub(super) fn rss(channel: &str, item: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" {SPACES}>\n<channel>\n<title>渡口小报</title>\n\
         <link>https://ferry.example/</link>\n<description>每周一封</description>\n<language>zh-CN</language>\n\
         <atom:link rel=\"self\" href=\"https://ferry.example/feed.xml\" type=\"application/rss+xml\"/>\n{channel}\n\
         <item>\n<title>第一封</title>\n<link>https://ferry.example/1</link>\n\
         <guid isPermaLink=\"false\">ferry-letter-1</guid>\n{item}\n</item>\n</channel>\n</rss>\n"
    )
}

/// A sound feed of Atom with something more in it and in its entry.
pub(super) fn atom(feed: &str, entry: &str) -> String {
    entry_of(feed, &format!("<summary>一句话</summary>{entry}"))
}

/// The same without a summary.
fn entry_of(feed: &str, entry: &str) -> String {
    let spaces = SPACES.replacen("xmlns:atom", "xmlns", 1);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed {spaces}>\n<title>渡口小报</title>\n<id>tag:ferry.example,2024:feed</id>\n\
         <updated>2024-07-11T10:00:00+08:00</updated>\n<link rel=\"self\" href=\"https://ferry.example/atom.xml\"/>\n\
         <author><name>船工</name></author>\n{feed}\n<entry>\n<title>第一封</title>\n<id>tag:ferry.example,2024:1</id>\n\
         <updated>2024-07-11T10:00:00+08:00</updated>\n<link href=\"https://ferry.example/1\"/>\n{entry}\n</entry>\n</feed>\n"
    )
}

/// RSS 1.0, its items told before them.
pub(super) fn rdf() -> String {
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rdf:RDF xmlns=\"http://purl.org/rss/1.0/\" \
     xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<channel rdf:about=\"https://ferry.example/\"><title>渡口</title>\
     <link>https://ferry.example/</link><description>每周</description><items><rdf:Seq><rdf:li rdf:resource=\"https://ferry.example/1\"/>\
     </rdf:Seq></items></channel>\n<item rdf:about=\"https://ferry.example/1\"><title>一</title><link>https://ferry.example/1</link></item>\n</rdf:RDF>"
        .to_owned()
}

fn channel(text: &str) -> String {
    rss(text, "")
}

fn item(text: &str) -> String {
    rss("", text)
}

fn kml(text: &str) -> String {
    format!("<kml xmlns=\"http://earth.google.com/kml/2.1\"><Document>{text}</Document></kml>")
}

fn style(text: &str) -> String {
    kml(&format!("<Style><IconStyle>{text}</IconStyle></Style>"))
}

fn search(text: &str) -> String {
    format!(
        "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\"><ShortName>渡口</ShortName><Description>d</Description>\
         <Url type=\"text/html\" template=\"https://ferry.example/?q={{searchTerms}}\"/><Query role=\"example\" searchTerms=\"a\"/>{text}\
         </OpenSearchDescription>"
    )
}

fn opml(outline: &str) -> String {
    format!("<opml version=\"2.0\"><head><title>t</title></head><body>{outline}</body></opml>")
}

fn podcast(text: &str) -> String {
    channel(&format!("<itunes:category text=\"News\"/><itunes:explicit>false</itunes:explicit>{text}"))
        .replace("<guid", "<enclosure url=\"https://ferry.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"/><guid")
}

fn entry(text: &str) -> String {
    atom("", text)
}

fn feed(text: &str) -> String {
    atom(text, "")
}

/// A kind and a document that has it.
pub(super) fn cases() -> Vec<(Code, String)> {
    let own = |text: &str| text.to_owned();
    let mut cases = xml(own);
    cases.extend(structure(own));
    cases.extend(values());
    cases.extend(names());
    cases.extend(texts());
    cases.extend(wholes());
    cases.extend(extensions());
    cases
}

fn xml(own: fn(&str) -> String) -> Vec<(Code, String)> {
    let doctype = |version: &str, uri: &str| {
        item("").replacen("<rss version=\"2.0\"", &format!("<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \"{uri}\">\n<rss version=\"{version}\""), 1)
    };
    vec![
        (Code::NoRoot, own("")),
        (Code::TagMismatch, item("<author>a@b.example (c)</autor>")),
        (Code::NeverClosed, own("<rss version=\"2.0\"><channel><title>a")),
        (Code::BareAmpersand, item("<category>Q & A</category>")),
        (Code::BareLess, item("<category>a < b</category>")),
        (Code::UnknownEntity, item("<category>a&nbsp;b</category>")),
        (Code::BadReference, item("<category>a&#0;b</category>")),
        (Code::ControlCharacter, item("<category>a\u{8}b</category>")),
        (Code::BadTag, item("<category domain=x>a</category>")),
        (Code::RepeatedAttribute, item("<category domain=\"x\" domain=\"y\">a</category>")),
        (Code::UndeclaredPrefix, item("<foo:bar>a</foo:bar>")),
        (Code::BadComment, item("<!-- a -- b -->")),
        (Code::LateDeclaration, format!("\n{}", item(""))),
        (Code::StrayDeclaration, item("<!ELEMENT a>")),
        (Code::SecondRoot, format!("{}<rss/>", item(""))),
        (Code::TextOutside, format!("{}Warning: line 3", item(""))),
        (
            Code::OutsideEntity,
            item("").replacen("<rss", "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<rss", 1),
        ),
        (Code::BadDoctype, doctype("2.0", "http://my.netscape.com/publish/formats/rss-0.91.dtd")),
        (Code::OldDoctype, doctype("0.91", "http://my.netscape.com/publish/formats/rss-0.91.dtd")),
        (Code::XmlVersion, item("").replacen("version=\"1.0\"", "version=\"1.1\"", 1)),
        (Code::UnknownCharset, item("").replacen("utf-8", "x-fake", 1)),
        (Code::RareCharset, item("").replacen("utf-8", "utf-7", 1)),
        (Code::VendorCharset, item("").replacen("utf-8", "win-1252", 1)),
        (Code::NoCharset, item("").split_once('\n').unwrap().1.to_owned()),
        (Code::DisprovedCharset, item("").replacen("utf-8", "gb2312", 1)),
        (Code::NotUtf8, podcast("").replacen("utf-8", "iso-8859-1", 1)),
        (Code::WrongDecoding, item("<category>cafÃ©</category>")),
    ]
}

fn structure(own: fn(&str) -> String) -> Vec<(Code, String)> {
    vec![
        (Code::UnknownRoot, own("<feedback/>")),
        (Code::WebPage, own("<!DOCTYPE html><html><head><title>a</title></head><body><br></body></html>")),
        (Code::NoNamespace, own("<feed><title>a</title></feed>")),
        (Code::WrongNamespace, own("<feed xmlns=\"http://www.w3.org/2005/atom\"/>")),
        (Code::OldNamespace, own("<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"/>")),
        (Code::NearNamespace, item("").replace("purl.org/dc/elements/1.1/", "purl.org/dc/elements/1.1")),
        (
            Code::MovedNamespace,
            item("").replacen(
                "xmlns:g=\"http://base.google.com/ns/1.0\"",
                "xmlns:wiki=\"http://www.usemod.com/cgi-bin/mb.pl?ModWiki\"",
                1,
            ),
        ),
        (Code::UnknownNamespace, entry("<x:y xmlns:x=\"https://x.example/\"/>")),
        (Code::TakenPrefix, item("").replace("http://purl.org/dc/elements/1.1/", "https://dc.example/")),
        (Code::OddPrefix, item("").replace("xmlns:dc=", "xmlns:dublin=")),
        (Code::PrefixedCore, own("<atom:feed xmlns:atom=\"http://www.w3.org/2005/Atom\"/>")),
        (Code::ExtensionAttribute, item("").replace("<rss ", "<rss dc:x=\"y\" ")),
        (Code::Version, item("").replacen("version=\"2.0\"", "version=\"3.0\"", 1)),
        (Code::OldVersion, item("").replacen("version=\"2.0\"", "version=\"2.0.1\"", 1)),
        (Code::UnknownElement, item("<pubdate>x</pubdate>")),
        (Code::Blink, channel("<blink>x</blink>")),
        (Code::When, entry("<link rel=\"replies\" href=\"https://ferry.example/c\" thr:when=\"x\"/>")),
        (Code::UnknownAttribute, item("<category Domain=\"x\">a</category>")),
        (Code::MissingAttribute, item("<enclosure url=\"https://ferry.example/1.mp3\" type=\"audio/mpeg\"/>")),
        (
            Code::WishedAttribute,
            entry("<sx:sync id=\"a\" updates=\"1\"><sx:history sequence=\"1\" by=\"a\"/></sx:sync>"),
        ),
        (Code::NoHref, entry("<link rel=\"related\"/>")),
        (Code::Repeated, item("<title>noch einer</title>")),
        (Code::Missing, feed("").replacen("<id>tag:ferry.example,2024:feed</id>", "", 1)),
        (Code::MissingTitle, channel("").replacen("<title>渡口小报</title>", "", 1)),
        (Code::MissingLink, channel("").replacen("<link>https://ferry.example/</link>", "", 1)),
        (Code::MissingDescription, channel("").replacen("<description>每周一封</description>", "", 1)),
        (Code::NeitherTitleNorText, item("").replacen("<title>第一封</title>", "", 1)),
        (Code::NeitherTextNorLink, entry("").replacen("<link href=\"https://ferry.example/1\"/>", "", 1)),
        (Code::NoDiv, entry("<rights type=\"xhtml\">x</rights>")),
        (Code::StrayText, channel("text between")),
        (Code::Blank, item("<category/>")),
        (Code::BlankAttribute, entry("<link rel=\"related\" href=\"https://ferry.example/\" type=\"\"/>")),
        (Code::Padded, feed("<icon> https://ferry.example/i.png </icon>")),
        (Code::TooLong, item(&format!("<itunes:subtitle>{}</itunes:subtitle>", "长".repeat(256)))),
        (Code::LinkNotEmpty, entry("<link rel=\"related\" href=\"https://ferry.example/\">x</link>")),
        (Code::TooMany, item(&"<g:label>x</g:label>".repeat(11))),
        (Code::Deprecated, kml("<Placemark><View/></Placemark>")),
    ]
}

fn values() -> Vec<(Code, String)> {
    let image = |text: &str| {
        channel(&format!(
            "<image><url>https://ferry.example/i.png</url><title>渡口小报</title><link>https://ferry.example/</link>{text}</image>"
        ))
    };
    vec![
        (Code::BadValue, podcast("<itunes:type>random</itunes:type>")),
        (Code::BadInteger, item("<georss:floor>x</georss:floor>")),
        (Code::BadPositive, channel("<ttl>0</ttl>")),
        (Code::BadCount, item("<slash:comments>-1</slash:comments>")),
        (
            Code::BadIntegerAttribute,
            item("<enclosure url=\"https://ferry.example/1.mp3\" length=\"\" type=\"audio/mpeg\"/>"),
        ),
        (
            Code::TooLarge,
            entry("<sx:sync id=\"a\" updates=\"4294967296\"><sx:history sequence=\"1\" by=\"a\"/></sx:sync>"),
        ),
        (Code::BadFloat, item("<media:content url=\"https://ferry.example/1.mp3\" bitrate=\"much\"/>")),
        (Code::BadList, item("<slash:hit_parade>a,b</slash:hit_parade>")),
        (Code::BadLatitude, item("<geo:lat>91</geo:lat>")),
        (Code::BadLongitude, item("<geo:long>181</geo:long>")),
        (Code::BadKmlLatitude, kml("<Placemark><Point><coordinates>0,91</coordinates></Point></Placemark>")),
        (Code::BadKmlLongitude, kml("<Placemark><Point><coordinates>181,0</coordinates></Point></Placemark>")),
        (Code::BadAngle, kml("<LookAt><heading>north</heading></LookAt>")),
        (Code::BadCoordinates, item("<georss:point>here</georss:point>")),
        (Code::BadKmlCoordinates, kml("<Placemark><Point><coordinates>here</coordinates></Point></Placemark>")),
        (Code::CommaInCoordinates, item("<georss:point>45.1,-71.2</georss:point>")),
        (Code::ImageFormat, image("").replacen("i.png", "i.bmp", 1)),
        (Code::ImageTitle, image("").replacen("<title>渡口小报</title>", "<title>另一个</title>", 1)),
        (
            Code::ImageLink,
            image("").replacen(
                "<link>https://ferry.example/</link></image>",
                "<link>https://other.example/</link></image>",
                1,
            ),
        ),
        (Code::BadWidth, image("<width>145</width>")),
        (Code::BadHeight, image("<height>401</height>")),
        (Code::BadHour, channel("<skipHours><hour>25</hour></skipHours>")),
        (Code::BadDay, channel("<skipDays><day>Funday</day></skipDays>")),
        (Code::TooManyHours, channel(&format!("<skipHours>{}</skipHours>", "<hour>1</hour>".repeat(25)))),
        (Code::TooManyDays, channel(&format!("<skipDays>{}</skipDays>", "<day>Monday</day>".repeat(8)))),
        (Code::HourOfMidnight, channel("<skipHours><hour>24</hour></skipHours>")),
        (Code::BadMailDate, item("<pubDate>2024-07-11</pubDate>")),
        (Code::OddMailDate, item("<pubDate>11 Jul 24 10:00:00 +0800</pubDate>")),
        (Code::BadIsoDate, item("<dc:date>yesterday</dc:date>")),
        (Code::BadInstant, entry("<published>2024-07-11</published>")),
        (Code::BadDateTime, item("<conversationsNetwork:ratingTimestamp>now</conversationsNetwork:ratingTimestamp>")),
        (Code::UnlikelyDate, entry("<published>0001-01-01T00:00:00Z</published>")),
        (Code::CommentsWithoutDate, item("<slash:comments>3</slash:comments>")),
    ]
}

fn names() -> Vec<(Code, String)> {
    vec![
        (Code::BadLink, entry("<link rel=\"related\" href=\"http:///x\"/>")),
        (Code::RelativeLink, item("<comments>/comments</comments>")),
        (Code::BadAddressCharacter, entry("<link rel=\"related\" href=\"insert url here\"/>")),
        (Code::BadUrlAttribute, item("<enclosure url=\"1.mp3\" length=\"1\" type=\"audio/mpeg\"/>")),
        (Code::NotUri, item("<comments>https://渡口.example/</comments>")),
        (Code::UnknownScheme, item("<comments>javascript:void</comments>")),
        (Code::BadTagUri, feed("").replacen("tag:ferry.example,2024:feed", "tag:ferry.example,24:feed", 1)),
        (Code::BadUrn, feed("").replacen("tag:ferry.example,2024:feed", "urn:a.b:c", 1)),
        (Code::BadUuid, feed("").replacen("tag:ferry.example,2024:feed", "urn:uuid:1234", 1)),
        (Code::NotCanonical, feed("").replacen("tag:ferry.example,2024:feed", "HTTP://Ferry.example/", 1)),
        (Code::BadGuid, item("").replacen("<guid isPermaLink=\"false\">", "<guid>", 1)),
        (Code::BadPermalink, item("").replacen("<guid isPermaLink=\"false\">", "<guid>urn:x-y:", 1)),
        (Code::BadMediaType, entry("<link rel=\"related\" href=\"https://ferry.example/\" type=\"html\"/>")),
        (Code::BadTextType, feed("<rights type=\"application/pdf\">x</rights>")),
        (Code::BadFileType, item("<enclosure url=\"https://ferry.example/1.mp3\" length=\"1\" type=\"audio\"/>")),
        (Code::BadLanguage, channel("").replacen("zh-CN", "Chinese", 1)),
        (Code::BadMail, feed("<contributor><name>a</name><email>me at home</email></contributor>")),
        (Code::BadContact, item("<author>船工</author>")),
        (Code::OddContact, item("<author>Jo (jo@ferry.example)</author>")),
        (Code::NamelessContact, item("<author>jo@ferry.example</author>")),
        (Code::NoHost, item("<author>jo@ferry (Jo)</author>")),
        (Code::BadBoolean, item("").replacen("isPermaLink=\"false\"", "isPermaLink=\"no\"", 1)),
        (Code::BadTrueFalse, podcast("").replacen("<itunes:explicit>false", "<itunes:explicit>very", 1)),
        (Code::BadYesNo, entry("<app:control><app:draft>maybe</app:draft></app:control>")),
        (Code::BadYesClean, podcast("<itunes:block>perhaps</itunes:block>")),
        (Code::BadUpdatePeriod, channel("<sy:updatePeriod>often</sy:updatePeriod>")),
        (Code::BadZeroOne, kml("<Placemark><open>yes</open></Placemark>")),
        (Code::BadColour, style("<color>#ff0000</color>")),
        (Code::BadDuration, item("<itunes:duration>1:99</itunes:duration>")),
        (Code::BadTime, item("<media:thumbnail url=\"https://ferry.example/t.png\" time=\"-3\"/>")),
        (Code::BadCharset, search("<InputEncoding>Klingon</InputEncoding>")),
        (
            Code::BadName,
            channel(
                "<textInput><title>q</title><description>d</description><name>two words</name><link>https://ferry.example/</link></textInput>",
            ),
        ),
        (Code::BadOpmlVersion, opml("<outline text=\"a\"/>").replacen("2.0", "9", 1)),
        (Code::BadSyndication, search("<SyndicationRight>mine</SyndicationRight>")),
        (Code::BadAdult, search("<AdultContent>perhaps</AdultContent>")),
        (Code::BadParameter, search("<Url type=\"text/html\" template=\"https://ferry.example/?q={what}\"/>")),
        (Code::BadRole, search("<Query role=\"other\" searchTerms=\"a\"/>")),
        (Code::ForeignPrefix, search("<Query role=\"x:other\" searchTerms=\"a\"/>")),
        (Code::BadEncodedUrl, search("<Query role=\"request\" searchTerms='\"a\"'/>")),
        (Code::BadId, kml("<Style id=\"7\"/>")),
    ]
}

fn texts() -> Vec<(Code, String)> {
    let html = |text: &str| item(&format!("<description>{text}</description>"));
    let bare = |text: &str| entry_of("", text);
    vec![
        (Code::HtmlInText, item("<category>&lt;b&gt;a&lt;/b&gt;</category>")),
        (Code::UndeclaredHtml, entry("<rights>&lt;b&gt;a&lt;/b&gt;</rights>")),
        (Code::AmbiguousText, item("").replacen("第一封", "&amp;&lt;a", 1)),
        (Code::UnsafeMarkup, html("&lt;script&gt;x&lt;/script&gt;")),
        (Code::UnsafeAttribute, html("&lt;p onclick='x'&gt;x&lt;/p&gt;")),
        (Code::UnsafeStyle, html("&lt;p style='position:absolute'&gt;x&lt;/p&gt;")),
        (Code::RelativeReference, html("&lt;img src='/a.png'&gt;")),
        (Code::BadHtml, html("&lt;a href='x'")),
        (
            Code::NotInline,
            bare(
                "<summary type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">&lt;b&gt;a&lt;/b&gt;</div></summary>",
            ),
        ),
        (Code::NotEscaped, bare("<summary type=\"html\"><b>a</b></summary>")),
        (Code::WholePage, bare("<content type=\"text/html\">&lt;b&gt;a&lt;/b&gt;</content>")),
        (Code::XhtmlMisplaced, entry("<xhtml:p>a</xhtml:p>")),
        (Code::BadBase64, bare("<summary>s</summary><content type=\"image/png\">not base64!</content>")),
        (Code::MailInText, feed("<contributor><name>Jo &lt;jo@ferry.example&gt;</name></contributor>")),
        (Code::NotUnique, item("").replacen("ferry-letter-1", "1", 1)),
        (Code::BadRelation, entry("<link rel=\"sideways\" href=\"https://ferry.example/\"/>")),
    ]
}

fn wholes() -> Vec<(Code, String)> {
    let twice = |what: &str| {
        feed("").replacen("</feed>", &format!("<entry><title>二</title><id>{what}</id><updated>2024-07-11T10:00:00+08:00</updated><link href=\"https://ferry.example/2\"/><summary>s</summary></entry></feed>"), 1)
    };
    let three = twice("tag:ferry.example,2024:1").replacen("</feed>", "<entry><title>三</title><id>tag:ferry.example,2024:1</id><updated>2024-07-12T10:00:00+08:00</updated><link href=\"https://ferry.example/3\"/><summary>s</summary></entry></feed>", 1);
    let enclosure = "<enclosure url=\"https://ferry.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"/>";
    let page = |rel: &str, href: &str| format!("<link rel=\"{rel}\" href=\"https://ferry.example/{href}\"/>");
    vec![
        (Code::SameLink, entry("<link href=\"https://ferry.example/again\"/>")),
        (
            Code::SameValue,
            item("").replacen(
                "</channel>",
                "<item><title>二</title><guid isPermaLink=\"false\">ferry-letter-1</guid></item></channel>",
                1,
            ),
        ),
        (Code::SameStyle, kml("<Style id=\"a\"/><Style id=\"a\"/>")),
        (Code::SameEntry, twice("tag:ferry.example,2024:1")),
        (Code::SameUpdated, twice("tag:ferry.example,2024:2")),
        (Code::SameId, three),
        (Code::SecondEnclosure, item(&enclosure.repeat(2))),
        (Code::SaidTwice, channel("<copyright>c</copyright><dc:rights>c</dc:rights>")),
        (Code::ItemSaidTwice, item("<category>c</category><dc:subject>c</dc:subject>")),
        (Code::TextSaidTwice, item("<description>d</description><atom:content>d</atom:content>")),
        (Code::ContentFirst, item("<content:encoded>c</content:encoded>")),
        (Code::NoSelf, feed("").replacen("<link rel=\"self\" href=\"https://ferry.example/atom.xml\"/>", "", 1)),
        (Code::SelfRelative, feed("").replacen("https://ferry.example/atom.xml", "/atom.xml", 1)),
        (Code::SelfNotAtom, feed("").replacen("rel=\"self\"", "rel=\"self\" type=\"text/html\"", 1)),
        (Code::NoGuid, item("").replacen("<guid isPermaLink=\"false\">ferry-letter-1</guid>", "", 1)),
        (Code::NoTextualContent, entry_of("", "")),
        (Code::NoSummary, entry_of("", "<content type=\"application/pdf\" src=\"https://ferry.example/1.pdf\"/>")),
        (Code::NoType, entry("<content src=\"https://ferry.example/1.pdf\"/>")),
        (Code::NoSource, entry("<source><id>tag:ferry.example,2024:s</id><title>s</title></source>")),
        (Code::EarlyItems, item("").replacen("</channel>", "<generator>g</generator></channel>", 1)),
        (
            Code::NoTextInput,
            channel(
                "<textInput><title>q</title><description>d</description><name>q</name><link>https://ferry.example/</link></textInput>",
            ),
        ),
        (Code::NoLanguage, channel("").replacen("<language>zh-CN</language>", "", 1)),
        (Code::MisplacedMetadata, feed("").replacen("</feed>", "<generator>g</generator></feed>", 1)),
        (Code::SameDocument, entry("<link rel=\"related\" href=\"#top\"/>")),
        (Code::FeedRelation, entry(&page("next", "2"))),
        (Code::CompleteRelation, feed(&format!("<fh:complete/>{}", page("next", "2")))),
        (Code::CompleteElsewhere, feed(&format!("<fh:complete/>{}", page("current", "2")))),
        (Code::PastEnd, feed(&format!("{}{}", page("last", "atom.xml"), page("next", "2")))),
        (Code::NoCurrent, feed("<fh:archive/>")),
        (Code::OpenArchive, feed(&format!("<fh:archive/>{}", page("current", "now")))),
        (Code::Vocabulary, feed("<plain xmlns=\"\">x</plain>")),
    ]
}

fn extensions() -> Vec<(Code, String)> {
    let sync = |history: &str| entry(&format!("<sx:sync id=\"a\" updates=\"1\">{history}</sx:sync>"));
    vec![
        (Code::NoItunes, podcast("").replacen("<itunes:explicit>false</itunes:explicit>", "", 1)),
        (Code::NoItunesMail, podcast("")),
        (Code::OldItunesCategory, podcast("").replacen("\"News\"", "\"Travel\"", 1)),
        (Code::BadItunesCategory, podcast("").replacen("\"News\"", "\"Everything\"", 1)),
        (Code::ItunesFormat, item("<itunes:author>a</itunes:author><enclosure url=\"https://ferry.example/1.wmv\" length=\"1\" type=\"video/x-ms-wmv\"/>")),
        (Code::Keywords, item("<itunes:keywords>salt pepper shaker</itunes:keywords>")),
        (Code::MediaNamespace, item("").replace("yahoo.com/mrss/", "yahoo.com/mrss")),
        (Code::AdultOfOld, item("<media:adult>false</media:adult>")),
        (Code::LoneMedia, item("<media:group><media:content url=\"https://ferry.example/1.mp3\"/></media:group>")),
        (Code::BadCreditRole, item("<media:credit role=\"Diva\">a</media:credit>")),
        (Code::BadRating, item("<media:rating>meh</media:rating>")),
        (Code::BadHash, item("<media:hash>12</media:hash>")),
        (Code::BadRestriction, item("<media:restriction relationship=\"allow\">some</media:restriction>")),
        (Code::BadCountry, item("<media:restriction relationship=\"allow\" type=\"country\">XX</media:restriction>")),
        (Code::BadMetaName, channel("<xhtml:meta name=\"x\" content=\"noindex\"/>")),
        (Code::BadMetaContent, channel("<xhtml:meta name=\"robots\" content=\"x\"/>")),
        (Code::BadSyncName, entry("<sx:sync id=\"a b\" updates=\"1\"><sx:history sequence=\"1\" by=\"a\"/></sx:sync>")),
        (Code::NeitherByNorWhen, sync("<sx:history sequence=\"1\"/>")),
        (Code::SinceUntil, feed("<sx:sharing since=\"2005-05-23T18:30:02Z\" until=\"2005-02-13T18:30:02Z\"/>")),
        (Code::CommentRss, item("<wfw:commentRSS>https://ferry.example/c</wfw:commentRSS>")),
        (Code::CategoryAttributes, "<categories xmlns=\"http://www.w3.org/2007/app\" href=\"https://ferry.example/c\" fixed=\"yes\"/>".to_owned()),
        (Code::CategoryChildren, "<categories xmlns=\"http://www.w3.org/2007/app\" xmlns:atom=\"http://www.w3.org/2005/Atom\" href=\"https://ferry.example/c\"><atom:category term=\"a\"/></categories>".to_owned()),
        (Code::UnusualUse, entry("<app:collection href=\"https://ferry.example/c\"><title>c</title><id>tag:ferry.example,2024:c</id></app:collection>")),
        (Code::UndefinedParameter, entry("<app:collection href=\"https://ferry.example/c\"><title>c</title><app:accept>image/png;q=1</app:accept></app:collection>")),
        (Code::NoExample, search("").replacen("role=\"example\"", "role=\"request\"", 1)),
        (Code::OutlineWithoutFeed, opml("<outline type=\"rss\" text=\"a\" title=\"a\"/>")),
        (Code::OutlineWithoutTitle, opml("<outline type=\"rss\" text=\"a\" xmlUrl=\"https://ferry.example/feed.xml\"/>")),
        (Code::OutlineWithoutUrl, opml("<outline type=\"link\" text=\"a\"/>")),
        (Code::OutlineVersion, opml("<outline type=\"rss\" text=\"a\" title=\"a\" xmlUrl=\"https://ferry.example/feed.xml\" version=\"9\"/>")),
        (Code::OutlineType, opml("<outline type=\"odd\" text=\"a\"/>")),
    ]
}
