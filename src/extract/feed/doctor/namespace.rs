//! The namespaces that feeds use: each URI's usual prefix, by which the tables name it.

/// An element's namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space<'a> {
    /// Of the table, by its usual prefix; empty for none.
    Known(&'static str),
    /// Some other.
    Other,
    /// A prefix that nothing declares.
    Undeclared(&'a str),
}

impl<'a> Space<'a> {
    /// In no namespace.
    pub(super) const NONE: Space<'static> = Space::Known("");

    /// A prefix that nothing declares.
    pub(super) fn undeclared(prefix: &'a str) -> Space<'a> {
        Space::Undeclared(prefix)
    }

    /// The usual prefix, where the namespace is of the table.
    pub(super) fn prefix(self) -> Option<&'static str> {
        match self {
            Space::Known(prefix) => Some(prefix),
            Space::Other | Space::Undeclared(_) => None,
        }
    }
}

/// The namespace that a URI names.
pub(super) fn space(uri: &str) -> Space<'static> {
    SPACES.iter().find(|(_, known)| *known == uri).map_or(Space::Other, |(prefix, _)| Space::Known(prefix))
}

/// The URI that a usual prefix stands for.
pub(super) fn uri(prefix: &str) -> Option<&'static str> {
    SPACES.iter().find(|(known, _)| *known == prefix && !prefix.is_empty()).map(|(_, uri)| *uri)
}

/// A known URI that is this one but for letters' case, the scheme, or a sign at its end: what was meant.
pub(super) fn meant(given: &str) -> Option<&'static str> {
    let bare = |uri: &str| {
        let uri = uri.to_ascii_lowercase();
        uri.replacen("https://", "http://", 1).trim_end_matches(['/', '#']).to_owned()
    };
    let given_bare = bare(given);
    let near = SPACES.iter().find(|(prefix, known)| !prefix.is_empty() && bare(known) == given_bare);
    near.map(|(_, uri)| *uri).filter(|uri| *uri != given)
}

/// Usual prefix and URI. Several URIs may share a prefix; an empty prefix means that it counts as RSS 2.0's none.
const SPACES: &[(&str, &str)] = &[
    ("", ""),
    ("", "http://backend.userland.com/rss2"),
    ("", "http://blogs.law.harvard.edu/tech/rss"),
    ("", "http://cyber.law.harvard.edu/rss/rss.html"),
    ("", "http://backend.userland.com/rss"),
    ("", "http://my.netscape.com/publish/formats/rss-0.91.dtd"),
    ("atom", "http://www.w3.org/2005/Atom"),
    ("atom03", "http://purl.org/atom/ns#"),
    ("atom03", "http://example.com/newformat#"),
    ("atom03", "http://purl.org/echo/ns#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("rss1", "http://purl.org/rss/1.0/"),
    ("rss09", "http://my.netscape.com/rdf/simple/0.9/"),
    ("rss11", "http://purl.org/net/rss1.1#"),
    ("xhtml", "http://www.w3.org/1999/xhtml"),
    ("xml", "http://www.w3.org/XML/1998/namespace"),
    ("svg", "http://www.w3.org/2000/svg"),
    ("math", "http://www.w3.org/1998/Math/MathML"),
    ("xlink", "http://www.w3.org/1999/xlink"),
    ("xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("access", "http://www.bloglines.com/about/specs/fac-1.0"),
    ("admin", "http://webns.net/mvcb/"),
    ("ag", "http://purl.org/rss/modules/aggregation/"),
    ("annotate", "http://purl.org/rss/1.0/modules/annotate/"),
    ("app", "http://www.w3.org/2007/app"),
    ("audio", "http://media.tangent.org/rss/1.0/"),
    ("blogChannel", "http://backend.userland.com/blogChannelModule"),
    ("cc", "http://web.resource.org/cc/"),
    ("cc", "http://creativecommons.org/ns#"),
    ("cf", "http://www.microsoft.com/schemas/rss/core/2005"),
    ("company", "http://purl.org/rss/1.0/modules/company"),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("conversationsNetwork", "http://conversationsnetwork.org/rssNamespace-1.0/"),
    ("cp", "http://my.theinfo.org/changed/1.0/rss/"),
    ("creativeCommons", "http://backend.userland.com/creativeCommonsRssModule"),
    ("creativeCommons", "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("email", "http://purl.org/rss/1.0/modules/email/"),
    ("ent", "http://www.purl.org/NET/ENT/1.0/"),
    ("ev", "http://purl.org/rss/1.0/modules/event/"),
    ("feedburner", "http://rssnamespace.org/feedburner/ext/1.0"),
    ("fh", "http://purl.org/syndication/history/1.0"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("g", "http://base.google.com/ns/1.0"),
    ("geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    ("geourl", "http://geourl.org/rss/module/"),
    ("georss", "http://www.georss.org/georss"),
    ("gml", "http://www.opengis.net/gml"),
    ("icbm", "http://postneo.com/icbm"),
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("itunes", "http://www.itunes.com/DTDs/Podcast-1.0.dtd"),
    ("kml20", "http://earth.google.com/kml/2.0"),
    ("kml", "http://earth.google.com/kml/2.1"),
    ("kml", "http://www.opengis.net/kml/2.2"),
    ("l", "http://purl.org/rss/1.0/modules/link/"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("openid", "http://openid.net/xmlns/1.0"),
    ("opensearch", "http://a9.com/-/spec/opensearch/1.1/"),
    ("opensearch10", "http://a9.com/-/spec/opensearchrss/1.0/"),
    ("payload", "http://purl.org/net/rss1.1/payload#"),
    ("podcast", "https://podcastindex.org/namespace/1.0"),
    ("prism", "http://prismstandard.org/namespaces/1.2/basic/"),
    ("psc", "http://podlove.org/simple-chapters"),
    ("ref", "http://purl.org/rss/1.0/modules/reference/"),
    ("reqv", "http://purl.org/rss/1.0/modules/richequiv/"),
    ("rss091", "http://purl.org/rss/1.0/modules/rss091#"),
    ("search", "http://purl.org/rss/1.0/modules/search/"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
    ("ss", "http://purl.org/rss/1.0/modules/servicestatus/"),
    ("str", "http://hacks.benhammersley.com/rss/streaming/"),
    ("sub", "http://purl.org/rss/1.0/modules/subscription/"),
    ("sx", "http://feedsync.org/2007/feedsync"),
    ("sx", "http://www.microsoft.com/schemas/rss/sse"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
    ("taxo", "http://purl.org/rss/1.0/modules/taxonomy/"),
    ("thr", "http://purl.org/syndication/thread/1.0"),
    ("thread", "http://purl.org/rss/1.0/modules/threading/"),
    ("trackback", "http://madskills.com/public/xml/rss/module/trackback/"),
    ("wfw", "http://wellformedweb.org/CommentAPI/"),
    ("wiki", "http://purl.org/rss/1.0/modules/wiki/"),
    ("xrds", "xri://$xrds"),
    ("xrd", "xri://$xrd*($v*2.0)"),
];
