//! Times of day and offsets, in all their spellings.

use super::{Last, Reading, is_word, number_of};
use crate::extract::feed::dates::names::Folded;
use crate::extract::feed::dates::said::{Clock, Number};
use crate::extract::feed::dates::tokens::{Kind, Piece};
use crate::extract::feed::dates::zones::Zone;

impl Reading<'_> {
    /// `10:30`, `10:30:15`, `10:30:15.5`.
    pub(super) fn clock(&mut self, hour: Number) -> Option<()> {
        let minute = self.ahead(2).and_then(number_of).filter(|minute| minute.digits <= 2)?;
        let mut clock = Clock { hour: hour.value, minute: minute.value, second: 0, nanos: 0 };
        self.at += 3;
        if self.is_mark(0, ':') {
            let second = self.ahead(1).and_then(number_of).filter(|second| second.digits <= 2)?;
            clock.second = second.value;
            self.at += 2;
        }
        self.fraction(&mut clock);
        if self.is_mark(0, ':') {
            // Some write `10:30:00:-0700`.
            if !self.is_tight_mark(1, '-') && !self.is_tight_mark(1, '+') {
                return None;
            }
            self.at += 1;
        }
        self.said.clock = Some(clock);
        self.last = Last::Clock;
        Some(())
    }

    /// `.5` or `,5` behind a time.
    pub(super) fn fraction(&mut self, clock: &mut Clock) {
        if !self.is_tight_mark(0, '.') && !self.is_tight_mark(0, ',') {
            return;
        }
        let Some(Piece { kind: Kind::Number { value, digits }, gap: false, .. }) = self.ahead(1) else { return };
        let digits = u32::from(*digits);
        let nanos = if digits <= 9 { value * 10_u64.pow(9 - digits) } else { value / 10_u64.pow(digits - 9) };
        clock.nanos = nanos as u32;
        self.at += 2;
    }

    /// A number that a word makes an hour: `10 AM`, `10h30`, `10 Uhr`.
    pub(super) fn hour(&mut self, hour: Number) -> Option<()> {
        let word = self.ahead(1).filter(|piece| piece.kind == Kind::Word && hour.digits <= 2)?;
        let mut clock = Clock { hour: hour.value, minute: 0, second: 0, nanos: 0 };
        match Folded::of(word.text)?.as_str() {
            // The half of the day itself is read as a word.
            "am" | "pm" if hour.value <= 12 => self.at += 1,
            "a" | "p" if hour.value <= 12 && (self.is_mark(2, '.') || is_word(self.ahead(2), "m")) => self.at += 1,
            "uhr" => self.at += 2,
            "h" => {
                self.at += 2;
                if let Some(minute) = self.ahead(0).and_then(number_of).filter(|minute| minute.digits == 2) {
                    clock.minute = minute.value;
                    self.at += 1;
                }
            }
            _ => return None,
        }
        self.said.clock = Some(clock);
        self.last = Last::Clock;
        Some(())
    }

    /// `T1030`, `T103015,5`, `T10`.
    pub(super) fn compact_clock(&mut self, number: Number) -> Option<()> {
        let value = number.value;
        let [hour, minute, second] = match number.digits {
            1 | 2 => [value, 0, 0],
            4 => [value / 100, value % 100, 0],
            6 => [value / 10_000, value / 100 % 100, value % 100],
            _ => return None,
        };
        let mut clock = Clock { hour, minute, second, nanos: 0 };
        self.at += 1;
        self.fraction(&mut clock);
        self.said.clock = Some(clock);
        self.last = Last::Clock;
        Some(())
    }

    /// `10.30`, `10.30.15`, behind a whole date.
    pub(super) fn dotted_clock(&mut self, hour: Number) -> Option<()> {
        let minute = self.tight(2).filter(|minute| minute.digits == 2 && hour.digits <= 2)?;
        let mut clock = Clock { hour: hour.value, minute: minute.value, second: 0, nanos: 0 };
        self.at += 3;
        if self.is_tight_mark(0, '.')
            && let Some(second) = self.tight(1)
        {
            clock.second = second.value;
            self.at += 2;
        }
        self.said.clock = Some(clock);
        self.last = Last::Clock;
        Some(())
    }

    /// `+0800`, `-05:30`, `+8`.
    pub(super) fn offset(&mut self, sign: i32) -> Option<()> {
        let is_counted = self.last == Last::Universal;
        let hours = self.ahead(1).filter(|piece| !piece.gap || is_counted).and_then(number_of)?;
        let value = hours.value;
        self.at += 2;
        let [hour, minute, second] = match hours.digits {
            1 | 2 if self.is_mark(0, ':') => {
                let minute = self.tight(1).filter(|minute| minute.digits == 2)?;
                self.at += 2;
                if self.is_mark(0, ':') {
                    self.tight(1).filter(|second| second.digits == 2 && second.value < 60)?;
                    self.at += 2;
                }
                [value, minute.value, 0]
            }
            1 | 2 => [value, 0, 0],
            3 | 4 => [value / 100, value % 100, 0],
            6 => [value / 10_000, value / 100 % 100, value % 100],
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        if is_counted {
            self.said.zone = None;
        }
        self.at -= 1;
        self.zone(Zone::East(sign * (hour * 3600 + minute * 60 + second).cast_signed()), Last::Zone)
    }
}
