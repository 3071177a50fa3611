//! What an element's name and attributes mean for reading: block or line, seen or not, its style, its URLs.

use crate::extract::render::body::{Mark, Style};
use scraper::node::Element;
use url::Url;

/// Elements that begin and end a line, by name.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Elements that show nothing to read, and those that the page itself hides.
pub(super) fn is_unseen(element: &Element) -> bool {
    let never = matches!(
        element.name(),
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "title"
            | "svg"
            | "canvas"
            | "object"
            | "embed"
            | "applet"
            | "button"
            | "select"
            | "textarea"
            | "datalist"
            | "input"
            | "map"
            | "rp"
            | "noframes"
            | "frameset"
            | "annotation"
            | "annotation-xml"
            | "dialog"
            | "xmp"
            | "plaintext"
    );
    never
        || element.attr("hidden").is_some()
        || element.attr("style").is_some_and(|style| has(style, "display", &["none"]))
}

/// The style inside an element.
pub(super) fn styled(style: Style, name: &str, element: &Element) -> Style {
    let style = match name {
        "strong" | "b" => style.with(Mark::Strong),
        "em" | "i" | "cite" | "dfn" | "var" => style.with(Mark::Em),
        "del" | "s" | "strike" => style.with(Mark::Del),
        "sup" => style.with(Mark::Sup),
        "sub" => style.with(Mark::Sub),
        "code" | "kbd" | "samp" | "tt" => style.with(Mark::Code),
        _ => style,
    };
    // Editors write emphasis as styles as often as elements; a block's own weight is layout.
    let Some(css) = element.attr("style").filter(|_| !is_block(name)) else { return style };
    if has(css, "font-weight", &["bold", "bolder", "600", "700", "800", "900"]) {
        style.with(Mark::Strong)
    } else if has(css, "font-weight", &["normal", "400", "300"]) {
        style.without(Mark::Strong)
    } else {
        style
    }
}

/// Whether a style attribute gives a property one of these values.
fn has(css: &str, property: &str, values: &[&str]) -> bool {
    css.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let value = value.trim().trim_end_matches("!important").trim_end();
        name.trim().eq_ignore_ascii_case(property) && values.iter().any(|wanted| value.eq_ignore_ascii_case(wanted))
    })
}

/// A link's target: http, https or mailto, absolute. A link within the page itself is none.
pub(super) fn link(href: &str, base: &Url) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = absolute(href, base)?;
    match url.scheme() {
        "http" | "https" => Some(url.into()),
        // The part behind `mailto:` is left as written by the URL standard; in Markdown it would end the link and begin a tag.
        "mailto" => Some(url.as_str().chars().map(harmless).collect()),
        _ => None,
    }
}

/// A character of a URL, percent-encoded where Markdown or HTML would take it for the URL's end.
fn harmless(letter: char) -> String {
    match letter {
        '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | '`' | '\\' | ' ' => format!("%{:02X}", u32::from(letter)),
        _ => letter.to_string(),
    }
}

fn absolute(href: &str, base: &Url) -> Option<Url> {
    // As long as a canonical URL may be (8 KiB).
    if href.len() > 8 << 10 {
        return None;
    }
    base.join(href).ok().filter(|url| url.as_str().len() <= 8 << 10)
}

/// A picture's URL: the source, or what a lazy page keeps beside it. Data URLs are placeholders or bulk: dropped.
pub(super) fn image_url(element: &Element, base: &Url) -> Option<String> {
    let plain = ["src", "data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-url"];
    let sized = ["srcset", "data-srcset"];
    let plain = plain.iter().filter_map(|name| element.attr(name)).map(str::trim).map(str::to_owned);
    let sized = sized.iter().filter_map(|name| element.attr(name)).filter_map(largest);
    let mut urls = plain.chain(sized).filter(|url| !url.is_empty()).filter_map(|url| absolute(&url, base));
    urls.find(|url| matches!(url.scheme(), "http" | "https")).map(String::from)
}

/// The last, which is by custom the largest, candidate of a `srcset`.
fn largest(srcset: &str) -> Option<String> {
    let size = |candidate: &str| {
        let size = candidate.split_whitespace().nth(1)?;
        size.get(..size.len() - 1)?.parse::<f32>().ok()
    };
    let candidates = srcset.split(", ").map(str::trim).filter(|candidate| !candidate.is_empty());
    let best = candidates.max_by(|a, b| size(a).unwrap_or(0.0).total_cmp(&size(b).unwrap_or(0.0)))?;
    best.split_whitespace().next().map(|url| url.trim_end_matches(',').to_owned())
}

/// A length in pixels, as an attribute writes it: `640`, `640px`.
pub(super) fn pixels(value: &str) -> Option<u32> {
    let value = value.trim().trim_end_matches("px");
    value.split('.').next()?.parse().ok().filter(|pixels| (1..=100_000).contains(pixels))
}

/// The language that a code block names in its class: `language-x`, `lang-x`, `brush: x`, or in `data-lang`.
pub(super) fn language(element: &Element) -> Option<String> {
    let named = element.attr("data-lang").or_else(|| element.attr("data-language"));
    let class = element.attr("class").unwrap_or_default();
    let mut classes = class.split_whitespace();
    let prefixed = classes.find_map(|name| name.strip_prefix("language-").or_else(|| name.strip_prefix("lang-")));
    let brush = class.split_once("brush:").map(|(_, rest)| rest.trim_start());
    let name = named.or(prefixed).or(brush)?;
    let name: String =
        name.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "+#-_.".contains(*letter)).collect();
    (!name.is_empty() && name.len() <= 32).then(|| name.to_ascii_lowercase())
}

/// Hosts whose frames are films.
pub(super) fn is_film(url: &str) -> bool {
    const HOSTS: &[&str] = &[
        "youtube.com",
        "youtube-nocookie.com",
        "player.vimeo.com",
        "player.bilibili.com",
        "v.qq.com",
        "player.youku.com",
    ];
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    HOSTS.iter().any(|film| host == *film || host.strip_suffix(film).is_some_and(|rest| rest.ends_with('.')))
}
