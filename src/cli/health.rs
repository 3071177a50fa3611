//! Whether the holder of an archive is well, as it answers `wangqi healthcheck`.

use crate::archive::Reader;
use crate::crawl::Pulse;
use std::path::Path;
use std::time::Duration;

/// Less free space than this is a full disk: the largest page that is kept by default has 16 MiB.
const LEAST_FREE: u64 = 16 * 1024 * 1024;

/// What a holder's health is judged by.
pub(crate) struct Vitals<'a> {
    /// The holder's command: `run` or `crawl`.
    pub(crate) holder: &'a str,
    /// The archive's folder.
    pub(crate) root: &'a Path,
    /// How long ago the crawler's loop last went round.
    pub(crate) age: Duration,
    /// Why the archive's writer has stopped.
    pub(crate) stopped: Option<&'a str>,
    /// The bytes that may still be written; `None` where the file system does not say.
    pub(crate) free: Option<u64>,
}

impl<'a> Vitals<'a> {
    /// The vitals of this process.
    pub(crate) fn take(holder: &'a str, pulse: &Pulse, reader: &'a Reader) -> Self {
        let root = reader.root();
        Self { holder, root, age: pulse.age(), stopped: reader.stopped(), free: free_bytes(root) }
    }

    /// Says that all is well, and who says so.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and what its owner can do.
    pub(crate) fn judge(&self) -> Result<String, String> {
        let Self { holder, age, stopped, free, .. } = self;
        let root = self.root.display();
        if let Some(why) = stopped {
            return Err(format!("the archive {root} stopped writing: {why}; start wangqi again"));
        }
        if *age >= Pulse::LOST {
            let age = age.as_secs();
            return Err(format!("the loop of `wangqi {holder}` has not gone round for {age} s; start wangqi again"));
        }
        match free.map(|free| (free, free / 1024 / 1024)) {
            Some((free, megabytes)) if free < LEAST_FREE => Err(format!(
                "the disk that holds {root} is full ({megabytes} MB are free); make room, what is kept is safe"
            )),
            Some((_, megabytes)) => Ok(format!("`wangqi {holder}` holds {root}, {megabytes} MB are free")),
            None => Ok(format!("`wangqi {holder}` holds {root}")),
        }
    }
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let space = nix::sys::statvfs::statvfs(folder).ok()?;
    // A file system that counts no blocks at all (some network ones do not) is not full.
    (space.blocks() > 0).then(|| space.blocks_available().saturating_mul(space.fragment_size()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Vitals<'static> {
        let (age, free) = (Duration::from_secs(31), Some(5 << 30));
        Vitals { holder: "run", root: Path::new("/archive"), age, stopped: None, free }
    }

    #[test]
    fn each_illness_has_its_sentence() {
        assert_eq!(well().judge().unwrap(), "`wangqi run` holds /archive, 5120 MB are free");
        assert_eq!(Vitals { free: None, ..well() }.judge().unwrap(), "`wangqi run` holds /archive");
        let said = |vitals: Vitals<'_>| vitals.judge().unwrap_err();
        let stopped = said(Vitals { stopped: Some("could not sync x"), ..well() });
        assert_eq!(stopped, "the archive /archive stopped writing: could not sync x; start wangqi again");
        let hangs = said(Vitals { age: Duration::from_secs(90), ..well() });
        assert_eq!(hangs, "the loop of `wangqi run` has not gone round for 90 s; start wangqi again");
        let full = said(Vitals { free: Some(LEAST_FREE - 1), ..well() });
        assert_eq!(full, "the disk that holds /archive is full (15 MB are free); make room, what is kept is safe");
    }
}
