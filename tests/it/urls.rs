//! Canonical URLs, keys and sites: one resource, one name.

use proptest::prelude::*;
use wangqi::model::{CanonicalUrl, Key, Site};

fn canonical(text: &str) -> String {
    CanonicalUrl::parse(text).unwrap().to_string()
}

#[test]
fn one_wechat_article_has_one_key_in_every_form() {
    let forms = [
        "http://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA==&mid=2247491825&idx=1&sn=048965c42f986d5036ca1da4b419faf4&chksm=c0085214f77f#rd",
        "https://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA%3D%3D&idx=1&mid=2247491825&scene=21#wechat_redirect",
        "https://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA==&amp;mid=2247491825&amp;idx=1&amp;sn=048965c42f986d5036ca1da4b419faf4",
        "http://mp.weixin.qq.com/mp/appmsg/show?__biz=Mzg5NTc4ODkzOA==&appmsgid=2247491825&itemidx=1&sign=048965c42f986d5036ca1da4b419faf4",
        "https://mp.weixin.qq.com/mp/jumptoweixin?link=http%3A%2F%2Fmp.weixin.qq.com%2Fs%3F__biz%3DMzg5NTc4ODkzOA%3D%3D%26mid%3D2247491825%26idx%3D1",
    ];
    for form in forms {
        let url = CanonicalUrl::parse(form).unwrap();
        assert_eq!(Key::of_url(&url).as_str(), "wx:3895788938:2247491825:1", "{form}");
        assert_eq!(url.url().scheme(), "https");
    }
}

#[test]
fn canonical_urls_lose_what_is_not_the_resource() {
    let cases = [
        ("HTTP://user:pw@Example.COM:80/a?utm_source=x&b=1&fbclid=2#top", "http://example.com/a?b=1"),
        ("https://mp.weixin.qq.com/s/AbC_d-1?scene=1&from=x#rd", "https://mp.weixin.qq.com/s/AbC_d-1"),
        ("http://127.0.0.1:8180/s/x?scene=21#wechat_redirect", "http://127.0.0.1:8180/s/x"),
        ("http://127.0.0.1:8180/s/x?scene=21", "http://127.0.0.1:8180/s/x?scene=21"),
        (
            "http://mmbiz.qpic.cn/mmbiz_png/ID/640?wx_fmt=png&from=appmsg&tp=webp&wxfrom=5#imgIndex=1",
            "https://mmbiz.qpic.cn/mmbiz_png/ID/0?wx_fmt=png&from=appmsg",
        ),
        (
            "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=x&uin=1&key=2&pass_ticket=3",
            "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=x",
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(canonical(given), expected);
    }
}

#[test]
fn what_cannot_be_visited_is_refused() {
    for text in ["", "mailto:a@b", "javascript:alert(1)", "file:///etc/passwd", "http://", "data:text/html,x"] {
        assert!(CanonicalUrl::parse(text).is_err(), "{text}");
    }
    assert!(CanonicalUrl::parse(&format!("http://a/{}", "x".repeat(9000))).is_err());
}

#[test]
fn a_site_is_what_is_named_else_the_registrable_domain() {
    let named = ["mp.weixin.qq.com".to_owned(), "example.org".to_owned()];
    let cases = [
        ("https://mp.weixin.qq.com/s/x", "mp.weixin.qq.com"),
        ("https://a.b.example.org/", "example.org"),
        ("https://notexample.org/", "notexample.org"),
        ("https://blog.foo.co.uk/", "foo.co.uk"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("http://[::1]:8080/", "[::1]"),
    ];
    for (url, site) in cases {
        assert_eq!(Site::of(&CanonicalUrl::parse(url).unwrap(), &named).as_str(), site);
    }
}

proptest! {
    #[test]
    fn canonical_is_idempotent(text in "https?://(mp\\.weixin\\.qq\\.com|mmbiz\\.qpic\\.cn|a\\.example)(/s|/s/[a-z]{1,9}|/mp/jumptoweixin|/x/y/640|/)?(\\?([a-z_]{1,6}=[A-Za-z0-9%=+&;/:.]{0,12}&?){0,5})?(#[a-z_]{0,8})?") {
        if let Ok(once) = CanonicalUrl::parse(&text) {
            prop_assert_eq!(CanonicalUrl::parse(once.as_str()).unwrap(), once);
        }
    }
}
