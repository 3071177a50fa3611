//! What a hostile page may cost: after the guard, every shape parses in bounded time and depth; ordinary pages stay as they are.

use crate::support::Spent;
use proptest::prelude::*;
use scraper::Html;
use std::borrow::Cow;
use std::time::Duration;
use wangqi::extract::guard::{DEEPEST, MOST_BYTES, MOST_NODES, guard, parse_document};
use wangqi::extract::render::render;

/// How deep the tree is that html5ever builds.
fn depth(html: &str) -> usize {
    depth_of(&Html::parse_document(html))
}

/// Iterative, as every walk over a page must be.
fn depth_of(tree: &Html) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for edge in tree.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(_) => depth += 1,
            ego_tree::iter::Edge::Close(_) => depth -= 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Shapes that cost a tree builder or a recursive walk dearly, each a piece to be repeated.
const SHAPES: &[&str] = &[
    "<div>",
    "<ul><li>",
    "<ol><li><p>",
    "<dl><dd>",
    "<b>",
    "<b><i>",
    "<a>",
    "<a href=#>x",
    "<span>",
    "<font color=red>",
    "<nobr>",
    "<table>",
    "<table><td>",
    "<table><tr><td>",
    "<table><caption>",
    "<table><div>",
    "<svg>",
    "<svg><g>",
    "<svg><g></g><g>",
    "<svg><foreignObject>",
    "<svg><foreignObject><div>",
    "<svg><desc><svg>",
    "<math><mi>",
    "<math><annotation-xml>",
    "<template>",
    "<template><div>",
    "<select>",
    "<select><div>",
    "<select><option>",
    "<option>",
    "<optgroup><option>",
    "<button>",
    "<button><div>",
    "<p><button>",
    "<object>",
    "<marquee><div>",
    "<applet>",
    "<form>",
    "<form><div>",
    "<form><table><td></form></td></table></form>",
    "<h1>",
    "<h1><h2>",
    "<ruby><rt>",
    "<ruby><rtc>",
    "<x-y>",
    "<blockquote>",
    "<section><p>",
    "<frameset>",
    "<frame>",
    "<noscript>",
    "<noscript><div>",
    "<label><a>",
    "<table><a>",
    "<table><tr><td><b>",
    "<div><table><td></div>",
    "<b><div></b>",
    "<i><p></i>",
    "<b><p><i></b></p>",
    "<a><div></a>",
    "<select><svg><style>",
    "<svg><style><div>",
    "<svg><title><div>",
    "<svg></p><div>",
    "<math></br><div>",
    "<select><style></select><div>",
    "<table><select><table>",
    "<body><div>",
    "<html><body x=y>",
    "<head><div>",
    "</p>",
    "</br>",
    "</div>",
    "<br>",
    "<img src=x>",
    "<li>",
    "<p>",
    "<td>",
    "<tr>",
    "x<!-- -->",
    "<!-- <div> -->",
    "<![CDATA[",
    "<!doctype>",
    "<?x?>",
    "</ x>",
    "<",
    "<<div>",
    "<div/>",
    "<DIV CLASS='>'>",
    "<div title=\"",
    "<style>",
    "<script><!--",
    "<script><!--<script>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<xmp><div>",
    "<iframe><div>",
    "&amp;",
    "&#x41;&nosuch",
];

/// Each page, guarded, parsed and rendered on a stack of `stack` bytes.
fn survive(shapes: Vec<String>, stack: usize) {
    let work = move || {
        for page in shapes {
            let name: String = page.chars().take(60).collect();
            let start = Spent::from_now();
            let guarded = guard(&page);
            let guarding = start.elapsed();
            let deep = depth(&guarded.html);
            let parsing = start.elapsed().saturating_sub(guarding);
            let _ = render(&page, &"https://example.org/".parse().unwrap());
            println!("{:>9} {guarding:>9.0?} {parsing:>9.0?} {:>9.0?} {deep:>5}  {name}", page.len(), start.elapsed());
            assert!(deep < 4 * DEEPEST, "{name}: {deep} levels");
            // Generous: an unoptimised build on a busy machine. Without the guard most of these take minutes.
            assert!(start.elapsed() < Duration::from_secs(20), "{name}: {:?}", start.elapsed());
        }
    };
    std::thread::Builder::new().stack_size(stack).spawn(work).unwrap().join().unwrap();
}

#[test]
fn hostile_shapes_are_bounded() {
    let repeated = SHAPES.iter().map(|piece| piece.repeat(200_000 / piece.len()));
    survive(repeated.collect(), 1 << 20);
}

#[test]
fn ten_hostile_megabytes_are_bounded() {
    let pieces =
        ["<div>", "<ul><li>", "<b>", "<table><td>", "<svg><g>", "<form><table><td></form></td></table></form>", "<p>x"];
    survive(pieces.iter().map(|piece| piece.repeat(MOST_BYTES / piece.len())).collect(), 1 << 20);
}

#[test]
fn attributes_and_formatting_are_bounded() {
    let series = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<Vec<_>>().concat();
    let attributes = series(100_000, &|number| format!(" a{number}"));
    let guarded_page = format!("<div{attributes}>x</div>");
    assert!(guard(&guarded_page).html.len() < 3000);
    let many = format!("<p{}>", &attributes[..1200]).repeat(16_000);
    let fonts = series(500, &|number| format!("<font size={number}>"));
    let reopened = format!("<p>{fonts}</p>{}", "<p>x</p>".repeat(100_000));
    let distinct =
        series(60_000, &|number| format!("<b x={number}><div><div><div><div><div><div><div><div><div></b></div>x"));
    let bodies = series(20_000, &|number| format!("<body a{number}=1>"));
    let huge = format!("<p title='{}'>x", "y".repeat(9_000_000));
    survive(vec![guarded_page, many, reopened, distinct, bodies, huge], 1 << 20);
}

#[test]
fn ordinary_pages_stay_as_they_are() {
    let list = "<li>one".repeat(3000);
    let cells = "<tr><td>x<td>y".repeat(3000);
    let paragraphs = "<p>text".repeat(3000);
    let options = "<option>x".repeat(1500);
    let page = format!(
        "<!DOCTYPE html><html><head><title>a < b</title><script>if (a<b) {{ '<div><div>' }} <!-- <script> </script> --></script>\
         <style>a > b {{}}</style></head><body class=x><!-- <div> --><ul>{list}</ul><table>{cells}</table>{paragraphs}\
         <select>{options}</select><svg viewBox='0 0 1 1'><title>t</title><style>a{{}}</style><path d=M0/></svg>\
         <form><input></form><p>1 < 2 & 3<b>x<p>y</b>z</body></html>"
    );
    let guarded = guard(&page);
    assert!(matches!(guarded.html, Cow::Borrowed(same) if same == page), "{:?}", guarded.warnings);
    assert!(guarded.warnings.is_empty());
}

#[test]
fn what_is_past_the_limits_is_said() {
    let deep = format!("{}bottom{}after", "<div>".repeat(2000), "</div>".repeat(2000));
    let guarded = guard(&deep);
    assert!(guarded.warnings[0].contains("nest deeper than 512"), "{:?}", guarded.warnings);
    assert_eq!(guarded.html.matches("<div>").count(), guarded.html.matches("</div>").count());
    assert!(guarded.html.contains("bottom") && guarded.html.ends_with("</div>after"));

    let guarded_nodes = guard(&"<br>".repeat(MOST_NODES + 10)).warnings;
    assert!(guarded_nodes[0].contains("the rest was cut"), "{guarded_nodes:?}");

    let long = "好".repeat(MOST_BYTES / 3 + 9);
    let guarded = guard(&long);
    assert!(guarded.html.len() <= MOST_BYTES && guarded.warnings[0].contains("only the first"));
}

#[test]
fn depth_does_not_grow_with_length() {
    for piece in [
        "</table>x<table><tr><td><b><object>",
        "<svg><foreignObject><div><table><form><table><td></form></td></table></form>",
    ] {
        let deep = |times: usize| depth(&guard(&piece.repeat(times)).html);
        let (short, long) = (deep(2_000), deep(6_000));
        assert!(long <= short + 9 && long < 4 * DEEPEST, "{piece}: {short}, then {long}");
    }
}

#[test]
fn a_tree_that_outgrows_the_guard_is_ended() {
    // Whether a table closes a paragraph depends on the doctype, and the guard keeps to one answer.
    let page = format!("<!doctype html>{}", "<p><table></table><x-y></p>".repeat(100_000));
    let start = Spent::from_now();
    let tree = parse_document(&page);
    assert!(depth_of(&tree.html) < 5 * DEEPEST + 2_000);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(!tree.warnings.is_empty());
    let whole = parse_document("<p>a<table><td>b</table>");
    assert!(whole.warnings.is_empty());
    assert_eq!(whole.html, Html { errors: Vec::new(), ..Html::parse_document("<p>a<table><td>b</table>") });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Random tag soup out of everything that moves the stack of open elements, long enough to reach the limit.
    #[test]
    fn no_soup_gets_deep(pieces in proptest::collection::vec(0..SHAPES.len() * 2 + 12, 1..12), times in 200_usize..700) {
        const ENDS: [&str; 12] = [
            "</div>", "</td></table>", "</b>", "</a>", "</svg>", "</form>", "</select>", "</p>", "</template>", "</style>", "</script>", "x",
        ];
        let piece = |at: &usize| match at.checked_sub(SHAPES.len()) {
            None => SHAPES[*at].to_owned(),
            Some(at) if at < SHAPES.len() => {
                let name: String = SHAPES[at].trim_start_matches('<').chars().take_while(char::is_ascii_alphanumeric).collect();
                format!("</{name}>")
            }
            Some(at) => ENDS[at - SHAPES.len()].to_owned(),
        };
        let page = pieces.iter().map(piece).collect::<String>().repeat(times);
        let deep = depth(&guard(&page).html);
        prop_assert!(deep < 4 * DEEPEST, "{} levels of {:?}", deep, &page[..page.len() / times]);
    }

    #[test]
    fn any_text_is_guarded(text in "(<|>|/|!|-|=|\"|'|[a-z ]|é|script|svg|<!--|-->|]]>){0,80}") {
        let guarded = guard(&text);
        prop_assert_eq!(&*guarded.html, &text);
    }
}
