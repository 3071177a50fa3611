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
use std::collections::{BTreeMap, HashSet};
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

/// Checks the whole archive behind this reader. Reads every byte; writes none.
///
/// # Errors
/// When the file system or the index fails; damage is no error but a line in the report.
pub fn verify(reader: &Reader) -> Result<Report, ArchiveError> {
    let mut report = Report::default();
    let mut visits: BTreeMap<u64, StoredVisit> = BTreeMap::new();
    let held = Rc::new(RefCell::new(Held::default()));
    for segment in segments::list(&reader.root().join("segments"))? {
        report.segments += 1;
        check_segment(&segment, &held, &mut visits, &mut report)?;
    }
    let held = held.take();
    report.records = held.records;
    report.payloads = held.payloads.len() as u64;
    report.visits = visits.len() as u64;
    for (digest, place) in &held.revisited {
        if !held.payloads.contains(digest) {
            report
                .problems
                .push(format!("the revisit at {}:{} refers to {digest}, which is not held", place.0, place.1));
        }
    }
    compare_index(reader, &visits, &mut report)?;
    Ok(report)
}

#[derive(Default)]
struct Held {
    records: u64,
    payloads: HashSet<Digest>,
    revisited: Vec<(Digest, Locator)>,
}

fn check_segment(
    segment: &SegmentFile,
    held: &Rc<RefCell<Held>>,
    visits: &mut BTreeMap<u64, StoredVisit>,
    report: &mut Report,
) -> Result<(), ArchiveError> {
    let seen = Rc::clone(held);
    let check = move |record: &Record, place: Locator| check_record(&mut seen.borrow_mut(), record, place);
    let mut scan = Scan::new(segment, 0)?.with_check(Box::new(check));
    let mut last = 0;
    while let Some(step) = scan.step()? {
        match step {
            Step::Damage { from, to, why } => {
                report.problems.push(format!("segment {} from byte {from} to {to}: {why}", segment.name()));
            }
            Step::Visit(mut visit) => {
                let seq = visit.record.seq;
                if seq <= last {
                    report.problems.push(format!("segment {}: visit {seq} stands behind visit {last}", segment.name()));
                }
                last = seq;
                // Documents are not needed to compare the index's digests of them, but rows are made from them.
                visit.others.shrink_to_fit();
                if visits.insert(seq, *visit).is_some() {
                    report.problems.push(format!("segment {}: visit {seq} stands twice", segment.name()));
                }
            }
        }
    }
    Ok(())
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

/// Makes the index anew in memory and compares every derived row.
fn compare_index(
    reader: &Reader,
    visits: &BTreeMap<u64, StoredVisit>,
    report: &mut Report,
) -> Result<(), ArchiveError> {
    let fresh = MemoryIndex::default();
    for visit in visits.values() {
        let mut ledger = Ledger::new(&fresh);
        apply(&mut ledger, visit)?;
        fresh.commit(&ledger.into_writes())?;
    }
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
