//! Names of elements → what they are for.

use super::spaces::Space;

/// What an element is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Rss,
    Rdf,
    Feed,
    /// RSS's and CDF's channel.
    Channel,
    Entry,
    Title,
    /// A title of another vocabulary, which stands in where there is no title.
    OtherTitle,
    Link,
    Description,
    Summary,
    /// A summary of another vocabulary.
    OtherSummary,
    Subtitle,
    OtherSubtitle,
    Tagline,
    Info,
    Content,
    /// `content:encoded` and `fullitem`: HTML.
    Encoded,
    /// An XHTML body.
    Body,
    Guid,
    AtomId,
    Published,
    Updated,
    /// A channel's `lastBuildDate`.
    Built,
    OtherUpdated,
    Created,
    Expired,
    Validity,
    Author,
    OtherAuthor,
    Contributor,
    Publisher,
    Owner,
    Name,
    Email,
    Url,
    Category,
    ItunesCategory,
    MediaCategory,
    Keywords,
    Language,
    Rights,
    Generator,
    ErrorReportsTo,
    Image,
    ItunesImage,
    Logo,
    Icon,
    Size,
    TextInput,
    Cloud,
    Ttl,
    Docs,
    SkipHours,
    SkipDays,
    Skipped,
    Comments,
    Enclosure,
    Source,
    NewLocation,
    /// The page that a feed service's own link leads to.
    OriginalLink,
    License,
    /// `cc:License`, which has its URL in `rdf:about`.
    Flag,
    Explicit,
    MediaContent,
    MediaGroup,
    MediaThumbnail,
    MediaPlayer,
    MediaCredit,
    MediaRating,
    MediaRestriction,
    MediaLicense,
    MediaText,
    GeoPoint,
    GeoLine,
    GeoPolygon,
    GeoBox,
    GeoWhere,
    GmlShape,
    GmlPosition,
    Latitude,
    Longitude,
    Chapters,
    Chapter,
    InReplyTo,
    Collected,
    /// Markup inside of a text.
    Markup,
    /// Any other.
    Other,
}

/// What an element of that vocabulary and name (in lower case) is for.
pub(super) fn tag(space: Space, name: &str) -> Tag {
    match space {
        Space::Core => core(name),
        Space::Xhtml => match name {
            "body" => Tag::Body,
            _ => Tag::Markup,
        },
        Space::Svg | Space::MathMl => Tag::Markup,
        Space::Rdf => match name {
            "rdf" => Tag::Rdf,
            _ => Tag::Other,
        },
        Space::Dc | Space::DcTerms | Space::Prism => dublin(name),
        Space::Content => match name {
            "encoded" => Tag::Encoded,
            _ => Tag::Other,
        },
        Space::Itunes | Space::GooglePlay => podcast(name),
        Space::Media => media(name),
        Space::Georss | Space::Gml | Space::Geo => geo(name),
        Space::Cc => match name {
            "license" => Tag::License,
            _ => Tag::Other,
        },
        Space::Thr => match name {
            "in-reply-to" => Tag::InReplyTo,
            _ => Tag::Other,
        },
        Space::Psc => match name {
            "chapters" => Tag::Chapters,
            "chapter" => Tag::Chapter,
            _ => Tag::Other,
        },
        Space::Podcast => match name {
            "transcript" | "chapters" | "soundbite" | "person" | "value" | "location" | "funding" | "trailer" => {
                Tag::Collected
            }
            _ => Tag::Other,
        },
        Space::Admin => match name {
            "generatoragent" => Tag::Generator,
            "errorreportsto" => Tag::ErrorReportsTo,
            _ => Tag::Other,
        },
        Space::Feedburner => match name {
            "browserfriendly" => Tag::Info,
            "origlink" => Tag::OriginalLink,
            _ => Tag::Other,
        },
        Space::Slash | Space::Wfw | Space::Sy | Space::History | Space::Xml | Space::Other => Tag::Other,
    }
}

fn core(name: &str) -> Tag {
    match name {
        "rss" => Tag::Rss,
        "rdf" => Tag::Rdf,
        "feed" => Tag::Feed,
        "channel" => Tag::Channel,
        "item" | "entry" | "product" => Tag::Entry,
        "title" => Tag::Title,
        "link" => Tag::Link,
        "description" | "abstract" => Tag::Description,
        "summary" => Tag::Summary,
        "subtitle" => Tag::Subtitle,
        "tagline" => Tag::Tagline,
        "info" => Tag::Info,
        "content" | "prodlink" => Tag::Content,
        "fullitem" | "encoded" => Tag::Encoded,
        "body" => Tag::Body,
        "guid" => Tag::Guid,
        "id" => Tag::AtomId,
        "pubdate" | "published" | "issued" => Tag::Published,
        "updated" | "modified" => Tag::Updated,
        "lastbuilddate" => Tag::Built,
        "date" => Tag::OtherUpdated,
        "created" => Tag::Created,
        "expirationdate" => Tag::Expired,
        "author" | "managingeditor" => Tag::Author,
        "creator" => Tag::OtherAuthor,
        "contributor" => Tag::Contributor,
        "webmaster" | "publisher" => Tag::Publisher,
        "name" => Tag::Name,
        "email" => Tag::Email,
        "url" | "uri" | "href" | "homepage" => Tag::Url,
        "category" => Tag::Category,
        "tags" | "keywords" => Tag::Keywords,
        "language" => Tag::Language,
        "copyright" | "rights" => Tag::Rights,
        "generator" => Tag::Generator,
        "image" => Tag::Image,
        "logo" => Tag::Logo,
        "icon" => Tag::Icon,
        "width" | "height" => Tag::Size,
        "textinput" => Tag::TextInput,
        "cloud" => Tag::Cloud,
        "ttl" => Tag::Ttl,
        "docs" => Tag::Docs,
        "skiphours" => Tag::SkipHours,
        "skipdays" => Tag::SkipDays,
        "hour" | "day" => Tag::Skipped,
        "comments" => Tag::Comments,
        "enclosure" => Tag::Enclosure,
        "source" => Tag::Source,
        "newlocation" => Tag::NewLocation,
        "license" => Tag::License,
        _ => Tag::Other,
    }
}

fn dublin(name: &str) -> Tag {
    match name {
        "title" => Tag::OtherTitle,
        "description" => Tag::Description,
        "abstract" => Tag::OtherSummary,
        "creator" | "author" => Tag::OtherAuthor,
        "contributor" => Tag::Contributor,
        "publisher" => Tag::Publisher,
        "subject" => Tag::Category,
        "rights" => Tag::Rights,
        "language" => Tag::Language,
        "date" | "modified" => Tag::OtherUpdated,
        "issued" | "publicationdate" => Tag::Published,
        "created" => Tag::Created,
        "valid" => Tag::Validity,
        _ => Tag::Other,
    }
}

fn podcast(name: &str) -> Tag {
    match name {
        "title" => Tag::OtherTitle,
        "subtitle" => Tag::OtherSubtitle,
        "summary" | "description" => Tag::OtherSummary,
        "author" => Tag::OtherAuthor,
        "owner" => Tag::Owner,
        "name" => Tag::Name,
        "email" => Tag::Email,
        "category" => Tag::ItunesCategory,
        "keywords" => Tag::Keywords,
        "image" | "link" => Tag::ItunesImage,
        "block" => Tag::Flag,
        "explicit" => Tag::Explicit,
        "new-feed-url" => Tag::NewLocation,
        _ => Tag::Other,
    }
}

fn media(name: &str) -> Tag {
    match name {
        "title" => Tag::OtherTitle,
        "description" => Tag::OtherSummary,
        "category" => Tag::MediaCategory,
        "keywords" => Tag::Keywords,
        "content" => Tag::MediaContent,
        "group" => Tag::MediaGroup,
        "thumbnail" => Tag::MediaThumbnail,
        "player" => Tag::MediaPlayer,
        "credit" => Tag::MediaCredit,
        "rating" => Tag::MediaRating,
        "restriction" => Tag::MediaRestriction,
        "license" => Tag::MediaLicense,
        "text" | "copyright" => Tag::MediaText,
        _ => Tag::Other,
    }
}

fn geo(name: &str) -> Tag {
    match name {
        "point" => Tag::GeoPoint,
        "line" => Tag::GeoLine,
        "polygon" => Tag::GeoPolygon,
        "box" => Tag::GeoBox,
        "where" => Tag::GeoWhere,
        "linestring" | "linearring" | "exterior" => Tag::GmlShape,
        "pos" | "poslist" => Tag::GmlPosition,
        "lat" => Tag::Latitude,
        "long" | "lon" => Tag::Longitude,
        _ => Tag::Other,
    }
}

/// HTML's elements, sorted: what may stand inside of a text that was not escaped.
#[rustfmt::skip]
const HTML: &[&str] = &[
    "a", "abbr", "acronym", "address", "area", "article", "aside", "audio", "b", "big", "blockquote", "br", "button",
    "canvas", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dir", "div",
    "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "main", "map",
    "mark", "menu", "meter", "nav", "noscript", "object", "ol", "optgroup", "option", "p", "param", "picture", "pre",
    "progress", "q", "ruby", "s", "samp", "script", "section", "select", "small", "span", "strike", "strong", "style",
    "sub", "sup", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "time", "tr", "track", "tt", "u",
    "ul", "var", "video", "wbr",
];

/// Whether HTML has an element of that name, in any case.
pub(super) fn is_html(name: &str) -> bool {
    let mut lower = [0; 12];
    let Some(room) = lower.get_mut(..name.len()) else { return false };
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room).is_ok_and(|name| HTML.binary_search(&name).is_ok())
}
