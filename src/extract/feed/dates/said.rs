//! What a text says of a date, before anybody asks whether it is one.

use super::zones::Zone;

/// A number as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    /// What it says.
    pub(super) value: u32,
    /// How many digits, zeros before it included. A year after an apostrophe has four.
    pub(super) digits: u8,
}

/// A time of day as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanos: u32,
}

/// The half of a day that a time of twelve hours is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Noon,
    Afternoon,
    Night,
}

/// What a text says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Numbers of the date that stand for themselves, in their order.
    pub(super) numbers: [Number; 3],
    /// How many of them.
    pub(super) count: usize,
    /// What stands between the numbers.
    pub(super) between: Option<char>,
    /// Year, month, day, hour, minute and second by their signs (年, 월).
    pub(super) units: [Option<Number>; 6],
    /// An ISO week and its weekday, with the year as the first number.
    pub(super) week: Option<(u32, u32)>,
    /// The month by its name.
    pub(super) month: Option<u32>,
    /// A word that is a month here and a weekday there.
    pub(super) either: Option<u32>,
    /// The weekday, where its name tells it from the others; from Monday, 0.
    pub(super) weekday: Option<u32>,
    /// The time of day.
    pub(super) clock: Option<Clock>,
    /// Its half of the day.
    pub(super) half: Option<Half>,
    /// The zone.
    pub(super) zone: Option<Zone>,
    /// The offset of the country whose signs are used.
    pub(super) home: Option<i32>,
    /// The year before the first of the era that the year is counted in.
    pub(super) era: u32,
}

impl Said {
    /// Takes a number of the date.
    pub(super) fn put(&mut self, number: Number) -> Option<()> {
        *self.numbers.get_mut(self.count)? = number;
        self.count += 1;
        Some(())
    }
}

/// A year of two digits, or of three (1900 + n, RFC 5322, section 4.3), as the year that is meant.
pub(super) fn full_year(year: Number) -> Option<u32> {
    match year.digits {
        1 | 2 if year.value < 50 => Some(2000 + year.value),
        1 | 2 => Some(1900 + year.value),
        3 if (100..200).contains(&year.value) => Some(1900 + year.value),
        4 => Some(year.value),
        _ => None,
    }
}
