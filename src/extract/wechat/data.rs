//! The data that a page's scripts assign: found by name, evaluated where it stands.
//!
//! Minified code is full of look-alikes (`var ct = {`, `item_show_type: Number(window.item_show_type)`), so a name counts only
//! where it is declared or belongs to one of the page's own objects, and a scalar only where it is a literal.

use super::evaluate::evaluate;
use super::value::Value;
use memchr::{memchr, memmem};

/// Scalars by name: sorted.
const SCALARS: &[&str] = &[
    "PAGE_MID",
    "_copyright_stat",
    "alias",
    "appmsgid",
    "author",
    "biz",
    "cdn_url",
    "cdn_url_1_1",
    "cdn_url_235_1",
    "content_noencode",
    "copyright_stat",
    "cover",
    "createTime",
    "create_time",
    "ct",
    "desc",
    "idx",
    "is_paid",
    "is_pay_subscribe",
    "item_show_type",
    "itemidx",
    "mid",
    "modify_time",
    "msg_cdn_url",
    "msg_desc",
    "msg_link",
    "msg_source_url",
    "msg_title",
    "need_pay",
    "nick_name",
    "nickname",
    "oriCreateTime",
    "publish_time",
    "real_item_show_type",
    "reprint_style",
    "short_link",
    "sn",
    "source_encode_biz",
    "source_idx",
    "source_mid",
    "source_username",
    "title",
    "transferTargetLink",
    "transfer_target_link",
    "user_name",
    "vid",
];

/// Objects and arrays by name: sorted.
const STRUCTURES: &[&str] = &[
    "__videoPageInfos",
    "album_info_list",
    "album_keep_read_info",
    "cgiData",
    "cgiDataNew",
    "ip_wording",
    "jumpInfo",
    "picture_page_info_list",
    "text_page_info",
    "videoPageInfos",
    "voiceList",
];

/// The page's own objects, whose members are data.
const OWNERS: &[&str] = &["window", "d", "_g", "cgiData", "cgiDataNew"];

/// How many times a page's length may be evaluated in all: judgement; an ordinary page needs less than 0.2.
const EFFORT: usize = 3;

/// One value that a script assigned.
#[derive(Debug)]
struct Assigned {
    name: &'static str,
    value: Value,
    /// Whether the page itself took HTML's escapes off (`.html(false)`, `htmlDecode`).
    decoded: bool,
}

/// What in the scripts tells one template from another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// `cgiDataNew` is written with `JsDecode(…)`.
    pub(super) js_decode: bool,
    /// Values are chosen by `xml ? … : …`.
    pub(super) xml_choice: bool,
    /// The publish time stands in a minified block (`var t="…",n="…",s="2019-07-18"`).
    pub(super) minified_time: bool,
}

/// Everything that the scripts assigned.
#[derive(Debug, Default)]
pub(super) struct Data {
    assigned: Vec<Assigned>,
    /// What tells one template from another.
    pub(super) marks: Marks,
    /// How many constructs were passed over in the data proper.
    pub(super) unknown: u32,
    /// Whether the effort ran out.
    pub(super) exhausted: bool,
}

impl Data {
    /// Reads the scripts of a page.
    pub(super) fn read(scripts: &[&str]) -> Self {
        let mut data = Self::default();
        let total: usize = scripts.iter().map(|script| script.len()).sum();
        let mut effort = total.saturating_mul(EFFORT);
        for script in scripts {
            data.read_script(script, &mut effort);
        }
        if data.text("ct").is_none()
            && let Some(time) = scripts.iter().find_map(|script| minified_time(script))
        {
            data.marks.minified_time = true;
            data.assigned.push(Assigned { name: "ct", value: Value::Text(time.to_owned()), decoded: true });
        }
        data
    }

    /// What an article's page says as JSON (`f=json`): the data object alone. `None` where the text is something else.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        let value = Value::of_json(text).filter(|_| text.trim_start().starts_with('{'))?;
        let is_article = ["content_noencode", "picture_page_info_list", "text_page_info"].iter();
        let is_article = is_article.filter(|name| *value.get(name) != Value::Undefined).count() > 0;
        let assigned = vec![Assigned { name: "cgiDataNew", value, decoded: true }];
        is_article.then(|| Self { assigned, ..Self::default() })
    }

    fn read_script(&mut self, script: &str, effort: &mut usize) {
        let mut at = 0;
        while let Some(found) = memchr(b'=', &script.as_bytes()[at..]) {
            let equals = at + found;
            at = equals + 1;
            if !may_begin(script.as_bytes(), at) || is_one_letter(&script.as_bytes()[..equals]) {
                continue;
            }
            let Some((name, structure)) = target(script, equals) else { continue };
            let Some(start) = begins(script, at, structure) else { continue };
            if *effort == 0 {
                self.exhausted = true;
                return;
            }
            let found = evaluate(script, start);
            *effort = effort.saturating_sub(found.end - start + 1);
            let source = &script[start..found.end];
            self.marks.xml_choice |= source.starts_with("xml");
            if name == "cgiDataNew" {
                self.marks.js_decode |= source.contains("JsDecode(");
                self.unknown += found.unknown;
            }
            let decoded = !structure && (source.contains("html(false)") || source.contains("htmlDecode("));
            self.assigned.push(Assigned { name, value: found.value, decoded });
            // Where something was passed over, data may stand inside it.
            at = if found.unknown == 0 { found.end.max(at) } else { at };
        }
    }

    /// An object or array by name: the first that holds anything.
    pub(super) fn structure(&self, name: &str) -> &Value {
        static NOTHING: Value = Value::Undefined;
        let full = |value: &&Value| match value {
            Value::Object(members) => !members.is_empty(),
            Value::List(items) => !items.is_empty(),
            _ => false,
        };
        self.values(name).find(full).unwrap_or(&NOTHING)
    }

    /// An object by name that has one of these members, else as [`Data::structure`]: a page may assign one name twice.
    pub(super) fn structure_with(&self, name: &str, members: &[&str]) -> &Value {
        let has = |value: &&Value| members.iter().any(|member| *value.get(member) != Value::Undefined);
        self.values(name).find(has).unwrap_or_else(|| self.structure(name))
    }

    /// All arrays of this name: a page may assign one twice.
    pub(super) fn lists<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [Value]> {
        self.values(name).map(Value::items)
    }

    /// A scalar's text by name: the first that is worth something.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.values(name).find_map(Value::text)
    }

    /// A scalar's whole number by name: the first literal that is or spells one; an empty text spells none.
    pub(super) fn count(&self, name: &str) -> Option<usize> {
        let empty = |value: &Value| matches!(value, Value::Text(text) if text.trim().is_empty());
        self.values(name).filter(|value| !empty(value)).find_map(Value::count)
    }

    /// A scalar's text for people: HTML's escapes taken off, once.
    pub(super) fn words(&self, name: &str) -> Option<String> {
        self.assigned.iter().filter(|found| found.name == name).find_map(|found| {
            let text = found.value.text()?;
            Some(if found.decoded { text } else { super::escapes::entities(&text).into_owned() })
        })
    }

    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.assigned.iter().filter(move |found| found.name == name).map(|found| &found.value)
    }
}

/// The publish time of 2019's template: `var t="<fetched>",n="<published>",s="<date>"`.
fn minified_time(script: &str) -> Option<&str> {
    let seconds = |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let opening = "var t=\"";
    memmem::find_iter(script.as_bytes(), opening).find_map(|at| {
        let mut pieces = script[at + opening.len()..].split('"');
        let (fetched, n, published, s) = (pieces.next()?, pieces.next()?, pieces.next()?, pieces.next()?);
        (seconds(fetched) && n == ",n=" && seconds(published) && s == ",s=").then_some(published)
    })
}

/// The name that stands before this `=`, where it is one of ours and assigned the way data is.
fn target(script: &str, equals: usize) -> Option<(&'static str, bool)> {
    let before = script[..equals].trim_end_matches([' ', '\t']);
    let word = last_word(before);
    if !may_be_known(word) {
        return None;
    }
    let (name, structure) = match SCALARS.binary_search(&word) {
        Ok(at) => (SCALARS[at], false),
        Err(_) => (STRUCTURES[STRUCTURES.binary_search(&word).ok()?], true),
    };
    let before = &before[..before.len() - word.len()];
    if let Some(owner) = before.strip_suffix('.') {
        return OWNERS.contains(&last_word(owner)).then_some((name, structure));
    }
    let declared = ["var", "let", "const"].contains(&last_word(before.trim_end()));
    (declared || structure).then_some((name, structure))
}

/// For each first letter, a bit for every length that a name of ours with it has: most words of minified code are told by it.
static LENGTHS: [u32; 128] = {
    let mut lengths = [0; 128];
    let (mut list, mut at) = (0, 0);
    let lists = [SCALARS, STRUCTURES];
    while list < lists.len() {
        while at < lists[list].len() {
            let name = lists[list][at].as_bytes();
            lengths[name[0] as usize] |= 1 << name.len();
            at += 1;
        }
        (list, at) = (list + 1, 0);
    }
    lengths
};

/// Whether a word may be one of our names.
fn may_be_known(word: &str) -> bool {
    let lengths = word.bytes().next().and_then(|first| LENGTHS.get(usize::from(first))).copied().unwrap_or_default();
    lengths.checked_shr(word.len() as u32).unwrap_or_default() & 1 == 1
}

/// The name that a text ends with. Names are short: no more than 24 bytes are looked at.
fn last_word(text: &str) -> &str {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let length = text.bytes().rev().take(24).take_while(|byte| word(byte)).count();
    &text[text.len() - length..]
}

/// Whether a text ends with a name of one letter: nearly all names of minified code, and none of ours.
fn is_one_letter(before: &[u8]) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    matches!(before, [.., other, letter] if word(*letter) && !word(*other))
}

/// Whether what follows an `=` can be data at all: cheap, and the answer is no for most of a page.
fn may_begin(bytes: &[u8], after: usize) -> bool {
    let next = bytes[after..].iter().find(|byte| !byte.is_ascii_whitespace());
    next.is_some_and(|byte| matches!(byte, b'\'' | b'"' | b'{' | b'[' | b'(' | b'x' | b'J' | b'h' | b'w'))
}

/// Where the value begins, if what stands there can be data.
fn begins(script: &str, after: usize, structure: bool) -> Option<usize> {
    let rest = script[after..].trim_start();
    let start = script.len() - rest.len();
    let known = ["xml", "JsDecode(", "htmlDecode(", "window.", "(xml", "(\"", "('"];
    let data = match rest.as_bytes().first()? {
        b'{' | b'[' => structure,
        b'\'' | b'"' => !structure,
        _ => !structure && known.iter().any(|known| rest.starts_with(known)),
    };
    data.then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(SCALARS.is_sorted() && STRUCTURES.is_sorted());
    }

    #[test]
    fn look_alikes_in_minified_code_are_not_data() {
        let scripts = [
            "!function(){var ct={a:1};e.biz='no';var biz=n.biz;if(d.ct==='x'){}}()",
            "var biz = \"\" || \"MzA=\";\nvar ct = \"1501502740\"*1;\nd.title = xml ? getXmlValue('t') : 'A &amp; B';",
            "window.msg_title = window.title = '同一' || '';\nwindow.x = { window.ct = '1783125912' || ''; };",
        ];
        let data = Data::read(&scripts);
        assert_eq!(data.text("biz").as_deref(), Some("MzA="));
        assert_eq!(data.text("ct").as_deref(), Some("1501502740"));
        assert_eq!(data.words("title").as_deref(), Some("A & B"));
        assert_eq!(data.words("msg_title").as_deref(), Some("同一"));
        assert!(data.marks.xml_choice);
    }
}
