//! The one writer: a thread that takes commits and marks from a bounded channel and makes them durable in groups.
//!
//! Order of a group (design §3): append to segments → `fdatasync` → index batch with the high-water marks → flush and sync the
//! index → acknowledge. A visit that cannot be appended is cut back
//! and refused; after a failed sync or index batch the writer acknowledges nothing more.

use crate::archive::apply::apply;
use crate::archive::error::ArchiveError;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::{Index, keys};
use crate::archive::judge::{Keep, judge};
use crate::archive::recover::HighWater;
use crate::archive::segments::scan::StoredVisit;
use crate::archive::segments::{Family, Locator, OpenSegments, record_id};
use crate::archive::warc::{self, Record};
use crate::archive::{Committed, State};
use crate::model::{Key, Visit, VisitRecord};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, OnceLock};

/// The most visits that share one sync: judgement; bounds how much one failure can take with it.
const GROUP: usize = 64;

/// What the writer is asked.
pub(crate) enum Ask {
    /// Keep a visit.
    Commit(Box<Visit>, SyncSender<Result<Committed, ArchiveError>>),
    /// Keep a state.
    Mark(Box<State>, SyncSender<Result<(), ArchiveError>>),
}

/// The writer's own things.
pub(crate) struct Writer {
    pub(crate) index: Arc<dyn Index>,
    pub(crate) segments: OpenSegments,
    pub(crate) archive_id: String,
    pub(crate) next_seq: u64,
    pub(crate) high_water: HighWater,
    /// Why nothing more is acknowledged, once that is so, and whether it is for want of room.
    pub(crate) stopped: Arc<OnceLock<(String, bool)>>,
}

impl Writer {
    /// Works until every sender is gone.
    pub(crate) fn run(mut self, asks: &Receiver<Ask>) {
        while let Ok(first) = asks.recv() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = asks.try_recv()
            {
                group.push(next);
            }
            match self.stopped.get() {
                Some((why, full)) => refuse(group, why, *full),
                None => {
                    if let Err(why) = self.group(group) {
                        // Set once only: a writer that has stopped does not come here again.
                        let _ = self.stopped.set(why);
                    }
                }
            }
        }
    }

    /// Makes one group durable and acknowledges it; an error means the writer has stopped.
    fn group(&mut self, group: Vec<Ask>) -> Result<(), (String, bool)> {
        let index = Arc::clone(&self.index);
        let mut ledger = Ledger::new(index.as_ref());
        let mut done: Vec<(Committed, SyncSender<_>)> = Vec::new();
        let mut marked = Vec::new();
        for ask in group {
            match ask {
                Ask::Mark(state, reply) => {
                    state.write(&mut ledger);
                    marked.push(reply);
                }
                Ask::Commit(visit, reply) => match self.append(&mut ledger, &visit) {
                    Ok(committed) => done.push((committed, reply)),
                    // Nothing of this visit was kept; the others of the group are not touched by it.
                    Err(error) => drop(reply.send(Err(error))),
                },
            }
        }
        match self.make_durable(ledger, !done.is_empty()) {
            Ok(()) => {
                // A caller that went away needs no answer.
                for (committed, reply) in done {
                    drop(reply.send(Ok(committed)));
                }
                for reply in marked {
                    drop(reply.send(Ok(())));
                }
                Ok(())
            }
            Err(error) => {
                let (why, full) = (error.to_string(), error.is_full());
                let stopped = || ArchiveError::Stopped { why: why.clone(), full };
                for (_, reply) in done {
                    drop(reply.send(Err(stopped())));
                }
                for reply in marked {
                    drop(reply.send(Err(stopped())));
                }
                Err((why, full))
            }
        }
    }

    /// Appends one visit to its segment and lays it over the index.
    fn append(&mut self, ledger: &mut Ledger<'_>, visit: &Visit) -> Result<Committed, ArchiveError> {
        let seq = self.next_seq;
        let (mut record, keep) = judge(ledger, visit, seq)?;
        let mut records = capture_records(&self.archive_id, seq, visit, &keep);
        record.records = records.iter().map(|record| record.id().to_owned()).collect();
        records.push(self.metadata(&record));
        let family = Family::of(visit.target.kind, record.final_url.as_ref().unwrap_or(&visit.target.url));
        let places = self.segments.append(family, &records, visit.at)?;
        let stored = stored_visit(record, &records, &places);
        apply(ledger, &stored)?;
        self.next_seq += 1;
        let StoredVisit { record, .. } = stored;
        let mut improved = Vec::new();
        for url in &record.sighted {
            improved.extend(ledger.get(&keys::frontier_of(Key::of_url(url).as_str()))?);
        }
        let VisitRecord { outcome, key, asked, follow, .. } = record;
        Ok(Committed { seq, outcome, key, asked, follow, improved })
    }

    fn metadata(&self, record: &VisitRecord) -> Record {
        let json = serde_json::to_vec(record).expect("a visit record is plain data with text keys");
        let id = record_id(&self.archive_id, record.seq, "metadata");
        let refers_to = record.records.last().map(String::as_str);
        warc::metadata(&id, record.at, record.target.url.as_str(), refers_to, json)
    }

    fn make_durable(&mut self, mut ledger: Ledger<'_>, has_visits: bool) -> Result<(), ArchiveError> {
        if !has_visits {
            // Marks alone are safely lost: the next group, or the engine's own flusher, carries them to disk.
            return self.index.commit(&ledger.into_writes());
        }
        self.segments.sync()?;
        self.high_water.segments.extend(self.segments.lengths());
        self.high_water.next_seq = self.next_seq;
        ledger.put(keys::meta("high_water"), &self.high_water);
        self.index.commit(&ledger.into_writes())?;
        self.index.flush()
    }
}

fn refuse(group: Vec<Ask>, why: &str, full: bool) {
    let stopped = || ArchiveError::Stopped { why: why.to_owned(), full };
    for ask in group {
        match ask {
            Ask::Commit(_, reply) => drop(reply.send(Err(stopped()))),
            Ask::Mark(_, reply) => drop(reply.send(Err(stopped()))),
        }
    }
}

/// The records that hold what the server said, in file order.
fn capture_records(archive_id: &str, seq: u64, visit: &Visit, keep: &Keep) -> Vec<Record> {
    let Some(capture) = &visit.capture else { return Vec::new() };
    let (request_id, response_id) = (record_id(archive_id, seq, "request"), record_id(archive_id, seq, "response"));
    let response = match keep {
        Keep::Response => warc::response(&response_id, capture),
        Keep::Revisit(held) => {
            let held = held.as_ref().map(|held| (held.record.as_str(), held.url.as_str(), held.at));
            warc::revisit(&response_id, capture, held)
        }
        Keep::Seen | Keep::Nothing => return Vec::new(),
    };
    vec![warc::request(&request_id, &response_id, capture), response]
}

fn stored_visit(record: VisitRecord, records: &[Record], places: &[Locator]) -> StoredVisit {
    let described = records.iter().zip(places);
    let mut others: Vec<_> =
        described.map(|(record, place)| (record.kind().to_owned(), record.id().to_owned(), *place)).collect();
    let (_, _, place) = others.pop().expect("a visit ends in its metadata record");
    StoredVisit { record, place, others, end: place.1 + u64::from(place.2) }
}
