//! The feed doctor, against the W3C feed validator's own suite.

mod cases;
mod classes;
mod sentences;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wangqi::extract::feed::doctor::{self, Code, Level, Problem};
use wangqi::model::CanonicalUrl;

/// The validator's suite, where this machine has it: `$WANGQI_SHARED`, or a folder `shared` beside the repository.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("WANGQI_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("corpus/feeds/feedvalidator")).filter(|path| path.is_dir())
}

/// What the suite says of one file.
#[derive(serde::Deserialize)]
struct Verdict {
    file: String,
    message: String,
    negated: bool,
    params: BTreeMap<String, String>,
}

/// The three kinds of verdicts: a problem has to be found, may not be found, or a value is good and nothing may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Found,
    NotFound,
    Good,
}

impl Verdict {
    fn kind(&self) -> Kind {
        match (self.negated, self.message.strip_prefix("Valid")) {
            (true, _) => Kind::NotFound,
            (false, Some(_)) => Kind::Good,
            (false, None) => Kind::Found,
        }
    }

    /// Whether the doctor says the same.
    fn agrees(&self, problems: &[Problem]) -> bool {
        match self.kind() {
            Kind::Found => Self::among(&self.message, problems),
            Kind::NotFound if self.message.starts_with("Valid") => true,
            Kind::NotFound => !Self::among(&self.message, &self.there(problems)),
            // The validator notes good values, the doctor does not: it must say nothing bad of the same kind of value.
            Kind::Good => !Self::among(&self.message.replacen("Valid", "Invalid", 1), problems),
        }
    }

    fn among(message: &str, problems: &[Problem]) -> bool {
        problems.iter().any(|problem| match message {
            "Error" => problem.level == Level::Error,
            "Warning" => problem.level == Level::Warning,
            _ => classes::class(problem).is_some_and(|class| classes::is_a(class, message)),
        })
    }

    /// The problems at the element the verdict names; all where it names none.
    fn there(&self, problems: &[Problem]) -> Vec<Problem> {
        let Some(element) = self.params.get("element").filter(|element| !element.is_empty()) else {
            return problems.to_vec();
        };
        let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
        let is_there = |problem: &&Problem| {
            let names = [problem.element.clone(), local(&problem.element), problem.attribute.clone()];
            names.contains(element) || names.contains(&local(element))
        };
        problems.iter().filter(is_there).cloned().collect()
    }
}

#[test]
fn the_doctor_agrees_with_the_feed_validator() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: the feed validator's suite is not here ($WANGQI_SHARED)");
        return;
    };
    let verdicts: Vec<Verdict> = serde_json::from_slice(&std::fs::read(corpus.join("expect.json")).unwrap()).unwrap();
    let mut kinds: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
    let mut by_class: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut there, mut empty) = (0, 0);
    for verdict in &verdicts {
        let payload = std::fs::read(corpus.join(&verdict.file)).unwrap();
        let problems = doctor::examine(&payload, "", None);
        let agrees = verdict.agrees(&problems);
        empty += usize::from(verdict.agrees(&[]));
        for count in [
            kinds.entry(verdict.kind()).or_default(),
            by_class.entry(format!("{}{}", if verdict.negated { "!" } else { "" }, verdict.message)).or_default(),
        ] {
            count.0 += usize::from(agrees);
            count.1 += 1;
        }
        there += usize::from(verdict.kind() == Kind::Found && verdict.agrees(&verdict.there(&problems)));
        if !agrees && std::env::var_os("WANGQI_DOCTOR_SHOWS").is_some() {
            let said: Vec<String> = problems
                .iter()
                .map(|problem| format!("{:?}@{}/{}", problem.code, problem.element, problem.attribute))
                .collect();
            eprintln!(
                "{}{} {} {:?}: {}",
                if verdict.negated { "!" } else { "" },
                verdict.message,
                verdict.file,
                verdict.params,
                said.join(" ")
            );
        }
    }
    for (class, (agreed, all)) in &by_class {
        eprintln!("{agreed:4} of {all:4}  {class}");
    }
    let share = |(agreed, all): (usize, usize)| 100.0 * agreed as f64 / all.max(1) as f64;
    for (kind, counts) in &kinds {
        eprintln!("{kind:?}: {} of {} ({:.1} %)", counts.0, counts.1, share(*counts));
    }
    let all = kinds.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
    eprintln!(
        "all: {} of {} ({:.1} %); at the element named too, of those to be found: {there}; an empty doctor: {empty}",
        all.0,
        all.1,
        share(all)
    );
    assert!(share(all) >= 60.0, "the doctor agrees with {all:?}");
    assert!(share(kinds[&Kind::Found]) >= 60.0, "of the problems to be found it finds {:?}", kinds[&Kind::Found]);
}

fn codes(text: &str) -> Vec<Code> {
    doctor::examine(text.as_bytes(), "", None).into_iter().map(|problem| problem.code).collect()
}

#[test]
fn a_sound_feed_has_no_problems() {
    for sound in [cases::rss("", ""), cases::atom("", ""), cases::rdf()] {
        let problems = doctor::examine(sound.as_bytes(), "text/xml; charset=utf-8", None);
        assert!(problems.is_empty(), "{problems:?}\n{sound}");
    }
    let json = "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"a\", \"items\": []}";
    assert_eq!(codes(json), [], "a JSON feed is its parser's business");
}

#[test]
fn every_kind_of_problem_has_a_snippet_that_shows_it() {
    let cases = cases::cases();
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(code, text)| !codes(text).contains(code))
        .map(|(code, text)| format!("{code:?} is not among {:?} of\n{text}", codes(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What depends on bytes or on where the feed came from has tests of its own below.
    let elsewhere = [Code::InvalidBytes, Code::MediaType, Code::SelfElsewhere];
    let is_shown = |code: &&Code| cases.iter().any(|(shown, _)| shown == *code) || elsewhere.contains(code);
    let unshown: Vec<&Code> = Code::ALL.iter().filter(|code| !is_shown(code)).collect();
    assert!(unshown.is_empty(), "{unshown:?} have no snippet");
}

#[test]
fn bytes_and_delivery_are_looked_at() {
    let sound = cases::rss("", "");
    let find = |payload: &[u8], content_type: &str, url: Option<&CanonicalUrl>| -> Vec<Code> {
        doctor::examine(payload, content_type, url).into_iter().map(|problem| problem.code).collect()
    };
    let mut broken = sound.clone().into_bytes();
    broken.extend(b"<!-- \xff\xfe -->");
    assert_eq!(find(&broken, "", None), [Code::InvalidBytes]);
    assert_eq!(find(sound.as_bytes(), "text/html; charset=utf-8", None), [Code::MediaType]);
    let (own, other) = ("https://ferry.example/feed.xml", "https://ferry.example/old.xml");
    let url = |text: &str| CanonicalUrl::parse(text).unwrap();
    assert_eq!(find(sound.as_bytes(), "", Some(&url(own))), []);
    assert_eq!(find(sound.as_bytes(), "", Some(&url(other))), [Code::SelfElsewhere]);
}

#[test]
fn common_troubles_are_told_in_plain_words() {
    let told = |text: &str| -> Vec<String> {
        doctor::examine(text.as_bytes(), "", None).iter().map(ToString::to_string).collect()
    };
    let wrong: Vec<String> = sentences::sentences()
        .into_iter()
        .filter(|(text, sentence)| !told(text).iter().any(|told| told == sentence))
        .map(|(text, sentence)| format!("{sentence}\nis not among\n{}", told(&text).join("\n")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn hostile_texts_are_examined_within_bounds() {
    let many = |piece: &str, times: usize| piece.repeat(times);
    let texts = [
        many("<a>", 100_000),
        many("<a", 100_000),
        many("<a x=\"", 100_000),
        many("<!a[ >", 100_000),
        many("<![CDATA[", 100_000),
        many("</a>", 100_000),
        many("&#", 100_000),
        format!("<rss>{}", many("<item xmlns:a=\"b\">", 100_000)),
        format!("<!DOCTYPE rss [{}]><rss>{}</rss>", many("<!ENTITY a \"&a;&a;\">", 10_000), many("&a;", 100_000)),
        format!("<a {}/>", many("b=\"c\" ", 100_000)),
        cases::rss("", &format!("<description>{}</description>", many("&lt;a href='", 100_000))),
        cases::rss("", &format!("<description>{}</description>", many("&amp;#", 100_000))),
        cases::rss("", &many("<guid>a</guid>", 30_000)),
        cases::atom("", &many("<link href='a'/>", 30_000)),
        many("\u{1b}[31m<\u{202e}\u{0}>", 50_000),
    ];
    for text in texts {
        let problems = doctor::examine(text.as_bytes(), "", None);

        assert!(problems.len() <= 200, "{} of {:?}", problems.len(), &text[..40]);
        for problem in problems {
            let line = problem.to_string();
            assert!(
                line.len() < 1_000 && !line.contains(|letter: char| letter.is_control() || letter == '\u{202e}'),
                "{line:?}"
            );
        }
    }
}

#[test]
fn nothing_outside_is_read_and_nothing_is_expanded() {
    let lol =
        "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let text = cases::rss("", "<category>&a;&b;&x;</category><itunes:subtitle>&b;</itunes:subtitle>").replacen(
        "<rss",
        &format!("{lol}<rss"),
        1,
    );
    assert_eq!(codes(&text), [Code::OutsideEntity]);
}

#[test]
fn a_feed_cut_or_broken_anywhere_is_examined() {
    let sound =
        cases::atom("<rights type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><b>a</b></div></rights>", "")
            + &cases::rss(
                "<image><url>x</url></image>",
                "<description>&lt;a href='b' style=\"c\"&gt;&amp;#38;</description>",
            );
    let places: Vec<usize> = sound.char_indices().map(|(at, _)| at).step_by(13).collect();
    for at in places {
        let (before, after) = sound.split_at(at);
        doctor::examine(before.as_bytes(), "", None);
        for piece in ["<", ">", "&", "\"", "'", "=", "/", "<!", "<?", "-->", "]]>", "期", "\u{0}"] {
            // In place of the letter that stood there, and before it.
            let rest: String = after.chars().skip(1).collect();
            doctor::examine(format!("{before}{piece}{rest}").as_bytes(), "", None);
            doctor::examine(format!("{piece}{after}").as_bytes(), "", None);
        }
        doctor::examine(&[before.as_bytes(), b"\xff", after.as_bytes()].concat(), "", None);
    }
}

#[test]
fn parse_feed_prints_what_is_wrong_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.xml");
    std::fs::write(&path, cases::rss("", "<pubDate>yesterday</pubDate>")).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wangqi"));
    let ended = crate::support::process::run(command.current_dir(folder.path()).args(["parse-feed", "feed.xml"]));
    let feed: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let advice = "write it like Thu, 11 Jul 2024 10:00:00 +0800";
    let what = "<pubDate> is not a date as RSS wants it: yesterday";
    let problems: Vec<&str> = feed["problems"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
    assert!(problems.contains(&format!("line 14: {what}; {advice}").as_str()), "{problems:?}");
    let diagnosis = serde_json::json!({
        "line": 14, "code": "bad-mail-date", "level": "error", "element": "pubDate", "attribute": "", "what": what, "advice": advice,
    });
    assert_eq!(feed["diagnoses"], serde_json::json!([diagnosis]));
    assert_eq!((ended.code, feed["version"].as_str()), (Some(0), Some("rss20")));
}
