//! Scheduled backups beside the crawl: on a thread of their own, so that the crawl never waits for one, and ended with the daemon.

use crate::archive::{Archive, Backup, State};
use crate::config::Config;
use crate::crawl::schedule::Schedule;
use crate::export::backup::{self, Made, Plan};
use crate::export::{Done, ExportError, Watch};
use crate::model::{Clock, Time};
use chrono_tz::Tz;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest sleep: the clock may be set in the middle of one.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Writes backups for as long as it lives.
pub(crate) struct Backups {
    ending: Arc<Ending>,
    thread: Option<JoinHandle<()>>,
}

/// Whether the daemon is ending, and who waits to hear of it.
#[derive(Default)]
struct Ending {
    is_ending: Mutex<bool>,
    heard: Condvar,
}

impl Ending {
    fn is_now(&self) -> bool {
        *self.is_ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps, and says whether the daemon is ending.
    fn sleep(&self, for_long: Duration) -> bool {
        let guard = self.is_ending.lock().unwrap_or_else(PoisonError::into_inner);
        let slept = self.heard.wait_timeout_while(guard, for_long, |is_ending| !*is_ending);
        *slept.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Backups {
    /// Begins, where crawl.toml gives a schedule.
    pub(crate) fn start(config: &Config, archive: &Arc<Archive>, clock: Clock) -> std::io::Result<Option<Self>> {
        let Some(schedule) = config.backup.schedule.clone() else { return Ok(None) };
        let plan = Plan { folder: config.backup.path.clone(), keep: config.backup.keep as usize };
        let keeper = Keeper { archive: Arc::clone(archive), plan, schedule, zone: config.crawl.timezone, clock };
        let ending = Arc::new(Ending::default());
        let told = Arc::clone(&ending);
        let thread = std::thread::Builder::new().name("backups".into()).spawn(move || keeper.run(&told))?;
        Ok(Some(Self { ending, thread: Some(thread) }))
    }
}

impl Drop for Backups {
    fn drop(&mut self) {
        *self.ending.is_ending.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ending.heard.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Keeper {
    archive: Arc<Archive>,
    plan: Plan,
    schedule: Schedule,
    zone: Tz,
    clock: Clock,
}

impl Keeper {
    fn run(&self, ending: &Ending) {
        let mut due = self.first_due();
        while let Some(at) = due {
            let left = (at - (self.clock)()).to_std().unwrap_or_default();
            if ending.sleep(left.min(LONGEST_SLEEP)) {
                return;
            }
            if left > LONGEST_SLEEP {
                continue;
            }
            let now = (self.clock)();
            if now < at {
                continue;
            }
            self.back_up(now, ending);
            due = self.schedule.next_after((self.clock)(), self.zone);
        }
        tracing::warn!("no backup will be due any more: the schedule {} is over", self.schedule);
    }

    /// When the first backup is due: at once where there is none yet, or one was missed while nothing ran.
    fn first_due(&self) -> Option<Time> {
        let now = (self.clock)();
        if let Err(error) = backup::make_folder(&self.archive.reader(), &self.plan) {
            // Not tried at once: it would be said a second time.
            let due = self.schedule.next_after(now, self.zone);
            let when = due.map_or_else(|| "never".to_owned(), |due| due.format("%Y-%m-%d %H:%M UTC").to_string());
            tracing::error!(%error, "no backup can be written; tried again at the next run ({when})");
            self.keep(Backup { at: now, file: None, bytes: 0, problem: Some(error.to_string()) });
            return due;
        }
        match backup::last(&self.archive.reader(), &self.plan, now) {
            Ok(Some(last)) => self.schedule.next_after(last, self.zone),
            // What is wrong with the folder is said when the backup is tried.
            Ok(None) | Err(_) => Some(now),
        }
    }

    fn back_up(&self, now: Time, ending: &Ending) {
        let reader = self.archive.reader();
        if reader.reach().is_ok_and(|reach| reach.segments.is_empty()) {
            tracing::info!("nothing is held yet, so there is nothing to back up");
            return;
        }
        let made = backup::make(&reader, &self.plan, now, &mut Told { ending });
        let backup = match &made {
            Err(ExportError::Stopped) if ending.is_now() => {
                tracing::info!("the backup that was being written is given up; the next start makes it anew");
                return;
            }
            Err(error) => Backup { at: now, file: None, bytes: 0, problem: Some(error.to_string()) },
            Ok(made) => Backup {
                at: now,
                file: Some(made.path.display().to_string()),
                bytes: made.bytes,
                problem: if made.damage.is_empty() { made.differs.clone() } else { Some(made.damage.join("; ")) },
            },
        };
        say(&made, &self.plan);
        self.keep(backup);
    }

    /// Notes how a backup went, for `stats`.
    fn keep(&self, backup: Backup) {
        if let Err(error) = self.archive.mark(State::Backup(backup)) {
            tracing::warn!(%error, "how the backup went could not be kept");
        }
    }
}

/// How a backup went, as log lines.
fn say(made: &Result<Made, ExportError>, plan: &Plan) {
    match made {
        Err(error) => {
            tracing::error!(%error, "no backup was written to {}; tried again at the next run", plan.folder.display());
        }
        Ok(made) => {
            let size = indicatif::HumanBytes(made.bytes);
            let Made { path, done, removed, .. } = made;
            let (path, articles) = (path.display(), done.articles);
            tracing::info!(articles, removed, "backup written: {path} ({size})");
            for damage in &made.damage {
                tracing::error!("the archive is damaged, so the good backups before this one stay: {damage}");
            }
            if let Some(differs) = &made.differs {
                tracing::warn!("{differs}");
            }
            for stuck in &made.stuck {
                tracing::warn!("an old backup stays: {stuck}");
            }
        }
    }
}

/// Ends a backup when the daemon ends.
struct Told<'a> {
    ending: &'a Ending,
}

impl Watch for Told<'_> {
    fn go_on(&mut self, _: Done) -> bool {
        !self.ending.is_now()
    }

    fn warn(&mut self, sentence: &str) {
        tracing::warn!("backup: {sentence}");
    }
}
