//! A disk without room, waited for: a daemon that ended with it would be started into the same again and again.

use crate::archive::ArchiveError;
use crate::cli::supervisor::Supervisor;
use crate::cli::{Context, Exit, signals, told};
use crate::crawl::Pulse;
use std::time::{Duration, Instant};

/// The first wait, doubled each time (judgement: somebody may be making room right now).
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait: a quarter of the WatchdogSec that the shipped unit has. An attempt that lasted longer has worked (judgement).
const LONGEST: Duration = Duration::from_secs(30);

/// Tries again and again for as long as nothing but room on the disk is missing, and says so each time. The supervisor's watchdog is
/// fed meanwhile: to wait for room is what we are meant to do then.
///
/// # Errors
/// Whatever else an attempt fails by.
pub(super) fn outlast(
    context: &mut Context<'_>,
    supervisor: &Supervisor,
    mut attempt: impl FnMut(&mut Context<'_>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    // How long the last wait was, and what feeds the watchdog until the attempt after it has a pulse of its own.
    let mut waiting = None;
    loop {
        let begun = Instant::now();
        let done = attempt(context);
        let last = waiting.take().map(|(wait, _watchdog)| wait);
        let wait = match (&done, last) {
            (Err(error), _) if is_full(error) => {
                let _ = writeln!(context.err, "wangqi: {}", told(error));
                let _ = writeln!(context.err, "wangqi: going on as soon as there is room");
                after(last, begun.elapsed())
            }
            // Somebody looks at the archive just now, which nobody holds while we wait.
            (Err(error), Some(wait)) if is_locked(error) => wait,
            _ => return done,
        };
        let watchdog = supervisor.watch(Pulse::default());
        supervisor.waits("the disk is full: waiting for room");
        if !sleep(wait) {
            return Ok(signals::exit());
        }
        waiting = Some((wait, watchdog));
    }
}

/// The wait after an attempt that lasted so long, where the one before it was `last`.
fn after(last: Option<Duration>, lasted: Duration) -> Duration {
    last.filter(|_| lasted <= LONGEST).map_or(FIRST, |last| (last * 2).min(LONGEST))
}

fn is_full(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ArchiveError>().is_some_and(ArchiveError::is_full)
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ArchiveError::Locked { .. }))
}

/// Sleeps; false where it was asked to stop meanwhile, or cannot be.
fn sleep(wait: Duration) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.is_ok_and(|runtime| {
        runtime.block_on(async { tokio::time::timeout(wait, signals::asked_to_stop()).await.is_err() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_an_attempt_has_worked() {
        let mut waits = vec![after(None, Duration::ZERO)];
        for _ in 0..6 {
            waits.push(after(waits.last().copied(), Duration::from_secs(1)));
        }
        assert_eq!(waits.iter().map(Duration::as_secs).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(after(Some(LONGEST), LONGEST + FIRST), FIRST, "the next full disk is a new one");
        assert!(LONGEST < Pulse::LOST, "the watchdog is fed for as long as a wait lasts");
    }
}
