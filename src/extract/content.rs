//! What makes two fetches of an article the same article: its words and pictures, not the page around them.

use crate::model::{CanonicalUrl, Digest, Document};

/// The digest of an article's content: title, body text, pictures in order, cover.
///
/// White space and invisible characters do not count, nor do a picture's size, format and tokens: WeChat's pages differ at
/// every fetch in nonces, counters and advertisements, and its pictures in the size they are asked in. A changed word or
/// picture does count.
pub fn content_digest(document: &Document) -> Digest {
    let title = squash(document.title.as_deref().unwrap_or_default());
    let text = squash(&document.text);
    let cover = document.cover.as_deref().map(picture_key).unwrap_or_default();
    let pictures: Vec<String> = document.images.iter().map(|image| picture_key(&image.url)).collect();
    let mut parts = vec![title.as_str(), text.as_str(), cover.as_str()];
    parts.extend(pictures.iter().map(String::as_str));
    Digest::of_parts(&parts)
}

/// Text without white space and without what is never shown.
fn squash(text: &str) -> String {
    let invisible = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    text.chars().filter(|letter| !invisible(*letter)).collect()
}

/// Hosts of WeChat's pictures share ids: host and query say nothing.
const WECHAT_PICTURES: &[&str] = &["mmbiz.qpic.cn", "mmbiz.qlogo.cn", "mmecoa.qpic.cn"];

/// What names a picture: host and path; the query only where the path alone names none.
fn picture_key(url: &str) -> String {
    let Ok(canonical) = CanonicalUrl::parse(url) else { return url.to_owned() };
    let (host, url) = (canonical.host(), canonical.url());
    if WECHAT_PICTURES.contains(&host) {
        return url.path().to_owned();
    }
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let named = file.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && (2..=5).contains(&ending.len()));
    let query = url.query().filter(|_| !named).unwrap_or_default();
    format!("{host}{}?{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Image, PageStatus};

    fn article() -> Document {
        let image = |url: &str| Image { url: url.into(), alt: String::new(), width: None, height: None };
        Document {
            title: Some("渡口".into()),
            text: "第一段。\n第二段。".into(),
            cover: Some("https://mmbiz.qpic.cn/mmbiz_jpg/COVER/0?wx_fmt=jpeg".into()),
            images: vec![
                image("https://mmbiz.qpic.cn/mmbiz_png/ONE/640?wx_fmt=png&tp=webp"),
                image("https://a.example/p.jpg?w=1"),
            ],
            ..Document::new(PageStatus::Article, "test/1")
        }
    }

    #[test]
    fn noise_does_not_count() {
        let mut other = article();
        other.title = Some(" 渡\u{200b}口 ".into());
        other.text = "第一段。 第二段。\n".into();
        other.cover = Some("http://mmbiz.qlogo.cn/mmbiz_jpg/COVER/300?from=x".into());
        other.images[0].url = "https://mmbiz.qpic.cn/mmbiz_png/ONE/0".into();
        other.images[1].url = "https://a.example/p.jpg?w=2&token=y".into();
        other.markdown = "another writing".into();
        assert_eq!(content_digest(&other), content_digest(&article()));
    }

    #[test]
    fn a_word_a_title_a_picture_count() {
        let same = content_digest(&article());
        let changes: [fn(&mut Document); 5] = [
            |article| article.title = Some("渡日".into()),
            |article| article.text.push('。'),
            |article| article.cover = None,
            |article| article.images.swap(0, 1),
            |article| article.images[0].url = "https://mmbiz.qpic.cn/mmbiz_png/TWO/640".into(),
        ];
        for change in changes {
            let mut changed = article();
            change(&mut changed);
            assert_ne!(content_digest(&changed), same);
        }
    }
}
