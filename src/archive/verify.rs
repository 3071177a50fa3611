//! `verify`: every frame, every digest, every visit, and the index against what the segments say.

use crate::archive::apply::apply;
use crate::archive::error::ArchiveError;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::memory::MemoryIndex;
use crate::archive::index::{Index, keys};
use crate::archive::reader::Reader;
use crate::archive::segments::scan::{Scan, Step, StoredVisit};
use crate::archive::segments::{self, Locator, SegmentFile};
use crate::archive::warc::Record;
use crate::model::Digest;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments read.
    pub segments: u64,
    /// Records read.
    pub records: u64,
    /// Whole visits found.
    pub visits: u64,
    /// Payloads whose digest was computed and compared.
    pub payloads: u64,
    /// Everything that is wrong, one sentence each; empty means clean.
    pub problems: Vec<String>,
}

/// Checks the whole archive behind this reader. Reads every byte; writes none. Visits are walked in the order of their numbers, as
/// a rebuild walks them: one of each segment is held at a time, and the index that they make.
///
/// # Errors
/// When the file system or the index fails; damage is no error but a line in the report.
pub fn verify(reader: &Reader) -> Result<Report, ArchiveError> {
    let mut report = Report::default();
    let held = Rc::new(RefCell::new(Held::default()));
    let mut walks = Vec::new();
    for segment in segments::list(&reader.root().join("segments"))? {
        report.segments += 1;
        let mut walk = Walk::new(segment, &held)?;
        walk.advance(&mut report)?;
        walk.scan.rest();
        walks.push(walk);
    }
    let fresh = MemoryIndex::default();
    let mut last = 0;
    while let Some(walk) = walks.iter_mut().filter(|walk| walk.next.is_some()).min_by_key(|walk| walk.seq()) {
        let Some(visit) = walk.next.take() else { break };
        let seq = visit.record.seq;
        if seq == last {
            report.problems.push(format!("segment {}: visit {seq} stands twice", walk.segment.name()));
        }
        last = seq;
        report.visits += 1;
        let mut ledger = Ledger::new(&fresh);
        apply(&mut ledger, &visit)?;
        fresh.commit(&ledger.into_writes())?;
        walk.advance(&mut report)?;
    }
    // The walks hold the other ends.
    drop(walks);
    let held = held.take();
    report.records = held.records;
    report.payloads = held.payloads.len() as u64;
    for (digest, place) in &held.revisited {
        if !held.payloads.contains(digest) {
            report
                .problems
                .push(format!("the revisit at {}:{} refers to {digest}, which is not held", place.0, place.1));
        }
    }
    compare_index(reader, &fresh, &mut report)?;
    Ok(report)
}

#[derive(Default)]
struct Held {
    records: u64,
    payloads: HashSet<Digest>,
    revisited: Vec<(Digest, Locator)>,
}

/// One segment's walk, with the visit it stands before.
struct Walk {
    scan: Scan,
    segment: SegmentFile,
    last: u64,
    next: Option<StoredVisit>,
}

impl Walk {
    fn new(segment: SegmentFile, held: &Rc<RefCell<Held>>) -> Result<Self, ArchiveError> {
        let seen = Rc::clone(held);
        let check = move |record: &Record, place: Locator| check_record(&mut seen.borrow_mut(), record, place);
        let scan = Scan::new(&segment, 0)?.with_check(Box::new(check));
        Ok(Self { scan, segment, last: 0, next: None })
    }

    fn seq(&self) -> u64 {
        self.next.as_ref().map_or(u64::MAX, |visit| visit.record.seq)
    }

    /// Goes to the next whole visit, reporting what is wrong on the way.
    fn advance(&mut self, report: &mut Report) -> Result<(), ArchiveError> {
        let name = self.segment.name();
        while let Some(step) = self.scan.step()? {
            match step {
                Step::Damage { from, to, why } => {
                    report.problems.push(format!("segment {name} from byte {from} to {to}: {why}"));
                }
                Step::Visit(visit) => {
                    let seq = visit.record.seq;
                    if seq <= self.last {
                        report.problems.push(format!("segment {name}: visit {seq} stands behind visit {}", self.last));
                    }
                    self.last = seq;
                    self.next = Some(*visit);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn check_record(held: &mut Held, record: &Record, place: Locator) -> Result<(), String> {
    held.records += 1;
    let Some(stated) = record.payload_digest() else { return Ok(()) };
    match record.kind() {
        "response" => {
            let found = Digest::of(record.payload());
            if found != stated {
                return Err(format!("a payload has {found} where its record says {stated}"));
            }
            held.payloads.insert(found);
        }
        "revisit" => held.revisited.push((stated, place)),
        _ => {}
    }
    Ok(())
}

/// Compares every derived row with the index that the visits have made in memory.
fn compare_index(reader: &Reader, fresh: &MemoryIndex, report: &mut Report) -> Result<(), ArchiveError> {
    let mut differing = 0;
    for space in keys::DERIVED {
        let mut expected = fresh.scan(&[*space], None).peekable();
        let mut found = reader.index().scan(&[*space], None).peekable();
        loop {
            let order = match (expected.peek(), found.peek()) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(Ok((left, _))), Some(Ok((right, _)))) => left.cmp(right),
                _ => std::cmp::Ordering::Equal,
            };
            let left = if order.is_le() { expected.next().transpose()? } else { None };
            let right = if order.is_ge() { found.next().transpose()? } else { None };
            differing += u64::from(left != right);
        }
    }
    if differing > 0 {
        report
            .problems
            .push(format!("the index differs from the segments in {differing} rows; `wangqi reindex` makes it anew"));
    }
    Ok(())
}
