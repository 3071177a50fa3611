//! When a target that failed is tried again: one pure rule.

use std::time::Duration;

/// Waits within a pass, as multiples of the site's own delay: quick enough to get over a hiccup, never quicker than the pace.
const SOON: [u32; 2] = [2, 10];

/// Waits after that, in hours (judgement: an outage is minutes, a maintenance window hours, a move days).
const LATER_HOURS: [u64; 4] = [1, 6, 24, 72];

/// What to do after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Try again within this pass, after so long.
    Soon(Duration),
    /// Leave it for a later pass, not before so long.
    Later(Duration),
    /// Give up.
    Never,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may pass in a moment.
    Passing,
    /// It may pass, but not within this pass.
    Lasting,
    /// It stays as it is.
    Permanent,
}

/// What follows the `tries`-th failed try (from 1). A server's own `Retry-After` is a floor under every wait.
pub fn after(tries: u32, failure: Failure, site_delay: Duration, retry_after: Option<Duration>) -> Again {
    let before = tries.saturating_sub(1) as usize;
    let at = match failure {
        Failure::Passing => before,
        Failure::Lasting => before.saturating_add(SOON.len()),
        Failure::Permanent => return Again::Never,
    };
    let floor = retry_after.unwrap_or_default();
    if let Some(times) = SOON.get(at) {
        return Again::Soon((site_delay * *times).max(floor));
    }
    match LATER_HOURS.get(at - SOON.len()) {
        Some(hours) => Again::Later(Duration::from_secs(hours * 3600).max(floor)),
        None => Again::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let second = Duration::from_secs(1);
        let hours = |hours: u64| Again::Later(Duration::from_secs(hours * 3600));
        let all: Vec<_> = (1..8).map(|tries| after(tries, Failure::Passing, second, None)).collect();
        let soon = |seconds| Again::Soon(Duration::from_secs(seconds));
        assert_eq!(all, [soon(2), soon(10), hours(1), hours(6), hours(24), hours(72), Again::Never]);
        let all: Vec<_> = (1..6).map(|tries| after(tries, Failure::Lasting, second, None)).collect();
        assert_eq!(all, [hours(1), hours(6), hours(24), hours(72), Again::Never]);
        assert_eq!(after(1, Failure::Permanent, second, None), Again::Never);
        assert_eq!(after(1, Failure::Passing, second, Some(Duration::from_secs(90))), soon(90));
        assert_eq!(after(1, Failure::Passing, Duration::ZERO, None), soon(0));
    }
}
