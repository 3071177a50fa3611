//! Answers that list an account's articles → what they list: an album's (no account needed), and the owner's own back-end's.
//!
//! The URLs to ask are made here too, because they and the answers are one protocol. What it must not do: fetch, or keep a token.

pub(super) mod album;
mod published;
mod said;

pub use album::{album, album_url};
pub use published::{published, published_url};

use crate::model::{CanonicalUrl, EntryHint, Link, Rel, Time};
use thiserror::Error;

/// One answer's worth of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The list's own title; an account's list has none.
    pub title: Option<String>,
    /// What the list says of itself.
    pub description: Option<String>,
    /// The account's name.
    pub account: Option<String>,
    /// The account's id (`gh_…`).
    pub account_id: Option<String>,
    /// How many there are in all: articles of an album, publications (each of one to eight articles) of an account.
    pub total: Option<u64>,
    /// What this answer lists, in its order.
    pub entries: Vec<Listed>,
    /// Where the next answer begins; `None` at the end of the list.
    pub next: Option<Cursor>,
}

/// One listed article.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Where it is; albums and the back-end give forms that WeChat answers (short, or long with `chksm`).
    pub url: CanonicalUrl,
    /// Its title on one line; a short text post's is its whole text.
    pub title: String,
    /// The account's name, where the list names it.
    pub account: Option<String>,
    /// When it was published.
    pub published: Option<Time>,
    /// Its author.
    pub author: Option<String>,
    /// Its summary.
    pub summary: Option<String>,
    /// Its cover picture.
    pub cover: Option<String>,
    /// The kind of page by number (0 article, 8 pictures, 10 text, …).
    pub item_show_type: Option<u32>,
    /// Whether the list says that it was deleted.
    pub is_deleted: bool,
    /// Message id and position, where the list tells them; a short link does not.
    pub position: Option<(u64, u32)>,
}

impl Listed {
    /// It as a link of a page.
    pub fn link(&self, rel: Rel) -> Link {
        Link { url: self.url.clone(), title: self.title.clone(), rel, account: self.account.clone() }
    }

    /// What the list said of it, for understanding its page later.
    pub fn hint(&self) -> EntryHint {
        EntryHint {
            entry: self.position.map(|(mid, idx)| format!("{mid}_{idx}")),
            title: Some(self.title.clone()).filter(|title| !title.is_empty()),
            author: self.author.clone(),
            published: self.published,
            ..EntryHint::default()
        }
    }
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// After this article: albums.
    After {
        /// Its message id.
        mid: u64,
        /// Its position in the message, from 1.
        idx: u32,
    },
    /// From this publication on, counted from 0: the back-end.
    From(u32),
}

/// Why an answer lists nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ListingError {
    /// The session has ended, or there was none.
    #[error("the list asks for a login: sign in to mp.weixin.qq.com again and renew token and cookie")]
    LoginNeeded,
    /// Too many questions, or the captcha: wait for hours, never ask again at once.
    #[error("the list is held back by WeChat's frequency control: leave it alone for some hours")]
    HeldBack,
    /// There is no such album or account.
    #[error("there is no such album or account: check the URL, or remove the feed")]
    Missing,
    /// Any other refusal.
    #[error("the list was refused: {said}")]
    Refused {
        /// WeChat's own number, where it gave one.
        code: Option<i64>,
        /// Its own words, on one line.
        said: String,
    },
    /// The answer is none that we know.
    #[error("the answer could not be read as a list: {why}")]
    Unreadable {
        /// What was wrong.
        why: String,
    },
}
