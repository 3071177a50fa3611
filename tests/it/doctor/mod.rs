//! The feed doctor, against the W3C feed validator's own suite.

mod classes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wangqi::extract::feed::doctor::{self, Level, Problem};

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
            Kind::Found => self.among(&self.message, problems),
            Kind::NotFound if self.message.starts_with("Valid") => true,
            Kind::NotFound => !self.among(&self.message, &self.there(problems)),
            // The validator notes good values, the doctor does not: it must say nothing bad of the same kind of value.
            Kind::Good => !self.among(&self.message.replacen("Valid", "Invalid", 1), problems),
        }
    }

    fn among(&self, message: &str, problems: &[Problem]) -> bool {
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
