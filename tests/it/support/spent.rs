//! What a piece of work costs its thread: a busy machine makes it no dearer.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Begun at an instant, on the thread that asks.
pub(crate) struct Spent(Duration);

impl Spent {
    /// From here on.
    pub(crate) fn from_now() -> Self {
        Self(thread_time())
    }

    /// The processor time that this thread has used since.
    pub(crate) fn elapsed(&self) -> Duration {
        thread_time().saturating_sub(self.0)
    }
}

fn thread_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}
