//! How many requests may be under way at once: a number that can be changed while some are.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets so many through at once.
pub(super) struct Gate {
    permits: Arc<Semaphore>,
    size: Mutex<Size>,
}

#[derive(Clone, Copy)]
struct Size {
    /// How many may be through.
    wanted: usize,
    /// How many permits are in the world beyond that: they are taken back as they come home.
    owed: usize,
}

impl Gate {
    /// A gate for so many, one at least.
    pub(super) fn new(size: usize) -> Self {
        let wanted = bounded(size);
        Self { permits: Arc::new(Semaphore::new(wanted)), size: Mutex::new(Size { wanted, owed: 0 }) }
    }

    /// Waits to be let through; whoever holds the permit is through.
    pub(super) async fn enter(&self) -> OwnedSemaphorePermit {
        loop {
            let permits = Arc::clone(&self.permits);
            let permit = permits.acquire_owned().await.expect("these semaphores are never closed");
            let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
            if size.owed == 0 {
                return permit;
            }
            size.owed -= 1;
            permit.forget();
        }
    }

    /// Lets so many through from now on. Those that are through already stay, and count.
    pub(super) fn resize(&self, to: usize) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, wanted) = (size.wanted + size.owed, bounded(to));
        size.wanted = wanted;
        size.owed = held.saturating_sub(wanted);
        self.permits.add_permits(wanted.saturating_sub(held));
        // What is at home is taken back at once, so that an idle gate owes nothing.
        size.owed -= self.permits.forget_permits(size.owed);
    }

    /// Whether nobody is through.
    pub(super) fn is_idle(&self) -> bool {
        let size = *self.size.lock().unwrap_or_else(PoisonError::into_inner);
        self.permits.available_permits() >= size.wanted + size.owed
    }
}

fn bounded(size: usize) -> usize {
    size.clamp(1, Semaphore::MAX_PERMITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Whether one more is let through now; it leaves at once.
    async fn is_open(gate: &Gate) -> bool {
        tokio::time::timeout(Duration::from_millis(1), gate.enter()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_grows_and_shrinks_while_some_are_through() {
        let gate = Gate::new(2);
        let (one, two) = (gate.enter().await, gate.enter().await);
        assert!(!is_open(&gate).await);
        gate.resize(3);
        let three = gate.enter().await;
        assert!(!is_open(&gate).await);
        gate.resize(1);
        drop(one);
        assert!(!is_open(&gate).await, "two are still through");
        drop(two);
        assert!(!is_open(&gate).await, "one is still through, and one may be");
        gate.resize(2);
        assert!(is_open(&gate).await);
        gate.resize(1);
        assert!(!is_open(&gate).await && !gate.is_idle());
        drop(three);
        assert!(is_open(&gate).await && gate.is_idle());
        let only = gate.enter().await;
        assert!(!is_open(&gate).await);
        drop(only);
    }
}
