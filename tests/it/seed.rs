//! The seed is read as it is meant, and its page says all of it. (The round trip through a crawl is `crawl`'s test.)

use crate::support::seed::{Seed, ask};
use scraper::{Html, Selector};

/// The seed's notation in a few lines of our own.
const SMALL: &str = "# 一篇小文章：Demo Notes

文章作者: 小报
发布时间: 2024-07-11 10:00
发布地: 上海
原文链接: http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDQxNw==&mid=2247490002&idx=1&sn=00112233445566778899aabbccddeeff&chksm=c0ffee#rd

封面图链接: https://mmbiz.qpic.cn/mmbiz_jpg/COVER/300

第一段写到这里，提到Old
River，
然后换行。

**甲：**
你好，Tom
Smith，这是GPT3,
API 3.5。

**乙：** 再见。

## 小标题

****

# 往期回顾

* * *

[1、[旧文一 New
Title]![](https://mmbiz.qpic.cn/mmbiz_png/ONE/640?wx_fmt=png&from=appmsg)](https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDQxNw==&mid=2247490001&idx=2&sn=ffeeddccbbaa99887766554433221100&chksm=abc&scene=21#wechat_redirect)

* * *

_**完**_

 _**\\--END--**_
";

#[test]
fn the_notation_is_read() {
    let seed = Seed::parse(SMALL).unwrap();
    assert_eq!(
        (seed.title.as_str(), seed.account.as_str(), seed.place.as_str()),
        ("一篇小文章：Demo Notes", "小报", "上海")
    );
    assert_eq!(seed.published, "2024-07-11T10:00:00+08:00");
    assert_eq!(seed.cover, "https://mmbiz.qpic.cn/mmbiz_jpg/COVER/300");
    let paragraphs = [
        "第一段写到这里，提到Old River，然后换行。",
        "甲：你好，Tom Smith，这是GPT3, API 3.5。",
        "乙：再见。",
        "完",
        "--END--",
    ];
    assert_eq!(seed.paragraphs, paragraphs);
    assert_eq!(seed.headings, [(2, "小标题".to_owned()), (1, "往期回顾".to_owned())]);
    assert_eq!(seed.past_issues.len(), 1);
    assert_eq!(seed.past_issues[0].title, "旧文一 New Title");
    page_says_all(&seed);
}

#[test]
fn the_seed_itself_is_read() {
    let Some(seed) = Seed::find("the_seed_itself_is_read") else { return };
    assert_eq!(seed.account, "AI深度研究员");
    assert_eq!((seed.published.as_str(), seed.place.as_str()), ("2024-07-11T10:00:00+08:00", "上海"));
    assert_eq!(seed.paragraphs.len(), 99);
    assert_eq!(seed.past_issues.len(), 3);
    assert_eq!(seed.headings.len(), 14);
    for text in seed.paragraphs.iter().chain(seed.headings.iter().map(|(_, text)| text)) {
        assert!(!text.contains("**") && !text.starts_with('#') && !text.contains("]("), "{text}");
    }
    page_says_all(&seed);
}

fn page_says_all(seed: &Seed) {
    let handler = seed.handler();
    let text = |url: &str| String::from_utf8(ask(&handler, url).body.to_vec()).unwrap();
    let page = text(&seed.url);
    assert_ne!(page, text(&seed.url), "every fetch differs");
    let html = Html::parse_document(&page);
    let all = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|found| found.text().collect::<String>().trim().to_owned()).collect()
    };
    assert_eq!(all("h1#activity-name"), [seed.title.as_str()]);
    assert_eq!(all("#js_name"), [seed.account.as_str()]);
    assert_eq!(all("#js_content section p"), seed.paragraphs);
    let headings: Vec<String> = seed.headings.iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(all("#js_content h1, #js_content h2, #js_content h3"), headings);
    let links = Selector::parse("#js_content a").unwrap();
    let links: Vec<&str> = html.select(&links).filter_map(|link| link.value().attr("href")).collect();
    let expected: Vec<&str> = seed.past_issues.iter().map(|issue| issue.url.as_str()).collect();
    assert_eq!(links, expected);
    for issue in &seed.past_issues {
        let past = Html::parse_document(&text(&issue.url));
        let title = Selector::parse("#activity-name").unwrap();
        assert_eq!(past.select(&title).next().unwrap().text().collect::<String>().trim(), issue.title);
        assert_eq!(ask(&handler, &issue.picture).status, 200);
    }
    assert_eq!(ask(&handler, &seed.cover).status, 200);
    assert!(text("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").contains("参数错误"));
    assert_eq!(ask(&handler, "https://elsewhere.example/").status, 421);
    assert!(Seed::HOSTS.iter().all(|host| ask(&handler, &format!("https://{host}/")).status != 421));
}
