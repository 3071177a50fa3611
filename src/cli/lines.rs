//! Lines of JSON in, lines of JSON out, on all cores: what `extract --jsonl` and `parse-feed --jsonl` share.

use crate::cli::{Context, Exit};
use anyhow::{Context as _, bail};
use std::fs::File;
use std::io::{self, BufRead as _, Read};
use std::path::Path;
use std::sync::{Mutex, mpsc};

/// The most that one file may hold, unpacked: judgement; the largest real page seen has 4 MB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Answers every line of standard input with one line. Lines are taken and answers written one at a time, so memory stays small.
pub(super) fn answer_each(
    context: &mut Context<'_>,
    answer: impl Fn(&Path, &str) -> String + Sync,
) -> anyhow::Result<Exit> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let lines = Mutex::new(io::BufReader::new(io::stdin()).split(b'\n'));
    let (answers, receiver) = mpsc::sync_channel::<String>(2 * workers);
    let folder = context.folder.clone();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (answers, lines, folder, answer) = (answers.clone(), &lines, &folder, &answer);
            scope.spawn(move || {
                // The lock is held for one line only; a poisoned one means that another worker is gone.
                while let Some(Ok(line)) = lines.lock().ok().and_then(|mut lines| lines.next()) {
                    let line = String::from_utf8_lossy(&line);
                    if line.trim().is_empty() {
                        continue;
                    }
                    if answers.send(answer(folder, &line)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(answers);
        for line in receiver {
            writeln!(context.out, "{line}")?;
        }
        Ok(Exit::Ok)
    })
}

/// Reads a file, or standard input for `-`, unpacking `.gz`, and no more than 64 MB.
///
/// # Errors
/// When it cannot be opened or read, or is larger.
pub(super) fn read_file(folder: &Path, file: &str) -> anyhow::Result<Vec<u8>> {
    if file == "-" {
        return read_capped(io::stdin().lock(), "standard input");
    }
    let path = folder.join(file);
    let opened = File::open(&path).with_context(|| format!("could not open {}", path.display()))?;
    if path.extension().is_some_and(|ending| ending == "gz") {
        return read_capped(flate2::read::MultiGzDecoder::new(opened), file);
    }
    // Room for all of it, and for the read that finds its end: growing step by step copies megabytes.
    let expected = opened.metadata().map_or(0, |data| if data.is_file() { data.len().min(LARGEST) } else { 0 });
    read_capped_into(Vec::with_capacity(expected as usize + 32), opened, file)
}

fn read_capped(from: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    read_capped_into(Vec::new(), from, name)
}

fn read_capped_into(mut payload: Vec<u8>, from: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    from.take(LARGEST + 1).read_to_end(&mut payload).with_context(|| format!("could not read {name}"))?;
    if payload.len() as u64 > LARGEST {
        bail!("{name} holds more than {} MB: too large to be a page or a feed", LARGEST / 1024 / 1024);
    }
    Ok(payload)
}
