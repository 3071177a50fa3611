//! Understanding a WeChat page against only parsing it: 97 % of such a page is script, and we must not pay for it.
//!
//! The pages are made here, in the proportions of real ones: some 2.5 MB of script around a body of some 60 kB; `benches/pages.rs` measures real ones.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write as _;
use std::hint::black_box;
use wangqi::extract::{self, Hints, Page};
use wangqi::model::CanonicalUrl;

/// A line of script as bundlers write it.
const SCRIPT: &str = "!function(e,t){var n={title:e.title,ct:{a:1},desc:\"x\"};for(var r=0;r<t.length;r++){if(t[r]===e.id){n[r]=t[r]||'y';}else{n=Object.assign({},n,{biz:e.biz})}}return n}(window,[1,2,3]);\n";

/// A page of today's template.
fn page(paragraphs: usize, script_bytes: usize) -> String {
    let mut body = String::new();
    for number in 0..paragraphs {
        let _ = write!(
            body,
            "<section style=\"margin:0 8px;line-height:2em;\"><span leaf=\"\" style=\"letter-spacing:1px\">第{number}段：渡口的人都知道，河水涨落有自己的日子，\
             谁也催不得；船来了就上，船走了就等。</span></section><p><img class=\"rich_pages wxw-img\" data-src=\"https://mmbiz.qpic.cn/mmbiz_jpg/P{number}/640?wx_fmt=jpeg\" \
             data-ratio=\"0.5\" data-w=\"1080\"></p>"
        );
    }
    let data = format!(
        "window.cgiDataNew = {{ title: JsDecode('渡口的一天'), nick_name: JsDecode('渡口纪事'), ori_create_time: '1762747210' * 1, \
         bizuin: JsDecode('MzkwMDAwMDAwMQ=='), mid: '2247480500' * 1, idx: '1' * 1, item_show_type: '0' * 1, content_noencode: JsDecode('{}') }};",
        body.replace('"', "\\x22").replace('<', "\\x3c").replace('>', "\\x3e")
    );
    let filler = format!("<script>{}</script>", SCRIPT.repeat(script_bytes / SCRIPT.len() / 4));
    format!(
        "<!DOCTYPE html><html><head><title></title>{filler}</head><body class=\"mm_appmsg\">{filler}<div id=\"js_article\"><h1 id=\"activity-name\">渡口的一天</h1>\
         <div id=\"js_content\">{body}</div></div>{filler}<script>{data}</script>{filler}</body></html>"
    )
}

fn extraction(criterion: &mut Criterion) {
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").expect("it is a URL");
    let text = page(120, 2_500_000);
    let mut group = criterion.benchmark_group("wechat page of 2.6 MB");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("extract", |bencher| {
        bencher.iter(|| {
            let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: text.as_bytes() };
            black_box(extract::extract(&page, &Hints::default()))
        });
    });
    group.bench_function("scraper alone", |bencher| bencher.iter(|| black_box(scraper::Html::parse_document(&text))));
    group.finish();
}

criterion_group!(benches, extraction);
criterion_main!(benches);
