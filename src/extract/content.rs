//! What makes two captures the same article: its words and its pictures, not the page around them.

use crate::model::{Digest, Document};
use url::Url;

/// The digest of an article's content: title, body and pictures, cover included.
///
/// White space, zero-width characters and everything in a picture's URL that only chooses a size or a server are left out: a
/// WeChat page differs at every fetch in nonces, counters and the like, and must give the same digest.
pub fn content_digest(document: &Document) -> Digest {
    let title = squash(document.title.as_deref().unwrap_or_default());
    let text = squash(&document.text);
    let cover = document.cover.as_deref().map(picture_key).unwrap_or_default();
    let images: Vec<String> = document.images.iter().map(|image| picture_key(&image.url)).collect();
    let media: Vec<String> = document.media.iter().map(|media| picture_key(&media.url)).collect();
    Digest::of_parts(&[&title, &text, &cover, &images.join("\n"), &media.join("\n")])
}

fn squash(text: &str) -> String {
    let is_ink =
        |letter: &char| !letter.is_whitespace() && !matches!(letter, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2060}');
    text.chars().filter(is_ink).collect()
}

/// What stays of a file's URL when the CDN has had its way: on WeChat's hosts the id, elsewhere host and path.
fn picture_key(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return url.to_owned() };
    let host = url.host_str().unwrap_or_default();
    let mut segments = url.path_segments().into_iter().flatten();
    if host.ends_with("qpic.cn") || host.ends_with("qlogo.cn") {
        return segments.nth(1).unwrap_or_else(|| url.path()).to_owned();
    }
    // A query may be the file's name (`?id=7`), or a size, a format, a token that expires: beside a file's name it is the latter.
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let named = file.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && (2..=5).contains(&ending.len()));
    // Of Tencent's query what names a recording or a film stays.
    let query = if host.ends_with("qq.com") {
        let ids = url.query_pairs().filter(|(name, _)| matches!(&**name, "mediaid" | "vid"));
        ids.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    } else {
        url.query().filter(|_| !named).unwrap_or_default().to_owned()
    };
    format!("{host}{}?{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Image, PageStatus};

    fn document(title: &str, text: &str, pictures: &[&str]) -> Digest {
        let mut document = Document::new(PageStatus::Article, "test/1");
        document.title = Some(title.into());
        document.text = text.into();
        let image = |url: &&str| Image { url: (*url).into(), alt: String::new(), width: None, height: None };
        document.images = pictures.iter().map(image).collect();
        content_digest(&document)
    }

    #[test]
    fn words_and_pictures_count_and_nothing_else() {
        let one = "https://mmbiz.qpic.cn/mmbiz_png/ID/640?wx_fmt=png&tp=webp";
        let base = document("往期", "一 二\n三", &[one]);
        assert_eq!(
            base,
            document(" 往期\u{200b}", "一二 三\n", &["http://mmbiz.qpic.cn/sz_mmbiz_png/ID/0?wx_fmt=png#imgIndex=1"])
        );
        assert_ne!(base, document("往期回顾", "一 二\n三", &[one]));
        assert_ne!(base, document("往期", "一 二\n四", &[one]));
        assert_ne!(base, document("往期", "一 二\n三", &[]));
        assert_ne!(base, document("往期", "一 二\n三", &["https://mmbiz.qpic.cn/mmbiz_png/OTHER/640"]));
        assert_eq!(
            document("", "", &["https://a.example/p.jpg?w=1"]),
            document("", "", &["https://a.example/p.jpg?w=2"])
        );
        let voice = |id: &str, token: u8| {
            document("", "", &[&format!("https://res.wx.qq.com/voice/getvoice?mediaid={id}&token={token}")])
        };
        assert_eq!(voice("A", 1), voice("A", 2));
        assert_ne!(voice("A", 1), voice("B", 1), "another recording");
        assert_ne!(document("", "", &["https://a.example/p?id=1"]), document("", "", &["https://a.example/p?id=2"]));
    }
}
