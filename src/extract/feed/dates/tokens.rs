//! A text → its tokens: numbers, words, marks, and the signs of East Asia that stand for themselves.

use chrono_tz::Tz;

/// The most tokens of a date: judgement; the longest form in use has about 25.
const MOST: usize = 48;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Digits: what they say, and how many there are.
    Number {
        /// At most 19 digits.
        value: u64,
        /// How many digits, zeros before them included.
        digits: u8,
    },
    /// Letters.
    Word,
    /// A place of the zone database.
    Place(Tz),
    /// An East Asian sign.
    Sign(Sign),
    /// Anything else. Every dash is `-`, every colon `:`.
    Mark(char),
}

/// The signs of Chinese, Japanese and Korean dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// After a year, month, day, hour, minute or second: which of them, from 0.
    Unit(usize),
    /// Before noon, and the early hours.
    Morning,
    /// After noon, and the evening.
    Afternoon,
    /// The evening, and the night after it.
    Night,
    /// Around noon.
    Noon,
    /// Half past.
    HalfPast,
    /// A weekday, from Monday, 0.
    Weekday(u8),
    /// A count of years: the year before its first.
    Era(u16),
    /// A month's name: 一月.
    Month(u8),
}

/// A token of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// Its letters.
    pub(super) text: &'a str,
    /// Whether white space stands before it.
    pub(super) gap: bool,
}

/// The tokens of a text, and what was said aside.
pub(super) struct Tokens<'a> {
    pieces: [Piece<'a>; MOST],
    count: usize,
    /// The zone in brackets, if any.
    pub(super) aside: Option<&'a str>,
    /// Minutes east of Greenwich, where the writing itself says in which country it is at home.
    pub(super) home: Option<i32>,
}

impl<'a> Tokens<'a> {
    /// The tokens; `None` where there are too many, or something that no date has.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let empty = Piece { kind: Kind::Mark(' '), text: "", gap: false };
        let mut tokens = Self { pieces: [empty; MOST], count: 0, aside: None, home: None };
        let (mut rest, mut gap) = (text, false);
        while let Some(letter) = rest.chars().next() {
            if letter.is_whitespace() || is_invisible(letter) {
                gap |= letter.is_whitespace();
                rest = &rest[letter.len_utf8()..];
                continue;
            }
            if let Some(close) = closing(letter) {
                let inner = &rest[letter.len_utf8()..];
                let end = inner.find(close)?;
                tokens.aside = Some(inner[..end].trim());
                rest = &inner[end + close.len_utf8()..];
                gap = true;
                continue;
            }
            let (kind, length) = tokens.next(rest, letter)?;
            let slot = tokens.pieces.get_mut(tokens.count)?;
            *slot = Piece { kind, text: &rest[..length], gap };
            (tokens.count, gap) = (tokens.count + 1, false);
            rest = &rest[length..];
        }
        Some(tokens)
    }

    /// Them all, in order.
    pub(super) fn pieces(&self) -> &[Piece<'a>] {
        &self.pieces[..self.count]
    }

    fn next(&mut self, rest: &str, letter: char) -> Option<(Kind, usize)> {
        if digit(letter).is_some() {
            return number(rest);
        }
        if let Some((written, sign, home)) = SIGNS.iter().find(|(written, ..)| rest.starts_with(written)) {
            // Japan's own signs are told from those that it shares with China, also where those come first.
            if *home != 0 && self.home != Some(JAPAN) {
                self.home = Some(*home);
            }
            return Some((Kind::Sign(*sign), written.len()));
        }
        if letter.is_alphabetic() {
            if let Some(place) = place(rest) {
                return Some(place);
            }
            let ends = |letter: char| !letter.is_alphabetic() && !is_combining(letter) || letter >= '\u{2e80}';
            return Some((Kind::Word, rest.find(ends).filter(|end| *end > 0).unwrap_or(rest.len())));
        }
        let mark = match letter {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
            '：' | '\u{2236}' => ':',
            '，' | '、' | '،' => ',',
            '．' | '。' => '.',
            '／' => '/',
            '＋' => '+',
            '’' | '‘' | '`' => '\'',
            other => other,
        };
        Some((Kind::Mark(mark), letter.len_utf8()))
    }
}

/// China's offset, in minutes.
pub(super) const CHINA: i32 = 480;
const JAPAN: i32 = 540;
const KOREA: i32 = 540;

/// The signs, each before any that it begins with; and where they are at home, in minutes east of Greenwich (0: no telling).
const SIGNS: &[(&str, Sign, i32)] = &[
    ("월요일", Sign::Weekday(0), KOREA),
    ("화요일", Sign::Weekday(1), KOREA),
    ("수요일", Sign::Weekday(2), KOREA),
    ("목요일", Sign::Weekday(3), KOREA),
    ("금요일", Sign::Weekday(4), KOREA),
    ("토요일", Sign::Weekday(5), KOREA),
    ("일요일", Sign::Weekday(6), KOREA),
    ("년", Sign::Unit(0), KOREA),
    ("월", Sign::Unit(1), KOREA),
    ("일", Sign::Unit(2), KOREA),
    ("시", Sign::Unit(3), KOREA),
    ("분", Sign::Unit(4), KOREA),
    ("초", Sign::Unit(5), KOREA),
    ("오전", Sign::Morning, KOREA),
    ("오후", Sign::Afternoon, KOREA),
    ("月曜日", Sign::Weekday(0), JAPAN),
    ("火曜日", Sign::Weekday(1), JAPAN),
    ("水曜日", Sign::Weekday(2), JAPAN),
    ("木曜日", Sign::Weekday(3), JAPAN),
    ("金曜日", Sign::Weekday(4), JAPAN),
    ("土曜日", Sign::Weekday(5), JAPAN),
    ("日曜日", Sign::Weekday(6), JAPAN),
    ("午前", Sign::Morning, JAPAN),
    ("午後", Sign::Afternoon, JAPAN),
    ("令和", Sign::Era(2018), JAPAN),
    ("平成", Sign::Era(1988), JAPAN),
    ("昭和", Sign::Era(1925), JAPAN),
    ("民國", Sign::Era(1911), CHINA),
    ("民国", Sign::Era(1911), CHINA),
    ("星期一", Sign::Weekday(0), CHINA),
    ("星期二", Sign::Weekday(1), CHINA),
    ("星期三", Sign::Weekday(2), CHINA),
    ("星期四", Sign::Weekday(3), CHINA),
    ("星期五", Sign::Weekday(4), CHINA),
    ("星期六", Sign::Weekday(5), CHINA),
    ("星期日", Sign::Weekday(6), CHINA),
    ("星期天", Sign::Weekday(6), CHINA),
    ("周一", Sign::Weekday(0), CHINA),
    ("周二", Sign::Weekday(1), CHINA),
    ("周三", Sign::Weekday(2), CHINA),
    ("周四", Sign::Weekday(3), CHINA),
    ("周五", Sign::Weekday(4), CHINA),
    ("周六", Sign::Weekday(5), CHINA),
    ("周日", Sign::Weekday(6), CHINA),
    ("週一", Sign::Weekday(0), CHINA),
    ("週二", Sign::Weekday(1), CHINA),
    ("週三", Sign::Weekday(2), CHINA),
    ("週四", Sign::Weekday(3), CHINA),
    ("週五", Sign::Weekday(4), CHINA),
    ("週六", Sign::Weekday(5), CHINA),
    ("週日", Sign::Weekday(6), CHINA),
    ("上午", Sign::Morning, CHINA),
    ("凌晨", Sign::Morning, CHINA),
    ("早上", Sign::Morning, CHINA),
    ("清晨", Sign::Morning, CHINA),
    ("中午", Sign::Noon, CHINA),
    ("下午", Sign::Afternoon, CHINA),
    ("傍晚", Sign::Afternoon, CHINA),
    ("晚上", Sign::Night, CHINA),
    ("十一月", Sign::Month(11), CHINA),
    ("十二月", Sign::Month(12), CHINA),
    ("一月", Sign::Month(1), CHINA),
    ("二月", Sign::Month(2), CHINA),
    ("三月", Sign::Month(3), CHINA),
    ("四月", Sign::Month(4), CHINA),
    ("五月", Sign::Month(5), CHINA),
    ("六月", Sign::Month(6), CHINA),
    ("七月", Sign::Month(7), CHINA),
    ("八月", Sign::Month(8), CHINA),
    ("九月", Sign::Month(9), CHINA),
    ("十月", Sign::Month(10), CHINA),
    ("年", Sign::Unit(0), CHINA),
    ("月", Sign::Unit(1), CHINA),
    ("日", Sign::Unit(2), CHINA),
    ("号", Sign::Unit(2), CHINA),
    ("號", Sign::Unit(2), CHINA),
    ("时", Sign::Unit(3), CHINA),
    ("時", Sign::Unit(3), CHINA),
    ("点", Sign::Unit(3), CHINA),
    ("點", Sign::Unit(3), CHINA),
    ("分", Sign::Unit(4), CHINA),
    ("秒", Sign::Unit(5), CHINA),
    ("半", Sign::HalfPast, CHINA),
];

fn number(rest: &str) -> Option<(Kind, usize)> {
    let (mut value, mut digits, mut length) = (0_u64, 0_u8, 0);
    for letter in rest.chars() {
        let Some(digit) = digit(letter) else { break };
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
        (digits, length) = (digits + 1, length + letter.len_utf8());
    }
    Some((Kind::Number { value, digits }, length))
}

/// A digit, also a full-width one.
fn digit(letter: char) -> Option<u32> {
    match letter {
        '0'..='9' => Some(letter as u32 - '0' as u32),
        '０'..='９' => Some(letter as u32 - '０' as u32),
        _ => None,
    }
}

/// A name of the zone database: letters with a slash in them.
fn place(rest: &str) -> Option<(Kind, usize)> {
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '/' | '_' | '-' | '+'));
    let name = &rest[..end.unwrap_or(rest.len())];
    let zone = name.contains('/').then(|| name.parse::<Tz>().ok())??;
    Some((Kind::Place(zone), name.len()))
}

fn closing(letter: char) -> Option<char> {
    Some(match letter {
        '(' => ')',
        '（' => '）',
        '[' => ']',
        _ => return None,
    })
}

/// Marks of direction, joiners and byte order marks, which stand for nothing.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '"')
}

fn is_combining(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}
