//! `wangqi config`: is crawl.toml right, and what does it come to?

use crate::cli::open::{self, environment};
use crate::cli::{Command, Context, Exit};
use crate::config::Config;
use crate::crawl::options::FeedOptions;
use crate::model::Time;
use clap::ArgMatches;
use std::fmt::Write as _;

/// How many runs `check` foretells of each feed.
const FORETOLD: usize = 5;

/// `wangqi config check|show`.
pub(super) struct ConfigCommand;

impl Command for ConfigCommand {
    fn arguments(&self) -> clap::Command {
        let check =
            clap::Command::new("check").about("Say everything that is wrong with it, or when each feed runs next");
        let show = clap::Command::new("show").about("Print everything that is in force as TOML, secrets as ***");
        clap::Command::new("config")
            .about("Check crawl.toml, or show what is in force")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands([check, show])
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let config = open::config(context)?;
        match given.subcommand_name() {
            Some("check") if config.path.is_none() => {
                let places = Config::places(&context.folder, &environment());
                let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
                anyhow::bail!(
                    anyhow::anyhow!("there is no crawl.toml: looked for {}", places.join(", ")).context(Exit::Config)
                );
            }
            Some("check") => {
                open::can_fetch(&config)?;
                write!(context.out, "{}", report(&config, chrono::Utc::now()))?;
            }
            _ => {
                let from = config.path.as_ref().map_or("the defaults".to_owned(), |path| path.display().to_string());
                write!(context.out, "# What is in force, from {from} and the environment.\n\n{}", config.show())?;
            }
        }
        Ok(Exit::Ok)
    }
}

/// What `check` says of a configuration that is right.
fn report(config: &Config, now: Time) -> String {
    let file = config.path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    let feeds = config.crawl.feeds.len();
    let mut text = format!(
        "{file} is right: {feeds} {}, archive in {}\n",
        if feeds == 1 { "feed" } else { "feeds" },
        config.archive.path.display()
    );
    if config.backup.is_idle {
        text.push_str("note: [backup] has no schedule, so no backup is ever written; give it one, as in schedule = \"0 3 * * *\"\n");
    }
    for feed in &config.crawl.feeds {
        describe(&mut text, config, feed, now);
    }
    text
}

fn describe(text: &mut String, config: &Config, feed: &FeedOptions, now: Time) {
    let schedule = feed.schedule.as_ref().unwrap_or(&config.crawl.schedule);
    let zone = feed.timezone.unwrap_or(config.crawl.timezone);
    // Writing to a `String` does not fail.
    let _ = writeln!(text, "\n{}\n  {}\n  {schedule}, {}:", feed.name, feed.url, zone.name());
    let mut runs = schedule.runs_after(now, zone).take(FORETOLD).peekable();
    if runs.peek().is_none() {
        let _ = writeln!(text, "    never again: the years it names are over");
    }
    for run in runs {
        let _ = writeln!(text, "    {}", run.with_timezone(&zone).format("%a %Y-%m-%d %H:%M:%S %:z"));
    }
    if feed.url.wechat_rank() == 1 {
        let _ = writeln!(
            text,
            "  note: a WeChat link without its chksm mostly leads to a captcha; copy the whole link, or the short /s/… one"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn the_next_five_runs_are_told_in_the_feeds_zone() {
        let text = "[[feed]]\nname = \"往期\"\nurl = \"https://mp.weixin.qq.com/s?__biz=MTIz&mid=1&idx=1\"\nschedule = \"0 9 * * 1-5\"\n\
            [[feed]]\nurl = \"https://a.example/\"\ntimezone = \"Europe/Berlin\"\nschedule = \"0 0 0 1 1 * 2020\"\n";
        let config = Config::parse(text, Some(Path::new("/w/crawl.toml")), Path::new("/w"), &BTreeMap::new()).unwrap();
        let now = chrono::DateTime::parse_from_rfc3339("2026-11-26T12:00:00Z").unwrap().to_utc();
        let expected = "/w/crawl.toml is right: 2 feeds, archive in /w/archive\n\n\
            往期\n  https://mp.weixin.qq.com/s?__biz=MTIz&mid=1&idx=1\n  0 9 * * 1-5, Asia/Shanghai:\n    \
            Fri 2026-11-27 09:00:00 +08:00\n    Mon 2026-11-30 09:00:00 +08:00\n    Tue 2026-12-01 09:00:00 +08:00\n    \
            Wed 2026-12-02 09:00:00 +08:00\n    Thu 2026-12-03 09:00:00 +08:00\n  \
            note: a WeChat link without its chksm mostly leads to a captcha; copy the whole link, or the short /s/… one\n\n\
            https://a.example/\n  https://a.example/\n  0 0 0 1 1 * 2020, Europe/Berlin:\n    \
            never again: the years it names are over\n";
        assert_eq!(report(&config, now), expected);
    }
}
