//! The crawl.toml that a first start writes: the shipped file, with nothing to watch yet.

/// The shipped crawl.toml.
const SHIPPED: &str = include_str!("../../crawl.toml");

/// The shipped crawl.toml with its example of a feed taken out of force: every option shown, everything as by default.
pub fn template() -> String {
    let from = SHIPPED.find("\n[[feed]]").map_or(SHIPPED.len(), |before| before + 1);
    let (head, feed) = SHIPPED.split_at(from);
    let mut text = head.to_owned();
    for line in feed.split_inclusive('\n') {
        let stands = !line.starts_with('#') && !line.trim().is_empty();
        text.push_str(if stands { "#" } else { "" });
        text.push_str(line);
    }
    text
}
