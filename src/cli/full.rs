//! A disk without room, waited for: a daemon that ended with it would be started into the same again and again.

use crate::archive::ArchiveError;
use crate::cli::supervisor::Supervisor;
use crate::cli::{Context, Exit, open, signals, told};
use std::time::Duration;

/// The first wait, doubled each time (judgement: somebody may be making room right now).
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs a command again and again for as long as nothing but room on the disk is missing. What is said of that is said once.
///
/// # Errors
/// Whatever else the command fails by.
pub(super) fn outlast(
    context: &mut Context<'_>,
    mut command: impl FnMut(&mut Context<'_>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let mut wait = FIRST;
    loop {
        let next = match command(context) {
            Err(error) if is_full(&error) => {
                if wait == FIRST {
                    let _ = writeln!(context.err, "wangqi: {}", told(&error));
                    let _ = writeln!(context.err, "wangqi: going on as soon as there is room");
                }
                (wait * 2).min(LONGEST)
            }
            // Somebody looks at the archive just now, which nobody holds while we wait.
            Err(error) if wait > FIRST && is_locked(&error) => wait,
            done => return done,
        };
        // Each wait is shorter than any sensible watchdog's limit.
        Supervisor::of(&open::environment()).waits("the disk is full: going on as soon as there is room");
        if !sleep(wait) {
            return Ok(signals::exit());
        }
        wait = next;
    }
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
