//! When the crawler's loop last went round: by this others see that it is alive.

use crate::crawl::engine::SLICE;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pulse of one crawler. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    /// A loop that has not gone round for so long hangs: it goes round at least every thirty seconds, and three times that is more than
    /// a busy machine makes of it (judgement).
    pub const LOST: Duration = SLICE.saturating_mul(3);

    /// How long ago the loop last went round, by the monotonic clock; from the crawler's making where it has not yet.
    pub fn age(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Whether the loop goes round.
    pub fn is_felt(&self) -> bool {
        self.age() < Self::LOST
    }

    pub(crate) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}
