//! Schedule, frontier and the visit: the one place where fetch, extract and archive meet.

pub mod options;
pub mod schedule;
