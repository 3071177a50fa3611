//! What programs that mutate things share: chance that can be had again, and what a piece of work costs its thread.

use std::fs;
use std::time::{Duration, Instant};

/// A small generator of numbers (splitmix64): the same seed, the same mutations.
pub(crate) struct Dice(u64);

impl Dice {
    /// For one mutation of a run.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number + 1))
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below the limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// How long this thread has worked: its own time where the system tells it, so that a busy machine makes nothing slow.
pub(crate) struct Stopwatch {
    worked: Option<u64>,
    since: Instant,
}

impl Stopwatch {
    /// From here on.
    pub(crate) fn start() -> Self {
        Self { worked: Self::nanoseconds(), since: Instant::now() }
    }

    /// How long since.
    pub(crate) fn worked(&self) -> Duration {
        let now = Self::nanoseconds();
        let own = self.worked.zip(now).map(|(then, now)| Duration::from_nanos(now.saturating_sub(then)));
        own.unwrap_or_else(|| self.since.elapsed())
    }

    fn nanoseconds() -> Option<u64> {
        fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
    }
}
