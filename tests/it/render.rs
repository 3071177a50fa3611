//! A body in three forms: HTML that is safe, Markdown that reads back the same, text without markup.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use url::Url;
use wangqi::extract::render::{Rendered, render};

fn rendered(html: &str) -> Rendered {
    render(html, &Url::parse("https://example.org/dir/page").unwrap())
}

fn markdown(html: &str) -> String {
    rendered(html).markdown
}

/// What a CommonMark reader makes of Markdown: its letters without white space, and those of them that are emphasised.
#[derive(Debug, Default, PartialEq)]
struct Read {
    text: String,
    strong: String,
    em: String,
}

fn read(markdown: &str) -> Read {
    let mut read = Read::default();
    let (mut strong, mut em) = (0, 0);
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Strong) => strong += 1,
            Event::End(TagEnd::Strong) => strong -= 1,
            Event::Start(Tag::Emphasis) => em += 1,
            Event::End(TagEnd::Emphasis) => em -= 1,
            Event::InlineHtml(tag) => match &*tag {
                "<strong>" => strong += 1,
                "</strong>" => strong -= 1,
                "<em>" => em += 1,
                "</em>" => em -= 1,
                "<del>" | "</del>" | "<sup>" | "</sup>" | "<sub>" | "</sub>" => {}
                other => panic!("unexpected HTML {other} in {markdown:?}"),
            },
            Event::Text(text) | Event::Code(text) => {
                let letters: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
                read.text.push_str(&letters);
                if strong > 0 {
                    read.strong.push_str(&letters);
                }
                if em > 0 {
                    read.em.push_str(&letters);
                }
            }
            Event::Html(html) => panic!("unexpected HTML {html} in {markdown:?}"),
            _ => {}
        }
    }
    read
}

/// The letters that carry meaning: punctuation may leave an emphasis, words may not.
fn words(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

#[test]
fn chinese_emphasis_reads_back() {
    let cases = [
        ("<p><strong>粗体：</strong>文字</p>", "**粗体**：文字"),
        ("<p><strong>粗体：</strong><br>文字</p>", "**粗体：**  \n文字"),
        ("<p><strong>粗体</strong>文字</p>", "**粗体**文字"),
        ("<p>前<strong>“重点”</strong>后</p>", "前“**重点**”后"),
        ("<p><strong>（注意）</strong>文字</p>", "（**注意**）文字"),
        ("<p>前文<strong>（注）正文</strong></p>", "前文<strong>（注）正文</strong>"),
        ("<p><strong>重点（注意）</strong>文字</p>", "<strong>重点（注意）</strong>文字"),
        ("<p><em>斜体。</em>后文</p>", "*斜体*。后文"),
        ("<p><strong>Hello!</strong>世界</p>", "**Hello**!世界"),
        ("<p><strong>！！</strong>文</p>", "<strong>！！</strong>文"),
        ("<p>字<strong>加油💪</strong>吧</p>", "字**加油**💪吧"),
        ("<p><strong>a</strong><strong>b</strong></p>", "**ab**"),
        ("<p><strong>a </strong>b<strong> c</strong></p>", "**a** b **c**"),
        ("<p><b><i>重点：</i></b>后</p>", "***重点***：后"),
        ("<p><strong><a href=/x>链接：</a></strong>文</p>", "[**链接：**](https://example.org/x)文"),
        ("<p><strong>见<a href=/x>此</a></strong>文</p>", "**见**[**此**](https://example.org/x)文"),
        ("<p>字<b><img src=a.png alt=图>字</b></p>", "字![图](https://example.org/dir/a.png)**字**"),
        ("<p><span style='font-weight: bold;'>粗</span>细</p>", "**粗**细"),
        ("<p><del>旧。</del>新</p>", "~~旧~~。新"),
    ];
    for (html, expected) in cases {
        assert_eq!(markdown(html), expected, "{html}");
    }
}

#[test]
fn blocks_are_written_as_people_write_them() {
    let cases = [
        (
            "<section><section><p>一</p></section><section>二</section></section><p><br></p><p>\u{a0}</p>三",
            "一\n\n二\n\n三",
        ),
        ("<h2>题 <strong>目</strong> #</h2>", "## 题 **目** \\#"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol start=3><li><p>a</p><p>b</p></li><li>c</li></ol>", "3. a\n\n   b\n\n4. c"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre><code class=language-rust>fn f() {\n  x\n}\n</code></pre>", "```rust\nfn f() {\n  x\n}\n```"),
        ("<pre><code>a</code><code>b</code></pre>", "```\na\nb\n```"),
        ("<pre>```\nx</pre>", "````\n```\nx\n````"),
        ("<p>a<hr>b</p>", "a\n\n---\n\nb"),
        ("a<br>b<br><br>c", "a  \nb\n\nc"),
        ("<p>用 <code>a`b</code> 和 <code>`</code></p>", "用 ``a`b`` 和 `` ` ``"),
        ("<figure><img src=/a.png><figcaption>图 1</figcaption></figure>", "![](https://example.org/a.png)\n\n图 1"),
        ("<a href=/x><h3>题</h3></a>", "### [题](https://example.org/x)"),
        ("<a href=/x></a><a href='javascript:alert(1)'>y</a><a href='#z'>z</a>", "yz"),
        (
            "<a href=/x><img src=a alt='b]'></a>!<a href=/y>z</a>",
            "[![b\\]](https://example.org/dir/a)](https://example.org/x)\\![z](https://example.org/y)",
        ),
        ("<a href='/x(1)'>y</a>", "[y](<https://example.org/x(1)>)"),
        ("<a href='https://a.example/'>https://a.example/</a>", "<https://a.example/>"),
        ("E=mc<sup>2</sup>", "E=mc<sup>2</sup>"),
        ("<table><tr><th>甲<th>乙<tr><td>1|2<td><p>x<p>y</table>", "| 甲 | 乙 |\n| --- | --- |\n| 1\\|2 | x<br>y |"),
        (
            "<table><tr><td colspan=2>a<td>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g</table>",
            "| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g |",
        ),
        ("<table><tr><td><p>一</p><p>二</p></td></tr></table>", "一\n\n二"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", "漢(かん)"),
        ("<video src=/v.mp4></video>", "[video](https://example.org/v.mp4)"),
        ("<video poster=/p.png><source src=/v.mp4>no</video>", "[video](https://example.org/v.mp4)"),
    ];
    for (html, expected) in cases {
        assert_eq!(markdown(html), expected, "{html}");
    }
}

#[test]
fn only_what_would_be_markup_is_escaped() {
    let cases = [
        ("1. 一", "1\\. 一"),
        ("2024. 年", "2024\\. 年"),
        ("- 项", "\\- 项"),
        ("-5 度, a-b", "-5 度, a-b"),
        ("# 号", "\\# 号"),
        ("#话题# 讨论", "#话题# 讨论"),
        ("&gt; 引", "\\> 引"),
        ("2 * 3 = 6, a*b*c", "2 * 3 = 6, a\\*b\\*c"),
        ("snake_case 与 _强调_", "snake_case 与 \\_强调\\_"),
        ("a &lt;b&gt; 1 &lt; 2", "a \\<b> 1 < 2"),
        ("AT&amp;T &amp;amp;", "AT&T \\&amp;"),
        ("[注] [x](y)", "\\[注] \\[x](y)"),
        ("见[1]", "见[1]"),
        ("10~20", "10~20"),
        ("10~20 和 30~40", "10\\~20 和 30\\~40"),
        ("C:\\dir \\*", "C:\\dir \\\\\\*"),
        ("a<br>---", "a  \n\\---"),
        ("a|b<br>-|-", "a|b  \n\\-|-"),
    ];
    for (html, expected) in cases {
        let written = markdown(html);
        assert_eq!(written, expected, "{html}");
        let text: String = rendered(html).text.split_whitespace().collect();
        assert_eq!(read(&written).text, text, "{written}");
    }
}

#[test]
fn html_is_safe_by_construction() {
    let hostile = r#"<p onclick=x style="x" class=y id=z>a<script>alert(1)</script><style>b{}</style></p>
        <a href="javascript:alert(1)">c</a><a href="data:text/html,x">d</a><a href=" java	script:x">e</a>
        <img src=x onerror=alert(1) alt='"><script>'><img src="data:image/svg+xml,<svg onload=x>">
        <svg><script>x</script><foreignObject><p>f</p></foreignObject></svg><math><mi xlink:href="javascript:x">g</mi></math>
        <iframe src="https://evil.example/"></iframe><form action=x><input value=h><button>i</button></form>
        <noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><p hidden>j</p><p style="Display : none">k</p>
        <pre><code class='language-"><script>x'>l</code></pre>"#;
    let rendered = rendered(hostile);
    for banned in [
        "<script",
        "onerror=a",
        "onclick",
        "style",
        "javascript:",
        "data:",
        "<svg",
        "<iframe",
        "<form",
        "evil",
        "class=y",
    ] {
        let html = rendered.html.replace("&lt;", "");
        assert!(!html.contains(banned), "{banned} in {html}");
    }
    assert_eq!(rendered.images.len(), 1, "{:?}", rendered.images);
    assert_eq!(rendered.images[0].alt, "\"><script>");
    assert_eq!(rendered.html.matches("<p>f</p>").count(), 1);
}

#[test]
fn text_has_a_line_a_block_and_no_markup() {
    let html = "<h1>题</h1><p>一<br><b>二</b></p><ul><li>三</li></ul><table><tr><td>a<td>b<tr><td>c<td>d</table><img src=x alt=y>";
    assert_eq!(rendered(html).text, "题\n一\n二\n三\na\tb\nc\td");
}

#[test]
fn pictures_come_once_each_with_size_and_lazy_source() {
    let html = "<img data-src=/a.png width=640 height=360px><img src=/a.png><img src='data:image/gif;base64,AA' data-src=/b.png>\
                <img srcset='/c-1.png 300w, /c-2.png 900w'>";
    let urls: Vec<_> =
        rendered(html).images.iter().map(|image| (image.url.clone(), image.width, image.height)).collect();
    let url = |name: &str| format!("https://example.org/{name}.png");
    assert_eq!(urls, [(url("a"), Some(640), Some(360)), (url("b"), None, None), (url("c-2"), None, None)]);
}

/// A stretch of text, with which of `<strong>`, `<em>`, `<a>` and `<del>` stand around it.
fn stretch() -> impl Strategy<Value = (String, u8)> {
    let text = proptest::collection::vec(
        prop_oneof![
            4 => "[文字重点粗体说明]",
            3 => "[a-zA-Z0-9]",
            3 => "[：，。！？、（）“”《》【】—…；]",
            2 => "[!*_~`#&<>|\\[\\](){}.,:;+=\\-\"'\\\\/$^%@?]",
            2 => Just(" ".to_owned()),
            1 => "[💪✅→％＋\u{a0}\u{200b}\u{3000}é]",
        ],
        1..5,
    );
    (text.prop_map(|letters| letters.concat()), 0_u8..16)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn page(stretches: &[(String, u8)]) -> (String, Read) {
    let mut html = String::new();
    let mut said = Read::default();
    for (text, marks) in stretches {
        let mut inner = escaped(text);
        for (bit, open, close) in [
            (0b100, "<a href=/x>", "</a>"),
            (0b001, "<strong>", "</strong>"),
            (0b010, "<em>", "</em>"),
            (0b1000, "<del>", "</del>"),
        ] {
            // Struck and linked stretches are rarer than emphasis: only where both bits say so.
            if marks & bit != 0 && (bit < 4 || marks & 0b1100 == 0b1100) {
                inner = format!("{open}{inner}{close}");
            }
        }
        html.push_str(&inner);
        let letters: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').collect();
        said.text.push_str(&letters);
        if marks & 0b01 != 0 {
            said.strong.push_str(&letters);
        }
        if marks & 0b10 != 0 {
            said.em.push_str(&letters);
        }
    }
    (html, said)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_emphasis_survives(stretches in proptest::collection::vec(stretch(), 1..6)) {
        let (html, said) = page(&stretches);
        let written = markdown(&format!("<p>{html}</p>"));
        let heard = read(&written);
        prop_assert_eq!(&heard.text, &said.text, "text of {:?}", written);
        prop_assert_eq!(words(&heard.strong), words(&said.strong), "strong of {:?}", written);
        prop_assert_eq!(words(&heard.em), words(&said.em), "em of {:?}", written);
    }

    #[test]
    fn any_bytes_are_rendered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        rendered(&String::from_utf8_lossy(&bytes));
    }
}

/// Real pages, where they are at hand: the words of the Markdown are the words of the text.
#[test]
fn real_pages_read_back() {
    let shared = std::env::var_os("WANGQI_SHARED").map(std::path::PathBuf::from);
    let shared = shared.unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let Ok(pages) = std::fs::read_dir(shared.join("corpus/extract/wcxb-dev/html")) else {
        crate::support::say(&format!("skipped: no pages in {}", shared.display()));
        return;
    };
    let mut pages: Vec<_> = pages.flatten().map(|page| page.path()).collect();
    pages.sort();
    let mut wrong = Vec::new();
    for path in pages.iter().step_by(10) {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).unwrap();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
        let rendered = rendered(&String::from_utf8_lossy(&bytes));
        // A player is a link of this name, and nothing in plain text.
        let plain = |text: &str| words(text).replace("video", "").replace("audio", "");
        let (said, heard) = (plain(&rendered.text), plain(&read_all(&rendered.markdown)));
        if said != heard {
            let at = said.chars().zip(heard.chars()).take_while(|(said, heard)| said == heard).count();
            let near = |text: &str| text.chars().skip(at.saturating_sub(20)).take(60).collect::<String>();
            wrong.push(format!("{}: {} / {}", path.display(), near(&said), near(&heard)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), pages.len() / 10, wrong.join("\n"));
}

/// All text of a document, pictures and players left out as in plain text.
fn read_all(markdown: &str) -> String {
    let (mut text, mut image) = (String::new(), 0);
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Image { .. }) => image += 1,
            Event::End(TagEnd::Image) => image -= 1,
            Event::Text(words) | Event::Code(words) if image == 0 => text.push_str(&words),
            _ => {}
        }
    }
    text
}
