//! The names that tree construction speaks of, as numbers.

/// An element's name as a number: the stack is searched at nearly every tag.
pub(super) type Name = u32;

/// The names that tree construction speaks of, numbered by their place here.
pub(super) const KNOWN: &[&str] = &[
    "a",
    "body",
    "br",
    "button",
    "caption",
    "col",
    "colgroup",
    "dd",
    "div",
    "dt",
    "form",
    "frameset",
    "head",
    "html",
    "image",
    "li",
    "math",
    "nobr",
    "ol",
    "optgroup",
    "option",
    "p",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "address",
    "malignmark",
    "mglyph",
    "font",
    "select",
    "annotation-xml",
];

/// The number of a known name; used in constants only, where an unknown one does not compile.
const fn known(name: &str) -> Name {
    let mut at = 0;
    while at < KNOWN.len() {
        let (a, b) = (KNOWN[at].as_bytes(), name.as_bytes());
        let mut same = a.len() == b.len();
        let mut byte = 0;
        while same && byte < a.len() {
            same = a[byte] == b[byte];
            byte += 1;
        }
        if same {
            return at as Name;
        }
        at += 1;
    }
    panic!("not a known name")
}

pub(super) const P: Name = known("p");
pub(super) const LI: Name = known("li");
pub(super) const DD: Name = known("dd");
pub(super) const DT: Name = known("dt");
pub(super) const BR: Name = known("br");
pub(super) const SELECT: Name = known("select");
pub(super) const ANNOTATION: Name = known("annotation-xml");
pub(super) const FORM: Name = known("form");
pub(super) const TABLE: Name = known("table");
pub(super) const TBODY: Name = known("tbody");
pub(super) const TFOOT: Name = known("tfoot");
pub(super) const THEAD: Name = known("thead");
pub(super) const TR: Name = known("tr");
pub(super) const TD: Name = known("td");
pub(super) const TH: Name = known("th");
pub(super) const CAPTION: Name = known("caption");
pub(super) const COL: Name = known("col");
pub(super) const COLGROUP: Name = known("colgroup");
pub(super) const TEMPLATE: Name = known("template");
pub(super) const BUTTON: Name = known("button");
pub(super) const OPTION: Name = known("option");
pub(super) const OPTGROUP: Name = known("optgroup");
pub(super) const RUBY: Name = known("ruby");
pub(super) const HTML: Name = known("html");
pub(super) const HEAD: Name = known("head");
pub(super) const BODY: Name = known("body");
pub(super) const IMAGE: Name = known("image");
pub(super) const SVG: Name = known("svg");
pub(super) const MATH: Name = known("math");
pub(super) const A: Name = known("a");
pub(super) const NOBR: Name = known("nobr");
pub(super) const FONT: Name = known("font");
pub(super) const MGLYPH: Name = known("mglyph");
pub(super) const MALIGNMARK: Name = known("malignmark");
pub(super) const RB: Name = known("rb");
pub(super) const RP: Name = known("rp");
pub(super) const RT: Name = known("rt");
pub(super) const RTC: Name = known("rtc");
pub(super) const OL: Name = known("ol");
pub(super) const UL: Name = known("ul");
pub(super) const ADDRESS: Name = known("address");
pub(super) const DIV: Name = known("div");
