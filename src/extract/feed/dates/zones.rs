//! Names of zones → their offset.
//!
//! The names that RFC 822 and habit know. Where one stands for several zones, it is the one that feeds mean (`IST` is India's, `BST`
//! Britain's summer, `CST` Chicago's).

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// What a local time is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Seconds east of Greenwich.
    East(i32),
    /// A place with its own rules for summer.
    Place(Tz),
}

impl Zone {
    /// The instant of a local time here. One that a change of clocks skipped is read by the offset before it, one that comes twice
    /// is the first.
    pub(super) fn instant(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self {
            Self::East(seconds) => Some(FixedOffset::east_opt(seconds)?.from_local_datetime(&local).single()?.to_utc()),
            Self::Place(zone) => {
                if let Some(at) = zone.from_local_datetime(&local).earliest() {
                    return Some(at.to_utc());
                }
                let before = local.checked_sub_signed(TimeDelta::hours(3))?;
                zone.from_local_datetime(&before).earliest()?.to_utc().checked_add_signed(TimeDelta::hours(3))
            }
        }
    }
}

/// What a zone's name means.
pub(super) fn named(name: &str) -> Option<Zone> {
    let place = |zone| Some(Zone::Place(zone));
    // The short names of North America leave out whether it is summer.
    match name {
        name if name.eq_ignore_ascii_case("AT") => place(Tz::America__Halifax),
        name if name.eq_ignore_ascii_case("ET") => place(Tz::America__New_York),
        name if name.eq_ignore_ascii_case("CT") => place(Tz::America__Chicago),
        name if name.eq_ignore_ascii_case("MT") => place(Tz::America__Denver),
        name if name.eq_ignore_ascii_case("PT") => place(Tz::America__Los_Angeles),
        _ => fixed(name).map(Zone::East),
    }
}

/// Seconds east of Greenwich, for names that mean one offset.
pub(super) fn fixed(name: &str) -> Option<i32> {
    let found = OFFSETS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(found.1 * 60)
}

/// Whether offsets are counted from it: `GMT+8`.
pub(super) fn is_universal(name: &str) -> bool {
    ["GMT", "UTC", "UT", "UCT"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Minutes east of Greenwich (RFC 822, section 5.1; the rest from the zone database's abbreviations). The most frequent first.
const OFFSETS: &[(&str, i32)] = &[
    ("GMT", 0),
    ("UTC", 0),
    ("EST", -300),
    ("EDT", -240),
    ("PST", -480),
    ("PDT", -420),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("CET", 60),
    ("CEST", 120),
    ("BST", 60),
    ("MET", 60),
    ("MEZ", 60),
    ("MEST", 120),
    ("MESZ", 120),
    ("EET", 120),
    ("EEST", 180),
    ("WET", 0),
    ("WEST", 60),
    ("JST", 540),
    ("KST", 540),
    ("MSK", 180),
    ("MSD", 240),
    ("IST", 330),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("UT", 0),
    ("UCT", 0),
    ("Z", 0),
    ("ZULU", 0),
    ("AST", -240),
    ("ADT", -180),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("HADT", -540),
    ("HAST", -600),
    ("NST", -210),
    ("NDT", -150),
    ("BRT", -180),
    ("BRST", -120),
    ("ART", -180),
    ("UYT", -180),
    ("CLT", -240),
    ("CLST", -180),
    ("COT", -300),
    ("PET", -300),
    ("VET", -240),
    ("SAST", 120),
    ("CAT", 120),
    ("WAT", 60),
    ("EAT", 180),
    ("IDT", 180),
    ("TRT", 180),
    ("GST", 240),
    ("AMT", 240),
    ("IRST", 210),
    ("IRDT", 270),
    ("PKT", 300),
    ("UZT", 300),
    ("YEKT", 300),
    ("NPT", 345),
    ("ALMT", 360),
    ("OMST", 360),
    ("NOVT", 420),
    ("KRAT", 420),
    ("ICT", 420),
    ("WIB", 420),
    ("WITA", 480),
    ("WIT", 540),
    ("HKT", 480),
    ("SGT", 480),
    ("MYT", 480),
    ("PHT", 480),
    ("AWST", 480),
    ("IRKT", 480),
    ("YAKT", 540),
    ("ACST", 570),
    ("ACDT", 630),
    ("CHST", 600),
    ("VLAT", 600),
    ("MAGT", 660),
    ("FJT", 720),
];
