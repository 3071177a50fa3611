//! What a poll brought → what is known of the feed now, when it is asked next, and what its owner is told. Pure.

use crate::crawl::poll::interval::CONFIRM;
use crate::crawl::poll::moved;
use crate::crawl::poll::state::{Condition, Poll};
use crate::crawl::poll::stated::Stated;
use crate::crawl::poll::tell::Tell;
use crate::crawl::schedule::Schedule;
use crate::model::{CanonicalUrl, Digest, Time, Validators};
use chrono_tz::Tz;

/// How a feed is to be asked now.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Where.
    pub url: CanonicalUrl,
    /// What to ask with; `None` for the whole feed.
    pub validators: Option<Validators>,
    /// The body that was read last: the same again is as good as a 304.
    pub body: Option<Digest>,
    /// Whether a feed was read there before.
    pub was_feed: bool,
    /// When.
    pub at: Time,
}

/// What a poll brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// When the request started.
    pub started: Time,
    /// The URL that was asked.
    pub asked: CanonicalUrl,
    /// Where the permanent redirects (301, 308) at the beginning of the way led, if there were any.
    pub permanent: Option<CanonicalUrl>,
    /// For how many seconds the answer is good, where its headers say so (`max-age`, or `Expires` less `Date`).
    pub fresh_for: Option<u64>,
    /// What the answer gave to ask with.
    pub validators: Option<Validators>,
    /// The answer itself.
    pub answer: Answer,
}

/// The answer to a poll.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A feed, or a page that is watched as one.
    Read {
        /// Its digest and size.
        body: (Digest, u64),
        /// What it states.
        stated: Stated,
        /// How many entries were seen for the first time; at the very first poll how many were published in the last two weeks.
        new: u32,
        /// Whether it is a feed.
        is_feed: bool,
    },
    /// 304.
    NotModified,
    /// 200, with the body that was held.
    Same,
    /// Its site asked for a rest (429, 503, or what is treated as that), until then.
    Rest {
        /// Until when.
        until: Time,
        /// The status by which it said so.
        status: u16,
    },
    /// A challenge; its site is left alone until then.
    Challenge {
        /// Until when.
        until: Time,
        /// Whose.
        whose: String,
    },
    /// A page where a feed was, with the feeds that it names.
    Page {
        /// What came, in a sentence.
        said: String,
        /// The feeds that the page names.
        feeds: Vec<CanonicalUrl>,
    },
    /// Another status, or nothing that can be read.
    Failed {
        /// The status.
        status: u16,
        /// What went wrong, in a sentence.
        said: String,
    },
    /// No answer.
    Unreached {
        /// Why, in a sentence.
        said: String,
    },
}

/// Under which terms a feed is polled.
pub struct Terms<'a> {
    /// The schedule that its owner gave, in its zone; `None` where the rules decide.
    pub owner: Option<(&'a Schedule, Tz)>,
    /// Whether the floors are lifted: its site is its owner's own test server.
    pub lifted: bool,
    /// Where the jitter comes from: any number, another for each poll.
    pub seed: u64,
    /// Whether another feed is watched at a URL.
    pub is_other: &'a dyn Fn(&CanonicalUrl) -> bool,
}

/// The feed after a poll, and what its owner is told of it.
pub fn step(before: &Poll, heard: &Heard, terms: &Terms<'_>) -> (Poll, Vec<Tell>) {
    let mut poll = before.clone();
    let mut tells = Vec::new();
    let now = heard.started;
    poll.checked_at = Some(now);
    match &heard.answer {
        Answer::Read { body, stated, new, is_feed } => {
            (poll.body, poll.size) = (Some(body.0), body.1);
            poll.stated = stated.clone();
            poll.was_feed |= is_feed;
            poll.count(*new, now);
            poll.unmodified_since = None;
            poll.validators.clone_from(&heard.validators);
            poll.fresh_for = heard.fresh_for;
            fine(&mut poll, heard, terms, &mut tells);
        }
        Answer::Same => {
            poll.unmodified_since = None;
            poll.validators.clone_from(&heard.validators);
            poll.fresh_for = heard.fresh_for;
            fine(&mut poll, heard, terms, &mut tells);
        }
        Answer::NotModified => {
            poll.unmodified_since.get_or_insert(now);
            updated(&mut poll, heard);
            fine(&mut poll, heard, terms, &mut tells);
        }
        Answer::Rest { until, status } => {
            poll.throttled |= *status == 429;
            poll.next_at = Some(poll.after_rest(*until, now, terms));
        }
        Answer::Challenge { until, whose } => {
            if !poll.blocked {
                tells.push(Tell::Blocked { whose: whose.clone() });
            }
            poll.blocked = true;
            poll.error = Some(format!("a challenge of {whose} stands before it"));
            poll.next_at = Some(poll.after_rest(*until, now, terms));
        }
        Answer::Page { said, feeds } => {
            // Once: not again before it has answered as it should.
            if poll.errors == 0 {
                tells.push(Tell::Page { feeds: feeds.clone() });
            }
            failed(&mut poll, heard, said, terms, &mut tells);
        }
        Answer::Failed { status: 404 | 410, .. } if moved::missing(&mut poll, &mut tells) => {
            poll.next_at = poll.after_answer(now, terms);
        }
        Answer::Failed { status: 410, said } => said_gone(&mut poll, heard, said, terms, &mut tells),
        Answer::Failed { said, .. } | Answer::Unreached { said } => {
            failed(&mut poll, heard, said, terms, &mut tells);
        }
    }
    poll.by = terms.owner.map(|(schedule, zone)| format!("{schedule} {zone}"));
    (poll, tells)
}

/// A 304 updates what it gives, and leaves the rest as it is (RFC 9111 §4.3.4).
fn updated(poll: &mut Poll, heard: &Heard) {
    if heard.fresh_for.is_some() {
        poll.fresh_for = heard.fresh_for;
    }
    let Some(given) = &heard.validators else { return };
    match &mut poll.validators {
        Some(held) if held.of == given.of => {
            if given.etag.is_some() {
                held.etag.clone_from(&given.etag);
            }
            if given.last_modified.is_some() {
                held.last_modified.clone_from(&given.last_modified);
            }
        }
        held => *held = Some(given.clone()),
    }
}

fn fine(poll: &mut Poll, heard: &Heard, terms: &Terms<'_>, tells: &mut Vec<Tell>) {
    let now = heard.started;
    if matches!(poll.condition(now), Condition::Dormant | Condition::Gone | Condition::Blocked) {
        tells.push(Tell::Back);
    }
    (poll.errors, poll.failing_since, poll.error) = (0, None, None);
    (poll.blocked, poll.gone, poll.gone_at) = (false, false, None);
    poll.last_ok = Some(now);
    moved::read(poll, heard, terms, tells);
    poll.next_at = poll.after_answer(now, terms);
}

fn failed(poll: &mut Poll, heard: &Heard, said: &str, terms: &Terms<'_>, tells: &mut Vec<Tell>) {
    let now = heard.started;
    let before = poll.condition(now);
    poll.errors = poll.errors.saturating_add(1);
    poll.failing_since.get_or_insert(now);
    poll.error = Some(said.to_owned());
    poll.blocked = false;
    moved::failed(poll, heard, tells);
    poll.next_at = poll.after_failure(now, terms);
    if poll.condition(now) == Condition::Dormant && before != Condition::Dormant {
        tells.push(Tell::Dormant);
    }
}

/// 410: asked once more after a day, and not again.
fn said_gone(poll: &mut Poll, heard: &Heard, said: &str, terms: &Terms<'_>, tells: &mut Vec<Tell>) {
    let now = heard.started;
    moved::failed(poll, heard, tells);
    let first = *poll.gone_at.get_or_insert(now);
    poll.error = Some(said.to_owned());
    poll.failing_since.get_or_insert(now);
    if now - first >= CONFIRM {
        if !poll.gone {
            tells.push(Tell::Gone);
        }
        (poll.gone, poll.next_at) = (true, None);
    } else {
        if first == now {
            tells.push(Tell::SaidGone);
        }
        // A little more than a day, for everybody's feeds on one server do not go at the same moment.
        let spread = chrono::TimeDelta::seconds((terms.seed % 7200).cast_signed());
        poll.next_at = Some(first + CONFIRM + if terms.lifted { chrono::TimeDelta::zero() } else { spread });
    }
}
