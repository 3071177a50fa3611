//! Values that are words of some specification's list.

use super::address;
use super::check::{Tell, listed};
use super::code::Code;
use super::markup;

pub(super) fn rss_version(text: &str, tell: &mut Tell<'_>) {
    match text {
        "2.0" | "0.91" | "0.92" | "0.93" | "0.94" => {}
        _ if text.starts_with("2.0.") || text.starts_with("0.9") => tell(Code::OldVersion, text),
        _ => tell(Code::Version, text),
    }
}

pub(super) fn opml_version(text: &str, tell: &mut Tell<'_>) {
    if !matches!(text, "1.0" | "1.1" | "2.0") {
        tell(Code::BadOpmlVersion, text);
    }
}

/// A name of a form's field.
pub(super) fn form_name(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    let fits = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_:.".contains(letter));
    if !fits {
        tell(Code::BadName, text);
    }
}

/// The relations that IANA has registered for links (those of feeds and the usual others).
const RELATIONS: &str = "\
    alternate|appendix|archives|author|bookmark|canonical|chapter|collection|contents|copyright|current|\
    describedby|disclosure|duplicate|edit|edit-media|enclosure|external|first|glossary|help|hub|icon|index|\
    item|last|latest-version|license|me|memento|monitor|next|next-archive|payment|predecessor-version|prev|\
    prev-archive|preview|previous|privacy-policy|related|replies|search|section|self|service|start|\
    stylesheet|subsection|successor-version|tag|terms-of-service|type|up|version-history|via|webmention|\
    working-copy|working-copy-of";

/// RFC 4287, section 4.2.7.2: a registered word, or a full address.
pub(super) fn link_relation(text: &str, tell: &mut Tell<'_>) {
    const REGISTRY: &str = "http://www.iana.org/assignments/relation/";
    let word = text.strip_prefix(REGISTRY).unwrap_or(text);
    if text.trim().is_empty() {
        tell(Code::BlankAttribute, text);
        tell(Code::BadRelation, text);
    } else if text.trim() != text {
        tell(Code::BadRelation, text);
    } else if text.contains(':') && word == text {
        address::full_address(text, tell);
    } else if !listed(RELATIONS, &word.to_ascii_lowercase()) {
        tell(Code::BadRelation, text);
    }
}

/// The address of a channel's picture.
pub(super) fn image_url(text: &str, tell: &mut Tell<'_>) {
    address::url(text, tell);
    let path = text.trim().split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let odd = [".bmp", ".tif", ".tiff", ".svg", ".webp", ".ico", ".pict", ".psd", ".svgz"]
        .iter()
        .any(|end| path.ends_with(end));
    if odd {
        tell(Code::ImageFormat, text);
    }
}

/// Apple's categories of podcasts and those below them.
const CATEGORIES: &str = "\
    Arts|Books|Design|Fashion & Beauty|Food|Performing Arts|Visual Arts|Business|Careers|Entrepreneurship|\
    Investing|Management|Marketing|Non-Profit|Comedy|Comedy Interviews|Improv|Stand-Up|Education|Courses|\
    How To|Language Learning|Self-Improvement|Fiction|Comedy Fiction|Drama|Science Fiction|Government|\
    History|Health & Fitness|Alternative Health|Fitness|Medicine|Mental Health|Nutrition|Sexuality|\
    Kids & Family|Education for Kids|Parenting|Pets & Animals|Stories for Kids|Leisure|Animation & Manga|\
    Automotive|Aviation|Crafts|Games|Hobbies|Home & Garden|Video Games|Music|Music Commentary|Music History|\
    Music Interviews|News|Business News|Daily News|Entertainment News|News Commentary|Politics|Sports News|\
    Tech News|Religion & Spirituality|Buddhism|Christianity|Hinduism|Islam|Judaism|Religion|Spirituality|\
    Science|Astronomy|Chemistry|Earth Sciences|Life Sciences|Mathematics|Natural Sciences|Nature|Physics|\
    Social Sciences|Society & Culture|Documentary|Personal Journals|Philosophy|Places & Travel|\
    Relationships|Sports|Baseball|Basketball|Cricket|Fantasy Sports|Football|Golf|Hockey|Rugby|Running|\
    Soccer|Swimming|Tennis|Volleyball|Wilderness|Wrestling|Technology|True Crime|TV & Film|After Shows|\
    Film History|Film Interviews|Film Reviews|TV Reviews|Fashion & Beauty|Literature|Business News|\
    Management & Marketing|Shopping|Education Technology|Higher Education|K-12|Language Courses|Training|\
    Other Games|Games & Hobbies|Government & Organizations|Local|National|Regional|Self-Help|Health|\
    News & Politics|Other|Science & Medicine|College & High School|Outdoor|Professional|Sports & Recreation|\
    Amateur|Gadgets|Podcasting|Software How-To";

/// Apple's first categories, of 2005.
const OLD_CATEGORIES: &str = "\
    Arts & Entertainment|Architecture|Audio Blogs|Computers|Culture|Entertainment|Family|Food|International|\
    Movies & Television|News|Public Radio|Radio|Talk Radio|Travel|Transportation|Tech|Developers|\
    Operating Systems|Information Technology|Spirituality|Diet & Nutrition|Relationships|Environment|\
    Photography|Poetry|Science";

pub(super) fn itunes_category(text: &str, tell: &mut Tell<'_>) {
    if listed(CATEGORIES, text) {
        return;
    }
    let code = if listed(OLD_CATEGORIES, text) { Code::OldItunesCategory } else { Code::BadItunesCategory };
    tell(code, text);
}

/// Roles of those who made something: in small letters; the usual ones of the EBU's list.
pub(super) fn credit_role(text: &str, tell: &mut Tell<'_>) {
    const ROLES: &str = "\
    actor|adaptor|anchor person|animal trainer|animator|announcer|armourer|art director|artist/performer|\
    artist|assistant camera|assistant director|author|band|camera operator|cameraman|casting|choreographer|\
    co-producer|commentator|composer|conductor|costume designer|dancer|director|distribution company|\
    dubbing|editor|ensemble|executive producer|expert|foley artist|graphic artist|graphic designer|guest|\
    host|illustrator|interviewed guest|interviewer|key character|key grip|key talents|leadman|librettist|\
    lighting director|location manager|lyricist|make-up|manufacturer|moderator|musician|narrator|\
    news director|orchestra|participant|performer|photographer|presenter|producer|production company|\
    production manager|publisher|reporter|scenario|script supervisor|set designer|singer|sound engineer|\
    sound mixer|sound recordist|special effects|speaker|stunts|subtitles|technical director|translation|\
    vocals|voice|writer|owner|contributor|creator";
    if !listed(ROLES, text) {
        tell(Code::BadCreditRole, text);
    }
}

pub(super) fn meta_name(text: &str, tell: &mut Tell<'_>) {
    if !text.eq_ignore_ascii_case("robots") {
        tell(Code::BadMetaName, text);
    }
}

pub(super) fn meta_content(text: &str, tell: &mut Tell<'_>) {
    let words: Vec<String> = text.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    let known = ["all", "none", "index", "noindex", "follow", "nofollow"];
    let has = |word: &str| words.iter().any(|given| given == word);
    let contradicts = has("index") && has("noindex") || has("follow") && has("nofollow") || has("all") && has("none");
    if contradicts || !words.iter().all(|word| known.contains(&word.as_str())) {
        tell(Code::BadMetaContent, text);
    }
}

/// FeedSync's names: what may stand in a URN.
pub(super) fn sync_id(text: &str, tell: &mut Tell<'_>) {
    if text.contains(|letter: char| letter.is_whitespace() || "<>\"&[]^`{}|~".contains(letter)) {
        tell(Code::BadSyncName, text);
    }
}

pub(super) fn sync_by(text: &str, tell: &mut Tell<'_>) {
    if text.trim().is_empty() {
        tell(Code::Blank, text);
    } else if let Some(sign) = markup::sign(text) {
        tell(Code::HtmlInText, sign);
    } else {
        sync_id(text, tell);
    }
}

/// An XML id.
pub(super) fn kml_id(text: &str, tell: &mut Tell<'_>) {
    if text.trim().is_empty() {
        tell(Code::Blank, text);
    } else if !text.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        tell(Code::BadId, text);
    }
}

/// Text that was UTF-8 and was read as Windows-1252, or the other way round.
pub(super) fn wrongly_decoded(text: &str, tell: &mut Tell<'_>) {
    let mut last = ' ';
    for letter in text.chars() {
        let control = ('\u{80}'..='\u{9f}').contains(&letter);
        let pair = matches!(last, '\u{c2}' | '\u{c3}') && ('\u{a0}'..='\u{bf}').contains(&letter);
        if control || pair || letter == '\u{fffd}' {
            tell(Code::WrongDecoding, &format!("{last}{letter}"));
            return;
        }
        last = letter;
    }
}
