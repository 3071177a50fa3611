//! Tokens → what they say of a date, each given one meaning.

mod clock;

use super::names::{Folded, Named};
use super::said::{Clock, Half, Number, Said, full_year};
use super::tokens::{CHINA, Kind, Piece, Sign, Tokens};
use super::zones::{self, Zone};

/// What the token before was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Date,
    /// A `T` after the date: a time is to come.
    Divider,
    Clock,
    Zone,
    /// A zone from which offsets are counted.
    Universal,
}

struct Reading<'a> {
    pieces: &'a [Piece<'a>],
    at: usize,
    said: Said,
    last: Last,
}

/// Gives every token its meaning; `None` where one has none.
pub(super) fn read(tokens: &Tokens<'_>) -> Option<Said> {
    let said = Said { home: tokens.home, ..Said::default() };
    let mut reading = Reading { pieces: tokens.pieces(), at: 0, said, last: Last::Nothing };
    while let Some(piece) = reading.pieces.get(reading.at).copied() {
        match piece.kind {
            Kind::Number { value, digits } => {
                reading.number(Number { value: u32::try_from(value).unwrap_or(u32::MAX), digits }, value)?;
            }
            Kind::Word => reading.word(piece)?,
            Kind::Place(zone) => reading.zone(Zone::Place(zone), Last::Zone)?,
            Kind::Sign(sign) => reading.sign(sign)?,
            Kind::Mark(mark) => reading.mark(mark, piece.gap)?,
        }
    }
    // A zone that was said aside, as in `-0800 (PST)`, counts where there is no other.
    if reading.said.zone.is_none() && reading.said.clock.is_some() {
        reading.said.zone = tokens.aside.and_then(|aside| aside.parse().map(Zone::Place).ok().or(zones::named(aside)));
    }
    Some(reading.said)
}

impl<'a> Reading<'a> {
    fn ahead(&self, by: usize) -> Option<&'a Piece<'a>> {
        self.pieces.get(self.at + by)
    }

    /// The number so many tokens ahead that nothing parts from what is before it.
    fn tight(&self, by: usize) -> Option<Number> {
        self.ahead(by).filter(|piece| !piece.gap).and_then(number_of)
    }

    fn is_mark(&self, by: usize, mark: char) -> bool {
        self.ahead(by).is_some_and(|piece| piece.kind == Kind::Mark(mark))
    }

    fn is_tight_mark(&self, by: usize, mark: char) -> bool {
        self.is_mark(by, mark) && self.ahead(by).is_some_and(|piece| !piece.gap)
    }

    /// Whether year, month and day are known, in whatever order.
    fn is_complete(&self) -> bool {
        let said = &self.said;
        let by_name = (said.month.is_some() || said.either.is_some()) && said.count == 2;
        said.count == 3 || by_name || said.units[0].is_some() && said.units[2].is_some() || said.week.is_some()
    }

    /// Whether a date of one, compact number is known: `20240528`.
    fn is_compact(&self) -> bool {
        self.said.count == 3 && self.said.between == Some(' ')
    }

    fn number(&mut self, number: Number, value: u64) -> Option<()> {
        if self.said.clock.is_none() {
            if number.digits <= 2 && self.is_mark(1, ':') && self.ahead(2).and_then(number_of).is_some() {
                return self.clock(number);
            }
            if self.hour(number).is_some() {
                return Some(());
            }
            if matches!(self.last, Last::Divider) || self.is_complete() && self.is_compact() {
                return self.compact_clock(number);
            }
            if self.is_complete() && self.is_tight_mark(1, '.') && self.tight(2).is_some() {
                return self.dotted_clock(number);
            }
        }
        if let Some(Kind::Sign(Sign::Unit(unit))) = self.ahead(1).map(|piece| piece.kind) {
            let slot = &mut self.said.units[unit];
            if slot.is_some() {
                return None;
            }
            *slot = Some(number);
            (self.at, self.last) = (self.at + 2, if unit < 3 { Last::Date } else { Last::Clock });
            return Some(());
        }
        if self.said.count == 0 && (self.week(number).is_some() || self.one_number(number, value).is_some()) {
            self.last = Last::Date;
            return Some(());
        }
        self.said.put(number)?;
        self.at += 1;
        self.last = Last::Date;
        // `1st`, `2º`, `1er`.
        let ordinal = self.ahead(0).filter(|piece| !piece.gap && piece.kind == Kind::Word);
        if ordinal.is_some_and(|piece| is_ordinal(piece.text)) {
            self.at += 1;
        }
        Some(())
    }

    /// `2024-W22-2`, `2024W222`, `2024-W22`.
    fn week(&mut self, year: Number) -> Option<()> {
        let dash = usize::from(self.is_mark(1, '-'));
        if year.digits != 4 || !is_word(self.ahead(1 + dash), "w") {
            return None;
        }
        let week = self.tight(2 + dash)?;
        self.said.week = Some(match week.digits {
            3 => (week.value / 10, week.value % 10),
            2 => (week.value, 1),
            _ => return None,
        });
        self.said.put(year)?;
        self.at += 3 + dash;
        if week.digits == 2 && self.is_tight_mark(0, '-') {
            let day = self.tight(1).filter(|day| day.digits == 1)?;
            self.said.week = Some((week.value, day.value));
            self.at += 2;
        }
        Some(())
    }

    /// A whole date in one number, maybe with its time: `20240528`, `20240528103000`, `2024149` before a `T`.
    fn one_number(&mut self, number: Number, value: u64) -> Option<()> {
        let has_time = |digits: u64| if number.digits == 8 { 0 } else { digits };
        match number.digits {
            8 | 12 | 14 => {
                let seconds = if number.digits == 12 { value * 100 } else { value };
                let (date, clock) =
                    if number.digits == 8 { (value, 0) } else { (seconds / 1_000_000, seconds % 1_000_000) };
                for (value, digits) in [(date / 10_000, 4), (date / 100 % 100, 2), (date % 100, 2)] {
                    self.said.put(Number { value: value as u32, digits })?;
                }
                self.said.between = Some(' ');
                if has_time(1) == 1 {
                    let clock = clock as u32;
                    let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
                    self.said.clock = Some(Clock { hour, minute, second, nanos: 0 });
                }
            }
            7 if is_word(self.ahead(1), "t") => {
                self.said.put(Number { value: number.value / 1000, digits: 4 })?;
                self.said.put(Number { value: number.value % 1000, digits: 3 })?;
                self.said.between = Some('-');
            }
            _ => return None,
        }
        self.at += 1;
        Some(())
    }

    fn word(&mut self, piece: Piece<'a>) -> Option<()> {
        let folded = Folded::of(piece.text)?;
        let is_upper = piece.text.bytes().all(|byte| byte.is_ascii_uppercase());
        let has_clock = self.said.clock.is_some() || self.said.units[3].is_some();
        match folded.as_str() {
            "t" if self.last == Last::Date && self.said.clock.is_none() => {
                self.at += 1;
                self.last = Last::Divider;
                return Some(());
            }
            "am" | "pm" | "a" | "p" | "π" | "μ" | "πμ" | "μμ" if has_clock && self.half(&folded) => {
                return Some(());
            }
            name if zones::is_universal(name) => return self.zone(Zone::East(0), Last::Universal),
            _ => {}
        }
        if (is_upper || piece.text == "z")
            && (has_clock || self.is_complete())
            && let Some(zone) = self.zone_named(piece.text)
        {
            return self.zone(zone, Last::Zone);
        }
        let (month, weekday) = (folded.month(), folded.weekday());
        match (month, weekday) {
            (Some(month), Named::Unclear | Named::Place(_)) if self.said.month.is_none() => {
                // The second of two such words is the month: `mar. 12 mar. 2024`.
                match self.said.either.replace(month) {
                    Some(_) => self.said.month = Some(month),
                    None => self.last = Last::Date,
                }
            }
            (Some(month), Named::Nothing) if self.said.month.is_none() => {
                self.said.month = Some(month);
                self.last = Last::Date;
            }
            (_, Named::Place(weekday)) => self.said.weekday = self.said.weekday.or(Some(weekday)),
            (_, Named::Unclear) => {}
            _ if folded.says_nothing() && !(is_upper && has_clock) => {}
            _ if zones::named(piece.text).is_some() && (has_clock || self.is_complete()) => {
                return self.zone(zones::named(piece.text)?, Last::Zone);
            }
            // RFC 5322, section 4.3: a name that nobody knows is taken for UTC.
            _ if is_upper && piece.text.len() <= 5 && has_clock && self.said.zone.is_none() => {
                return self.zone(Zone::East(0), Last::Zone);
            }
            _ => return None,
        }
        self.at += 1;
        Some(())
    }

    /// What a zone's name means here: beside China's signs, `CST` is China's.
    fn zone_named(&self, name: &str) -> Option<Zone> {
        match self.said.home {
            Some(minutes) if minutes == CHINA && name == "CST" => Some(Zone::East(minutes * 60)),
            _ => zones::named(name),
        }
    }

    /// `am`, `p.m.`, `π.μ.`; whether it was one.
    fn half(&mut self, folded: &Folded) -> bool {
        let dotted = |m: &str| {
            let dot = usize::from(self.is_mark(1, '.'));
            is_word(self.ahead(1 + dot), m).then_some(2 + dot)
        };
        let found = match folded.as_str() {
            "am" | "πμ" => Some((Half::Morning, 1)),
            "pm" | "μμ" => Some((Half::Afternoon, 1)),
            "a" => dotted("m").map(|count| (Half::Morning, count)),
            "p" => dotted("m").map(|count| (Half::Afternoon, count)),
            "π" => dotted("μ").map(|count| (Half::Morning, count)),
            "μ" => dotted("μ").map(|count| (Half::Afternoon, count)),
            _ => None,
        };
        let Some((half, count)) = found.filter(|_| self.said.half.is_none()) else { return false };
        self.said.half = Some(half);
        self.at += count;
        true
    }

    fn sign(&mut self, sign: Sign) -> Option<()> {
        match sign {
            Sign::Morning => self.said.half = Some(Half::Morning),
            Sign::Afternoon => self.said.half = Some(Half::Afternoon),
            Sign::Night => self.said.half = Some(Half::Night),
            Sign::Noon => self.said.half = Some(Half::Noon),
            Sign::Weekday(day) => self.said.weekday = Some(u32::from(day)),
            Sign::Era(before) => self.said.era = u32::from(before),
            Sign::Month(month) if self.said.month.is_none() => self.said.month = Some(u32::from(month)),
            Sign::HalfPast if self.said.units[3].is_some() && self.said.units[4].is_none() => {
                self.said.units[4] = Some(Number { value: 30, digits: 2 });
            }
            // A sign without a number before it.
            Sign::Month(_) | Sign::HalfPast | Sign::Unit(_) => return None,
        }
        self.at += 1;
        Some(())
    }

    fn mark(&mut self, mark: char, gap: bool) -> Option<()> {
        match mark {
            ',' | '.' | '|' | '·' | '•' | ';' | '@' | '~' | '_' => {}
            // `'24`
            '\'' => {
                if let Some(year) = self.tight(1).filter(|year| year.digits == 2) {
                    self.said.put(Number { value: full_year(year)?, digits: 4 })?;
                    (self.at, self.last) = (self.at + 2, Last::Date);
                    return Some(());
                }
            }
            // A web server's log has the time right behind the year.
            ':' if self.last == Last::Date && self.is_complete() => {}
            // `Date: …`
            ':' if self.last == Last::Nothing && self.at > 0 => {}
            '/' if self.last == Last::Date && !self.is_complete() => self.part('/')?,
            '+' => return self.offset(1),
            '-' => return self.dash(gap),
            _ => return None,
        }
        // Dots part numbers too: `28. 5. 2024`.
        if mark == '.' && self.last == Last::Date && number_of(&self.pieces[self.at - 1]).is_some() {
            self.part('.')?;
        }
        self.at += 1;
        Some(())
    }

    /// Notes what parts the numbers of a date: it has to be the same everywhere, where there are three of them.
    fn part(&mut self, mark: char) -> Option<()> {
        let between = self.said.between.get_or_insert(mark);
        (*between == mark || mark == '.' || self.said.month.is_some() || self.said.either.is_some()).then_some(())
    }

    /// A dash parts the numbers of a date, or begins an offset, or stands between date and time.
    fn dash(&mut self, gap: bool) -> Option<()> {
        let after = self.ahead(1)?;
        let is_loose = after.gap;
        if self.last == Last::Universal || self.said.clock.is_some() && self.said.zone.is_none() && !is_loose {
            let is_between = self.last == Last::Date && !self.is_complete() && !gap;
            if !is_between {
                return self.offset(-1);
            }
        }
        let before_time = self.said.clock.is_none()
            && number_of(after).is_some()
            && (self.is_mark(2, ':') || self.is_compact() || is_loose);
        let before_word = after.kind == Kind::Word || matches!(after.kind, Kind::Sign(_));
        if self.is_complete() {
            (before_time || before_word || is_loose).then_some(())?;
        } else if self.last == Last::Date {
            self.part('-')?;
        } else if !(before_word || is_loose || self.last == Last::Nothing && self.at > 0) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Takes a zone. A second name beside an offset says the same in words: `+0200 CEST`.
    fn zone(&mut self, zone: Zone, last: Last) -> Option<()> {
        let is_name = self.pieces[self.at].kind == Kind::Word || matches!(self.pieces[self.at].kind, Kind::Place(_));
        if self.said.zone.is_some() && !is_name {
            return None;
        }
        if self.said.zone.is_none() {
            self.last = last;
        }
        self.said.zone.get_or_insert(zone);
        self.at += 1;
        Some(())
    }
}

fn number_of(piece: &Piece<'_>) -> Option<Number> {
    match piece.kind {
        Kind::Number { value, digits } => Some(Number { value: u32::try_from(value).unwrap_or(u32::MAX), digits }),
        _ => None,
    }
}

fn is_word(piece: Option<&Piece<'_>>, word: &str) -> bool {
    piece.is_some_and(|piece| {
        piece.kind == Kind::Word && Folded::of(piece.text).is_some_and(|text| text.as_str() == word)
    })
}

fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th", "er", "re", "e", "ten", "o", "a", "º", "ª"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}
