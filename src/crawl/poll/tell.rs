//! What the owner of a feed is told, in plain words.

use crate::model::CanonicalUrl;
use std::fmt;

/// What the owner of a feed is told, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// It moved for good, and is asked where it is now.
    Moved {
        /// Where to.
        to: CanonicalUrl,
    },
    /// It moved to where another feed is watched already.
    Same {
        /// Where to.
        to: CanonicalUrl,
    },
    /// It is no longer where it had moved to: its old URL is asked again.
    MovedBack {
        /// Its URL in crawl.toml.
        to: CanonicalUrl,
    },
    /// Its server said 410, for the first time.
    SaidGone,
    /// And again a day later.
    Gone,
    /// It has failed for so long that it is asked once a week.
    Dormant,
    /// A challenge stands before it.
    Blocked {
        /// Whose.
        whose: String,
    },
    /// A page came where a feed was.
    Page {
        /// The feeds that the page names.
        feeds: Vec<CanonicalUrl>,
    },
    /// It answers again.
    Back,
}

impl fmt::Display for Tell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { to } => {
                write!(out, "it moved for good and is polled there from now on; write url = \"{to}\" into its [[feed]]")
            }
            Self::Same { to } => write!(
                out,
                "it moved to {to}, which another [[feed]] watches already; take one of the two out of crawl.toml (what is archived stays)"
            ),
            Self::MovedBack { to } => write!(out, "it is no longer where it had moved to; {to} is polled again"),
            Self::SaidGone => out.write_str("its server says that it is gone (410); it is asked once more in a day"),
            Self::Gone => out.write_str(
                "its server says for the second time that it is gone (410): it is not polled any more; what is archived stays",
            ),
            Self::Dormant => out.write_str("it has failed for a month and more: it is polled once a week from now on"),
            Self::Blocked { whose } => write!(
                out,
                "a challenge of {whose} stands before it: it is left alone for a while; its owner could let feed readers through"
            ),
            Self::Page { feeds } if feeds.is_empty() => {
                out.write_str("a page came where a feed was, and it names no feed; look for the feed's new URL")
            }
            Self::Page { feeds } => {
                out.write_str("a page came where a feed was; it names ")?;
                for (index, feed) in feeds.iter().enumerate() {
                    out.write_str(if index == 0 { "" } else { " and " })?;
                    write!(out, "url = \"{feed}\"")?;
                }
                out.write_str(": write the right one into its [[feed]]")
            }
            Self::Back => out.write_str("it answers again"),
        }
    }
}
