//! What a page says of itself in JSON-LD (schema.org).

use serde_json::Value;

/// The largest block that is read (judgement).
const LARGEST: usize = 1 << 20;

/// How many objects are looked at, over all blocks.
const MOST: usize = 500;

/// An article's facts.
#[derive(Clone, Debug, Default)]
pub(super) struct JsonLd {
    pub(super) headline: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) image: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) description: Option<String>,
    pub(super) language: Option<String>,
}

/// Reads the blocks of a page: the first object that is an article.
pub(super) fn read(blocks: &[String]) -> JsonLd {
    for block in blocks.iter().filter(|block| block.len() <= LARGEST) {
        let Ok(value) = serde_json::from_str::<Value>(block.trim()) else { continue };
        let mut waiting = vec![&value];
        for _ in 0..MOST {
            let Some(value) = waiting.pop() else { break };
            match value {
                Value::Array(values) => waiting.extend(values.iter().rev()),
                Value::Object(object) => {
                    if object.get("@type").is_some_and(is_article) {
                        return facts(value);
                    }
                    let inner = ["@graph", "mainEntity", "mainEntityOfPage", "hasPart"];
                    waiting.extend(inner.iter().rev().filter_map(|key| object.get(*key)));
                }
                _ => {}
            }
        }
    }
    JsonLd::default()
}

fn is_article(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => {
            kind.ends_with("Article")
                || kind.ends_with("Posting")
                || matches!(kind.as_str(), "Report" | "Review" | "Recipe")
        }
        Value::Array(kinds) => kinds.iter().any(|kind| kind.is_string() && is_article(kind)),
        _ => false,
    }
}

fn facts(article: &Value) -> JsonLd {
    let name = |value: &Value| text(value).or_else(|| text(&value["name"]));
    JsonLd {
        headline: text(&article["headline"]).or_else(|| text(&article["name"])),
        author: names(&article["author"]),
        published: text(&article["datePublished"]).or_else(|| text(&article["dateCreated"])),
        image: image(&article["image"]),
        publisher: name(&article["publisher"]),
        description: text(&article["description"]),
        language: text(&article["inLanguage"]),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// One or several people, by name.
fn names(value: &Value) -> Option<String> {
    let name = |value: &Value| text(value).or_else(|| text(&value["name"]));
    let names: Vec<String> = match value {
        Value::Array(people) => people.iter().take(20).filter_map(name).collect(),
        one => name(one).into_iter().collect(),
    };
    (!names.is_empty()).then(|| names.join(", "))
}

fn image(value: &Value) -> Option<String> {
    match value {
        Value::Array(images) => images.iter().take(20).find_map(|one| text(one).or_else(|| text(&one["url"]))),
        one => text(one).or_else(|| text(&one["url"])),
    }
}
