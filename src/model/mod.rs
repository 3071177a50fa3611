//! The words of the program, as values that cannot be wrong. No I/O, no clock, no async.
//!
//! What stands here is what the rooms above say to each other: a [`Target`] is fetched into a [`Capture`],
//! the capture is understood as an [`Extracted`], and a [`Visit`] enters the archive whole or not at all.

pub mod article;
pub mod caching;
pub mod capture;
pub mod digest;
pub mod duration;
pub mod entry;
pub mod feed;
pub mod key;
pub mod media;
pub mod record;
pub mod site;
pub mod state;
pub mod tarball;
pub mod target;
pub mod url;
pub mod validators;
pub mod visit;
mod wechat_url;

pub use article::{ArticleKind, Document, Extracted, Image, Link, Media, Original, PageStatus, Rel, WeChatFacts};
pub use capture::{Capture, Hop, MessageHead};
pub use digest::Digest;
pub use entry::{EntryNotes, EntryWindow, Facets, Identity, KnownEntry, Tally};
pub use feed::{
    FeedContent, FeedDocument, FeedEnclosure, FeedEntry, FeedImage, FeedInfo, FeedLink, FeedPerson, FeedTag, TextDetail,
};
pub use key::Key;
pub use record::VisitRecord;
pub use site::Site;
pub use state::{ArticleState, Change, ChangeKind, Sighting};
pub use target::{EntryHint, FeedName, Follow, Target, TargetKind};
pub use url::{CanonicalUrl, UrlError, bizuin_of};
pub use validators::Validators;
pub use visit::{Finding, FromEntry, Judgement, Outcome, Visit};

/// An instant, in UTC.
pub type Time = chrono::DateTime<chrono::Utc>;

/// Where `now` comes from: the wall clock, or a clock that a test or the demo sets on. Handed in, never reached for.
pub type Clock = std::sync::Arc<dyn Fn() -> Time + Send + Sync>;
