//! A body's plain, semantic markup → safe HTML, Markdown and text, all from one walk.
//!
//! ```text
//! fragment ─ guard ─ html5ever ─ read ─▶ Body (blocks of flat, styled runs) ─▶ html · markdown · text · images
//! ```
//!
//! Nothing of the page's own markup is copied: the writers emit only what `body` can say, so the HTML is safe by construction.
//! Runs are flat and carry their styles as flags: neighbours of equal style merge, and `**a****b**` cannot be written.

mod attributes;
mod body;
mod formula;
mod html;
mod inline;
mod markdown;
mod plain;
mod read;
mod relink;
mod runs;
mod spans;
mod tables;
mod unicode;

pub use relink::{Place, Relinked, Use, relink};

use crate::extract::guard;
use crate::model::Image;
use url::Url;

/// A body in the three forms people read, and its pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// Safe HTML: only known elements and attributes; no scripts, handlers, styles, frames or unknown schemes; links and pictures absolute.
    pub html: String,
    /// Markdown (CommonMark with tables) that reads back the same, Chinese emphasis included.
    pub markdown: String,
    /// Plain text, a line a block.
    pub text: String,
    /// The pictures in order, each URL once.
    pub images: Vec<Image>,
}

/// Renders a body. `fragment` is ordinary HTML whose site-specific elements have been turned into standard ones already
/// (`<img src alt width height>`, `<a href>`, `<span class="math">$…$</span>`, `<pre><code class="language-x">`, `<video src>`, `<audio src>`, `<figure>`).
/// It is guarded and sanitised here, whatever it holds. Links are resolved against `base`.
pub fn render(fragment: &str, base: &Url) -> Rendered {
    let tree = guard::parse_fragment(fragment);
    let body = read::read(&tree.html, base);
    Rendered {
        html: html::write(&body),
        markdown: markdown::write(&body),
        text: plain::write(&body),
        images: body.distinct_images(),
    }
}
