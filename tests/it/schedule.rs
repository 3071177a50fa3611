//! Schedules, against a walker that tries every minute.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use std::time::Instant;
use wangqi::crawl::schedule::{Schedule, ScheduleError};
use wangqi::model::Time;

fn at(text: &str) -> Time {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The next runs after an instant, each in local time with its offset.
fn runs(expression: &str, zone: Tz, after: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(expression).unwrap();
    let runs = schedule.runs_after(at(after), zone).take(count);
    runs.map(|run| zone.from_utc_datetime(&run.naive_utc()).format("%a %m-%d %H:%M:%S%:z").to_string()).collect()
}

#[test]
fn every_minute_tried_gives_the_same_runs() {
    let days = [
        (Tz::America__New_York, 2026, 3, 8),
        (Tz::America__New_York, 2026, 11, 1),
        (Tz::Europe__Berlin, 2026, 3, 29),
        (Tz::Europe__Berlin, 2026, 10, 25),
        (Tz::Asia__Shanghai, 2026, 2, 28),
        (Tz::Asia__Shanghai, 1986, 5, 4),
        (Tz::Asia__Shanghai, 1991, 9, 15),
        (Tz::Australia__Lord_Howe, 2026, 4, 5),
        (Tz::Australia__Lord_Howe, 2026, 10, 4),
        (Tz::America__Santiago, 2026, 4, 4),
        (Tz::America__Havana, 2026, 11, 1),
        (Tz::Asia__Beirut, 2026, 3, 29),
        (Tz::Pacific__Apia, 2011, 12, 30),
        (Tz::America__St_Johns, 2010, 11, 7),
        (Tz::Antarctica__Troll, 2026, 10, 25),
        (Tz::UTC, 2027, 12, 31),
    ];
    let walks = days.map(|(zone, year, month, day)| Walk::around(zone, year, month, day));
    let mut random = Random(20_261_124);
    let mut compared = 0;
    for _ in 0..150 {
        let expression = Expression::random(&mut random);
        let Ok(schedule) = Schedule::parse(&expression.text) else {
            // Only a day that no month has is refused; the walker agrees that it never runs.
            let found: usize = walks.iter().map(|walk| walk.runs(&expression).len()).sum();
            assert_eq!(found, 0, "{} was refused", expression.text);
            continue;
        };
        for walk in &walks {
            let expected = walk.runs(&expression);
            let (start, end) = (walk.minutes[Walk::LEAD].instant, walk.minutes.last().unwrap().instant);
            let before = start - TimeDelta::seconds(1);
            let got: Vec<Time> = schedule.runs_after(before, walk.zone).take_while(|run| *run <= end).collect();
            assert_eq!(got, expected, "{} in {} from {start}", expression.text, walk.zone);
            let now = start + TimeDelta::milliseconds(i64::from(random.below(3 * 86_400_000)));
            let expected = expected.into_iter().find(|run| *run > now);
            let got = schedule.next_after(now, walk.zone).filter(|run| *run <= end);
            assert_eq!(got, expected, "{} in {} after {now}", expression.text, walk.zone);
            compared += 1;
        }
    }
    assert!(compared > 2000, "{compared} comparisons are too few to mean anything");
}

#[test]
fn weekdays_are_those_of_unix_in_every_form() {
    let next = |expression: &str| runs(expression, Tz::Asia__Shanghai, "2026-11-24T00:00:00Z", 1).remove(0);
    for sunday in ["0 9 * * 0", "0 9 * * 7", "0 9 * * SUN", "0 0 9 * * 0", "0 0 9 * * sunday 2026", "0 9 * * 7-7"] {
        assert_eq!(next(sunday), "Sun 11-29 09:00:00+08:00", "{sunday}");
    }
    let week = |expression: &str| {
        let days = runs(expression, Tz::UTC, "2026-11-22T23:00:00Z", 7);
        days.iter().map(|day| day[..3].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(week("0 9 * * 1-5"), "Mon Tue Wed Thu Fri Mon Tue");
    assert_eq!(week("0 9 * * FRI-MON"), "Mon Fri Sat Sun Mon Fri Sat");
    assert_eq!(week("0 9 * * 5-7"), "Fri Sat Sun Fri Sat Sun Fri");
    assert_eq!(week("0 9 * * */2"), "Tue Thu Sat Sun Tue Thu Sat");
    assert_eq!(week("0 9 * * 7-2"), "Mon Tue Sun Mon Tue Sun Mon");
    assert_eq!(week("0 9 ? * 1,3"), "Mon Wed Mon Wed Mon Wed Mon");
}

#[test]
fn the_clock_of_new_york_is_set() {
    let zone = Tz::America__New_York;
    // 02:30 is left out on 8 March: it runs once, at the first instant after.
    assert_eq!(
        runs("30 2 * * *", zone, "2026-03-07T12:00:00Z", 2),
        ["Sun 03-08 03:00:00-04:00", "Mon 03-09 02:30:00-04:00"]
    );
    // 01:30 comes twice on 1 November: it runs once.
    assert_eq!(
        runs("30 1 * * *", zone, "2026-11-01T04:00:00Z", 2),
        ["Sun 11-01 01:30:00-04:00", "Mon 11-02 01:30:00-05:00"]
    );
    // What runs every hour runs in both.
    assert_eq!(
        runs("*/30 * * * *", zone, "2026-11-01T05:15:00Z", 4),
        [
            "Sun 11-01 01:30:00-04:00",
            "Sun 11-01 01:00:00-05:00",
            "Sun 11-01 01:30:00-05:00",
            "Sun 11-01 02:00:00-05:00"
        ]
    );
    // In the second pass the answer is ahead, never 55 minutes behind.
    assert_eq!(runs("15 * * * *", zone, "2026-11-01T06:10:00Z", 1), ["Sun 11-01 01:15:00-05:00"]);
    assert_eq!(runs("15 1 * * *", zone, "2026-11-01T06:10:00Z", 1), ["Mon 11-02 01:15:00-05:00"]);
}

#[test]
fn words_and_lengths() {
    let zone = Tz::Asia__Shanghai;
    let first = |expression: &str| runs(expression, zone, "2026-11-24T03:20:00Z", 1).remove(0);
    assert_eq!(first("@hourly"), "Tue 11-24 12:00:00+08:00");
    assert_eq!(first("@daily"), "Wed 11-25 00:00:00+08:00");
    assert_eq!(first("@midnight"), first("@daily"));
    assert_eq!(first("@weekly"), "Sun 11-29 00:00:00+08:00");
    assert_eq!(first("@monthly"), "Tue 12-01 00:00:00+08:00");
    assert_eq!(first("@yearly"), "Fri 01-01 00:00:00+08:00");
    assert_eq!(first("@annually"), first("@yearly"));
    assert_eq!(first("*/20 30 4 * * *"), "Wed 11-25 04:30:00+08:00");
    assert_eq!(first("0 0 12 1 1 * 2030"), "Tue 01-01 12:00:00+08:00");
    // Both day fields: either (13th or Friday); one of them open: both.
    assert_eq!(
        runs("0 0 13 * FRI", zone, "2026-11-24T00:00:00Z", 4),
        ["Fri 11-27", "Fri 12-04", "Fri 12-11", "Sun 12-13"].map(|day| format!("{day} 00:00:00+08:00"))
    );
    assert_eq!(runs("0 0 */2 * FRI", zone, "2026-11-24T00:00:00Z", 2)[0], "Fri 11-27 00:00:00+08:00");
    // Counted from the epoch: the same runs whenever it is asked, in any zone, strictly after.
    let every = Schedule::parse("@every 90m").unwrap();
    let run = every.next_after(at("2026-11-24T03:20:00Z"), zone).unwrap();
    assert_eq!(run, at("2026-11-24T04:30:00Z"));
    assert_eq!(every.next_after(run, Tz::UTC), Some(at("2026-11-24T06:00:00Z")));
    assert_eq!(every.next_after(run - TimeDelta::nanoseconds(1), zone), Some(run));
    // Past the years that are walked there is nothing, and no panic.
    for far in [Time::MAX_UTC, Time::MIN_UTC] {
        for text in ["0 9 * * *", "* * * * *", "@every 1s"] {
            let _ = Schedule::parse(text).unwrap().next_after(far, zone);
        }
    }
    assert_eq!(Schedule::parse("0 0 0 1 1 * 2020").unwrap().next_after(run, zone), None);
}

#[test]
fn what_is_no_schedule_is_refused_with_a_reason() {
    for (text, reason) in [
        ("", "not 0"),
        ("0 9 * *", "not 4"),
        ("0 0 9 * * * * *", "not 8"),
        ("@reboot", "\"@reboot\" is no schedule"),
        ("@every", "needs a length of time"),
        ("@every 0s", "needs a length of time"),
        ("@every soon", "needs a length of time"),
        ("@every90m", "needs a length of time"),
        ("61 * * * *", "\"61\" cannot be the minute: 61 is not from 0 to 59"),
        ("0 24 * * *", "cannot be the hour"),
        ("0 0 0 * *", "\"0\" cannot be the day of the month: 0 is not from 1 to 31"),
        ("0 0 * 13 *", "cannot be the month"),
        ("0 0 * * 8", "cannot be the weekday: 8 is not from 0 to 7"),
        ("0 0 L * *", "L, W and # are not supported"),
        ("0 0 * * 5#2", "L, W and # are not supported"),
        ("*/90 * * * *", "the step \"90\" is not from 1 to 60 (longer ones: @every 90m)"),
        ("*/0 * * * *", "the step \"0\""),
        ("1, * * * *", "\"\" is not a number"),
        ("+5 * * * *", "\"+5\" is not a number"),
        ("0 0 * * MOO", "\"MOO\" is not a number"),
        ("0 0 0 1 1 * 2030-2020", "2030 comes after 2020"),
    ] {
        let error = Schedule::parse(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text:?}: {error}");
    }
    for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 0 29 2 * 2026"] {
        assert_eq!(Schedule::parse(text), Err(ScheduleError::Never), "{text}");
    }
    // 30 February or a Friday: the Fridays remain.
    assert!(Schedule::parse("0 0 30 2 FRI").is_ok());
}

#[test]
fn ten_thousand_schedules_have_a_year() {
    let begun = Instant::now();
    let (start, end) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let mut runs = 0;
    for feed in 0..10_000_u32 {
        let expression = format!("{} {} {} * *", feed % 60, feed % 24, 1 + feed % 28);
        let schedule = Schedule::parse(&expression).unwrap();
        let mut last = start;
        for run in schedule.runs_after(start, Tz::America__New_York).take_while(|run| *run < end) {
            assert!(run > last);
            last = run;
            runs += 1;
        }
    }
    assert_eq!(runs, 120_000);
    println!("{runs} runs in {:?}", begun.elapsed());
}

/// A random expression with the sets it means, worked out beside the text.
struct Expression {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    either: bool,
}

impl Expression {
    fn random(random: &mut Random) -> Self {
        let (minute, minutes) = random.field(0, 59, 15);
        let (hour, hours) = random.field(0, 23, 60);
        let (day, days) = random.field(1, 31, 66);
        let (month, months) = random.field(1, 12, 75);
        let (weekday, weekdays) = random.field(0, 6, 66);
        let either = !day.starts_with('*') && !weekday.starts_with('*');
        Self {
            text: format!("{minute} {hour} {day} {month} {weekday}"),
            minutes,
            hours,
            days,
            months,
            weekdays,
            either,
        }
    }

    fn matches(&self, civil: &Civil) -> bool {
        let day = self.days & civil.day != 0;
        let weekday = self.weekdays & civil.weekday != 0;
        self.minutes & civil.minute != 0
            && self.hours & civil.hour != 0
            && self.months & civil.month != 0
            && if self.either { day || weekday } else { day && weekday }
    }
}

/// A civil minute, each part as one bit.
struct Civil {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

impl Civil {
    fn of(civil: NaiveDateTime) -> Self {
        let weekday = civil.weekday().num_days_from_sunday();
        Self {
            minute: 1 << civil.minute(),
            hour: 1 << civil.hour(),
            day: 1 << civil.day(),
            month: 1 << civil.month(),
            weekday: 1 << weekday,
        }
    }
}

/// A minute that was walked.
struct Minute {
    instant: Time,
    civil: Civil,
    /// The civil minutes left out just before it.
    left_out: Vec<Civil>,
    /// Whether this civil minute came before.
    again: bool,
}

/// Every minute of some days.
struct Walk {
    zone: Tz,
    minutes: Vec<Minute>,
}

impl Walk {
    /// Minutes walked before the first that counts, so that what comes twice is known.
    const LEAD: usize = 1440;

    fn around(zone: Tz, year: i32, month: u32, day: u32) -> Self {
        let middle = NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc();
        let start = middle - TimeDelta::days(2);
        let mut minutes = Vec::new();
        let mut furthest: Option<NaiveDateTime> = None;
        for minute in 0..4 * 1440 {
            let instant = start + TimeDelta::minutes(minute);
            let civil = zone.from_utc_datetime(&instant.naive_utc()).naive_local();
            let mut left_out = Vec::new();
            let mut next = furthest.map(|furthest| furthest + TimeDelta::minutes(1));
            while let Some(gone) = next.filter(|gone| *gone < civil) {
                left_out.push(Civil::of(gone));
                next = Some(gone + TimeDelta::minutes(1));
            }
            let again = furthest.is_some_and(|furthest| civil <= furthest);
            furthest = furthest.max(Some(civil));
            minutes.push(Minute { instant, civil: Civil::of(civil), left_out, again });
        }
        Self { zone, minutes }
    }

    fn runs(&self, expression: &Expression) -> Vec<Time> {
        let hourly = expression.hours == (1 << 24) - 1;
        let runs = self.minutes.iter().skip(Self::LEAD).filter(|minute| {
            let late = !hourly && minute.left_out.iter().any(|gone| expression.matches(gone));
            late || (hourly || !minute.again) && expression.matches(&minute.civil)
        });
        runs.map(|minute| minute.instant).collect()
    }
}

/// A small generator (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % u64::from(bound)) as u32
    }

    /// A field's text with its set; so many in a hundred begin with `*`.
    fn field(&mut self, first: u32, last: u32, open: u32) -> (String, u64) {
        let count = last - first + 1;
        let set = |values: &mut dyn Iterator<Item = u32>| values.fold(0, |set, value| set | 1_u64 << value);
        if self.below(100) < open {
            if self.below(4) == 0 {
                let step = 1 + self.below(count);
                return (format!("*/{step}"), set(&mut (first..=last).step_by(step as usize)));
            }
            return ("*".to_owned(), set(&mut (first..=last)));
        }
        let (mut texts, mut values) = (Vec::new(), 0);
        for _ in 0..=self.below(3) {
            let (from, length) = (first + self.below(count), self.below(count));
            let around = |step: usize| (0..=length).step_by(step).map(move |add| first + (from - first + add) % count);
            let to = first + (from - first + length) % count;
            match self.below(4) {
                0 => {
                    let step = 1 + self.below(5.min(count));
                    texts.push(format!("{from}-{to}/{step}"));
                    values |= set(&mut around(step as usize));
                }
                1 => {
                    texts.push(format!("{from}-{to}"));
                    values |= set(&mut around(1));
                }
                _ => {
                    texts.push(from.to_string());
                    values |= 1 << from;
                }
            }
        }
        (texts.join(","), values)
    }
}
