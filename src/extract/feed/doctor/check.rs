//! The checks that the tables name: of a value, or of an element with all that is in it.

use super::code::Code;
use super::problem::Found;
use super::walk::Doctor;
use super::{address, dates, goods, markup, media, number, search, text, word};

/// Where a check says what it found: the kind, and the value to show.
pub(super) type Tell<'a> = dyn FnMut(Code, &str) + 'a;

/// Whether a word stands in a list of words with bars between.
pub(super) fn listed(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split('|').any(|known| known == word)
}

/// A check.
#[derive(Clone, Debug, Default)]
pub(super) enum Check {
    /// No text at all.
    #[default]
    Nothing,
    /// Any text.
    Text,
    /// One of these words.
    Listed(Vec<&'static str>),
    /// Of the text alone.
    Value(fn(&str, &mut Tell<'_>)),
    /// Of the element.
    Element(fn(&Doctor<'_, '_>, usize, &mut Found)),
}

/// The check of this name.
pub(super) fn named(name: &'static str) -> Option<Check> {
    if let Some(words) = name.strip_prefix("one(").and_then(|words| words.strip_suffix(')')) {
        return Some(Check::Listed(words.split('|').collect()));
    }
    let value = VALUES.iter().find(|(known, _)| *known == name).map(|(_, check)| Check::Value(*check));
    let element = || ELEMENTS.iter().find(|(known, _)| *known == name).map(|(_, check)| Check::Element(*check));
    match name {
        "text" => Some(Check::Text),
        "nothing" => Some(Check::Nothing),
        _ => value.or_else(element),
    }
}

type Value = fn(&str, &mut Tell<'_>);
type Element = fn(&Doctor<'_, '_>, usize, &mut Found);

const VALUES: &[(&str, Value)] = &[
    ("plain", plain),
    ("words", words),
    ("html", html),
    ("not-blank", not_blank),
    ("name", name),
    ("keywords", keywords),
    ("subtitle", subtitle),
    ("summary", summary),
    // Dates.
    ("mail-date", dates::mail_date),
    ("instant", dates::instant),
    ("instant-attribute", dates::instant_attribute),
    ("w3c-date", dates::w3c_date),
    ("w3c-date-loose", dates::w3c_date_loose),
    // Addresses and names.
    ("address", address::address),
    ("full-address", address::full_address),
    ("full-iri", address::full_iri),
    ("url-text", address::url_attribute),
    ("date-time", dates::date_time),
    ("port", number::port),
    ("angle", number::angle),
    ("full-url", address::full_url),
    ("license", |text, tell| address::full_address(text.trim(), tell)),
    ("url", address::url),
    ("image-url", word::image_url),
    ("uri", address::uri),
    ("uri-text", address::uri),
    ("iri", address::iri),
    ("url-attribute", address::url_attribute),
    ("id", address::id),
    ("mail-address", address::mail_address),
    ("contact", address::contact),
    ("media-type", address::media_type),
    ("file-type", address::file_type),
    ("accept", address::accept),
    ("language", address::language),
    // Numbers and words.
    ("integer", number::integer),
    ("positive", number::positive),
    ("count", number::count),
    ("integer-attribute", number::integer_attribute),
    ("integers", number::integers),
    ("number", number::number),
    ("latitude", number::latitude),
    ("longitude", number::longitude),
    ("tilt", number::tilt),
    ("heading", number::heading),
    ("coordinates", number::coordinates),
    ("kml-coordinates", number::kml_coordinates),
    ("width", number::width),
    ("height", number::height),
    ("hour", number::hour),
    ("day", number::day),
    ("duration", number::duration),
    ("play-time", number::play_time),
    ("zero-one", number::zero_one),
    ("boolean", number::boolean),
    ("true-false", number::true_false),
    ("yes-no", number::yes_no),
    ("yes-clean", number::yes_clean),
    ("explicit", number::explicit),
    ("colour", number::colour),
    ("sequence-number", number::sequence),
    ("update-period", number::update_period),
    ("altitude-mode", number::altitude_mode),
    ("rss-version", word::rss_version),
    ("opml-version", word::opml_version),
    ("form-name", word::form_name),
    ("link-relation", word::link_relation),
    ("charset", search::charset),
    ("encoded-url", search::encoded_url),
    ("search-language", search::search_language),
    ("syndication", search::syndication),
    ("adult", search::adult),
    ("template", search::template),
    ("query-role", search::query_role),
    ("query-title", |text, tell| short(text, 256, tell)),
    ("short-text", |text, tell| short(text, 16, tell)),
    ("long-text", |text, tell| short(text, 48, tell)),
    ("developer-text", |text, tell| short(text, 64, tell)),
    ("attribution-text", |text, tell| short(text, 256, tell)),
    ("description-text", |text, tell| short(text, 1024, tell)),
    ("image-address", search::image_address),
    ("itunes-category", word::itunes_category),
    ("credit-role", word::credit_role),
    ("meta-name", word::meta_name),
    ("meta-content", word::meta_content),
    ("media-adult", |_, tell| tell(Code::AdultOfOld, "")),
    ("sync-id", word::sync_id),
    ("sync-by", word::sync_by),
    ("kml-id", word::kml_id),
    ("comment-rss", |_, tell| tell(Code::CommentRss, "commentRss")),
    // Google Base.
    ("g-integer", goods::integer),
    ("g-integer-unit", goods::integer_unit),
    ("g-number", goods::number),
    ("g-number-unit", goods::number_unit),
    ("g-count", goods::count),
    ("g-year", goods::year),
    ("g-date", goods::date),
    ("g-date-time", goods::date_time),
    ("g-currency", goods::currency),
    ("g-country", goods::country),
    ("g-gender", goods::gender),
    ("g-marital", goods::marital),
    ("g-location", goods::location),
    ("g-full-location", goods::full_location),
    ("g-label", goods::label),
    ("g-image", goods::image),
    ("g-payment", goods::payment),
    ("g-price-type", goods::price_type),
    ("g-salary-type", goods::salary_type),
    ("g-rating", goods::rating),
    ("g-reviewer", goods::reviewer),
    ("g-percent", goods::percent),
    ("g-true-false", goods::true_false),
];

const ELEMENTS: &[(&str, Element)] = &[
    ("guid", text::guid),
    ("text-construct", text::text_construct),
    ("content", text::content),
    ("link-contents", text::link_contents),
    ("markup", text::xhtml),
    ("trackback", text::trackback),
    ("typed-text", media::typed_text),
    ("media-rating", media::media_rating),
    ("media-hash", media::media_hash),
    ("media-restriction", media::media_restriction),
    ("several-media", media::several_media),
];

/// HTML, and letters as they were meant.
fn html(text: &str, tell: &mut Tell<'_>) {
    markup::html(text, tell);
    word::wrongly_decoded(text, tell);
}

/// Text without HTML, and some.
fn plain(text: &str, tell: &mut Tell<'_>) {
    not_blank(text, tell);
    words(text, tell);
}

/// Text without HTML.
fn words(text: &str, tell: &mut Tell<'_>) {
    if let Some(sign) = markup::sign(text) {
        tell(Code::HtmlInText, sign);
    }
    word::wrongly_decoded(text, tell);
}

fn not_blank(text: &str, tell: &mut Tell<'_>) {
    if text.trim().is_empty() {
        tell(Code::Blank, text);
    }
}

/// A person's name.
fn name(text: &str, tell: &mut Tell<'_>) {
    let inner = text.trim();
    if inner.split(|letter: char| letter.is_whitespace() || "<>()".contains(letter)).any(address::is_mail) {
        tell(Code::MailInText, inner);
    } else {
        plain(text, tell);
    }
}

/// Text without HTML, and no longer than so many characters.
fn short(text: &str, most: usize, tell: &mut Tell<'_>) {
    words(text, tell);
    let length = text.trim().chars().count();
    if length > most {
        tell(Code::TooLong, &format!("{length} characters, at most {most}"));
    }
}

// The lengths are those of Apple's podcast specification.
fn subtitle(text: &str, tell: &mut Tell<'_>) {
    short(text, 255, tell);
}

fn summary(text: &str, tell: &mut Tell<'_>) {
    short(text, 4000, tell);
}

fn keywords(text: &str, tell: &mut Tell<'_>) {
    short(text, 255, tell);
    let text = text.trim();
    if text.split(',').count() > 12 || (!text.contains(',') && text.split_whitespace().count() > 2) {
        tell(Code::Keywords, text);
    }
}
