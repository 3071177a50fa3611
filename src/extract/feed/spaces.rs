//! The vocabularies of feeds, by namespace or, where that is wrong or missing, by the prefix that everybody uses.

/// The vocabularies that feeds are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version, Atom of any version, CDF, and elements without a namespace.
    Core,
    Xhtml,
    Svg,
    MathMl,
    Rdf,
    Dc,
    DcTerms,
    Content,
    Itunes,
    Media,
    Georss,
    Gml,
    Geo,
    Slash,
    Wfw,
    Sy,
    Thr,
    Cc,
    Psc,
    Podcast,
    Feedburner,
    Prism,
    Admin,
    GooglePlay,
    History,
    Xml,
    /// Any other: its prefix is its name.
    Other,
}

/// Each space with the name that stands before its elements' names, the prefixes it is known by, and its URIs, in lower case and
/// without a slash or number sign at the end.
const SPACES: &[(Space, &str, &[&str], &[&str])] = &[
    (
        Space::Core,
        "",
        &["", "rss", "atom", "atom10", "atom03", "a10", "r"],
        &[
            "",
            "http://www.w3.org/2005/atom",
            "https://www.w3.org/2005/atom",
            "http://purl.org/atom/ns",
            "http://purl.org/rss/1.0",
            "http://purl.org/rss/1.0/modules/rss091",
            "http://purl.org/net/rss1.1",
            "http://my.netscape.com/rdf/simple/0.9",
            "http://channel.netscape.com/rdf/simple/0.9",
            "http://my.netscape.com/publish/formats/rss-0.91.dtd",
            "http://backend.userland.com/rss",
            "http://backend.userland.com/rss2",
            "http://backend.userland.com/rss2.1",
            "http://blogs.law.harvard.edu/tech/rss",
            "http://cyber.law.harvard.edu/rss",
            "http://example.com/newformat",
            "http://example.com/necho",
            "http://purl.org/echo",
            "uri/of/echo/namespace",
            "http://purl.org/pie",
        ],
    ),
    (Space::Xhtml, "", &["xhtml", "xh", "html"], &["http://www.w3.org/1999/xhtml"]),
    (Space::Svg, "svg_", &["svg"], &["http://www.w3.org/2000/svg"]),
    (Space::MathMl, "mathml_", &["mathml", "math", "m"], &["http://www.w3.org/1998/math/mathml"]),
    (Space::Rdf, "rdf_", &["rdf"], &["http://www.w3.org/1999/02/22-rdf-syntax-ns"]),
    (Space::Dc, "dc_", &["dc"], &["http://purl.org/dc/elements/1.1", "http://purl.org/dc/elements/1.0"]),
    (Space::DcTerms, "dcterms_", &["dcterms", "dct"], &["http://purl.org/dc/terms"]),
    (Space::Content, "content_", &["content"], &["http://purl.org/rss/1.0/modules/content"]),
    (
        Space::Itunes,
        "itunes_",
        &["itunes"],
        &["http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd"],
    ),
    (
        Space::Media,
        "media_",
        &["media"],
        &["http://search.yahoo.com/mrss", "http://tools.search.yahoo.com/mrss", "http://www.rssboard.org/media-rss"],
    ),
    (Space::Georss, "georss_", &["georss"], &["http://www.georss.org/georss"]),
    (Space::Gml, "gml_", &["gml"], &["http://www.opengis.net/gml"]),
    (Space::Geo, "geo_", &["geo"], &["http://www.w3.org/2003/01/geo/wgs84_pos"]),
    (Space::Slash, "slash_", &["slash"], &["http://purl.org/rss/1.0/modules/slash"]),
    (Space::Wfw, "wfw_", &["wfw"], &["http://wellformedweb.org/commentapi"]),
    (Space::Sy, "sy_", &["sy", "syn"], &["http://purl.org/rss/1.0/modules/syndication"]),
    (Space::Thr, "thr_", &["thr"], &["http://purl.org/syndication/thread/1.0"]),
    (
        Space::Cc,
        "cc_",
        &["cc", "creativecommons"],
        &[
            "http://web.resource.org/cc",
            "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html",
            "http://backend.userland.com/creativecommonsrssmodule",
            "http://creativecommons.org/ns",
        ],
    ),
    (Space::Psc, "psc_", &["psc"], &["http://podlove.org/simple-chapters"]),
    (
        Space::Podcast,
        "podcast_",
        &["podcast"],
        &[
            "https://podcastindex.org/namespace/1.0",
            "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
        ],
    ),
    (Space::Feedburner, "feedburner_", &["feedburner"], &["http://rssnamespace.org/feedburner/ext/1.0"]),
    (Space::Prism, "prism_", &["prism"], &["http://prismstandard.org/namespaces/1.2/basic"]),
    (Space::Admin, "admin_", &["admin"], &["http://webns.net/mvcb"]),
    (Space::GooglePlay, "googleplay_", &["googleplay"], &["http://www.google.com/schemas/play-podcasts/1.0"]),
    (Space::History, "fh_", &["fh"], &["http://purl.org/syndication/history/1.0"]),
    (Space::Xml, "xml_", &["xml"], &["http://www.w3.org/xml/1998/namespace"]),
];

impl Space {
    /// The vocabulary with that URI.
    pub(super) fn of_uri(uri: &str) -> Option<Self> {
        let uri = uri.trim();
        // Simple chapters carry a version at their end.
        if uri.starts_with("http://podlove.org/simple-chapters") {
            return Some(Self::Psc);
        }
        let bare = uri.trim_end_matches(['/', '#']);
        SPACES.iter().find(|(_, _, _, uris)| uris.iter().any(|known| bare.eq_ignore_ascii_case(known))).map(|row| row.0)
    }

    /// The vocabulary that the prefix usually stands for.
    pub(super) fn of_prefix(prefix: &str) -> Option<Self> {
        let known =
            |row: &&(Self, &str, &[&str], &[&str])| row.2.iter().any(|known| prefix.eq_ignore_ascii_case(known));
        SPACES.iter().find(known).map(|row| row.0)
    }

    /// What stands before an element's name in feedparser's vocabulary; `None` where it is the prefix itself.
    pub(super) fn name(self) -> Option<&'static str> {
        SPACES.iter().find(|row| row.0 == self).map(|row| row.1)
    }
}

/// A name without and with its prefix.
pub(super) fn split(name: &str) -> (&str, &str) {
    match name.find(':') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    }
}
