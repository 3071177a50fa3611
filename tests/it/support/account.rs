//! A small WeChat account for tests: its articles' pages, its albums and its back-end, as its server would answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::wechat_page::{PageLink, Template, WeChatPage};
use wangqi::model::{CanonicalUrl, Key};

/// The hosts it is served under.
pub(crate) const HOSTS: &[&str] = &["mp.weixin.qq.com", "mmbiz.qpic.cn", "feeds.example"];

const BIZUIN: u64 = 3_900_000_001;
/// What `__biz` says of it.
pub(crate) const BIZ: &str = "MzkwMDAwMDAwMQ==";
/// Its name.
pub(crate) const NAME: &str = "渡口纪事";

/// A link to one of its articles, in one of the three forms.
pub(crate) fn short(mid: u64) -> String {
    format!("https://mp.weixin.qq.com/s/{mid:_>22}").replace('_', "A")
}

/// The long form, with `chksm`.
pub(crate) fn long(mid: u64) -> String {
    format!("{}&chksm={mid:076x}", bare(mid))
}

/// The long form without it.
pub(crate) fn bare(mid: u64) -> String {
    format!("https://mp.weixin.qq.com/s?__biz={BIZ}&mid={mid}&idx=1&sn={mid:032x}")
}

/// An album's URL, as its owner copies it.
pub(crate) fn album(id: u64) -> String {
    format!("https://mp.weixin.qq.com/mp/appmsgalbum?__biz={BIZ}&action=getalbum&album_id={id}#wechat_redirect")
}

/// The key of one of its articles.
pub(crate) fn key(mid: u64) -> Key {
    Key::wechat(BIZUIN, mid, 1)
}

/// A URL that a test wrote.
pub(crate) fn url(text: &str) -> CanonicalUrl {
    CanonicalUrl::parse(text).unwrap()
}

/// One article.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post {
    /// The albums it says it is in.
    pub(crate) albums: Vec<u64>,
    /// The articles before and after it in its first album.
    pub(crate) neighbours: (Option<u64>, Option<u64>),
    /// The links of its past-issue list.
    pub(crate) past: Vec<String>,
    /// The links within a sentence of its body.
    pub(crate) mentions: Vec<String>,
    /// Whether the page names itself without `chksm`.
    pub(crate) is_bare: bool,
}

impl Post {
    /// Its page.
    pub(crate) fn page(&self, mid: u64, asked: &str) -> String {
        let anchor = |link: &String, text: &str| {
            format!("<a class=\"normal_text_link\" href=\"{}\">{text}</a>", link.replace('&', "&amp;"))
        };
        let mut body = format!("<p>第{mid}篇：河水涨了三寸，渡船照常。</p>");
        for link in &self.mentions {
            let there = anchor(link, "那一篇");
            body.push_str(&format!("<p>关于此事，我们在{there}里说过，这里不再重复，读者可以自己去看，写得很长。</p>"));
        }
        body.push_str(&"<p>船夫说，水位要到月底才会退下去，渡口的灯会亮到很晚，请各位乘客放心。</p>".repeat(6));
        if !self.past.is_empty() {
            let items: String =
                self.past.iter().map(|link| format!("<li>{}</li>", anchor(link, "往日的一篇"))).collect();
            body.push_str(&format!("<h2>往期回顾</h2><ul>{items}</ul>"));
        }
        let page = WeChatPage {
            template: Template::G3,
            url: asked.to_owned(),
            title: title(mid),
            account: NAME.into(),
            account_id: "gh_0123456789ab".into(),
            bizuin: BIZUIN,
            mid,
            idx: 1,
            sn: format!("{mid:032x}"),
            link: if self.is_bare { bare(mid) } else { long(mid) },
            author: String::new(),
            place: "上海".into(),
            published: chrono::DateTime::parse_from_rfc3339("2026-03-01T08:00:00+08:00").unwrap()
                + chrono::TimeDelta::hours(i64::try_from(mid).unwrap()),
            edited: None,
            cover: String::new(),
            summary: String::new(),
            content: body,
            links: Vec::<PageLink>::new(),
        };
        page.render(mid).replace("</body>", &format!("<script>{}</script></body>", self.albums_script()))
    }

    fn albums_script(&self) -> String {
        let escaped = |link: &str| link.replace('&', "\\x26amp;");
        let info = |id: &u64| {
            format!("{{ title: '渡口系列', size: '3' * 1, link: '{}', albumId: '{id}' }}", escaped(&album(*id)))
        };
        let list: Vec<String> = self.albums.iter().map(info).collect();
        let neighbour = |mid: Option<u64>| mid.map(|mid| escaped(&long(mid))).unwrap_or_default();
        format!(
            "var album_info_list = [{}];\nvar album_keep_read_info = {{ album_id: '1', pre_article_link: '{}', pre_article_title: '', \
             next_article_link: '{}', next_article_title: '' }};\n",
            list.join(","),
            neighbour(self.neighbours.0),
            neighbour(self.neighbours.1)
        )
    }
}

/// An article's title.
pub(crate) fn title(mid: u64) -> String {
    format!("渡口第{mid}号")
}

/// The account and what it answers; the test changes it while it is served.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Its articles.
    pub(crate) posts: BTreeMap<u64, Post>,
    /// Albums: the articles in the order in which the list begins.
    pub(crate) albums: BTreeMap<u64, Vec<u64>>,
    /// How many articles an answer lists.
    pub(crate) page: usize,
    /// What is answered instead, by a part of the path: the first that fits.
    pub(crate) instead: Vec<(String, Answer)>,
    /// Whether links without `chksm` are answered with the captcha, as they mostly are.
    pub(crate) captcha_for_bare: bool,
    /// The owner's own back-end.
    pub(crate) backend: Backend,
    /// Further files, by host and path: feeds.
    pub(crate) files: BTreeMap<String, Answer>,
}

/// The back-end, and the session it knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backend {
    /// The session's token.
    pub(crate) token: String,
    /// Its cookies.
    pub(crate) cookie: String,
    /// What the account has published, newest first.
    pub(crate) list: Vec<u64>,
}

/// An account that a test holds, and its server.
pub(crate) type Shared = Arc<Mutex<Account>>;

impl Account {
    /// The account, to be changed while it is served.
    pub(crate) fn shared(self) -> (Shared, Handler) {
        let shared = Arc::new(Mutex::new(self));
        let served = Arc::clone(&shared);
        (shared, Arc::new(move |asked: &Asked| served.lock().unwrap().answer(asked)))
    }

    /// What it answers.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        if asked.path.starts_with("/cgi-bin/appmsgpublish") && asked.host == "mp.weixin.qq.com" {
            let instead = self.instead.iter().find(|(part, _)| asked.path.contains(part.as_str()));
            return instead.map_or_else(|| self.published(asked), |(_, answer)| answer.clone());
        }
        let html = |page: String| Answer::ok("text/html; charset=UTF-8", page);
        if let Some((_, answer)) = self.instead.iter().find(|(part, _)| asked.path.contains(part.as_str())) {
            return answer.clone();
        }
        if asked.host != "mp.weixin.qq.com" {
            let name = format!("{}{}", asked.host, asked.path);
            return self.files.get(&name).cloned().unwrap_or_else(|| Answer::status(404));
        }
        if asked.path.starts_with("/mp/appmsgalbum") {
            return self.list(&asked.path);
        }
        if asked.path.starts_with("/mp/wappoc_appmsgcaptcha") {
            return html(captcha());
        }
        let full = format!("https://{}{}", asked.host, asked.path);
        let found =
            self.posts.iter().find(|(mid, _)| full == short(**mid) || full == bare(**mid) || full == long(**mid));
        match found {
            Some((mid, _)) if self.captcha_for_bare && full == bare(*mid) => {
                let target: String = url::form_urlencoded::byte_serialize(full.as_bytes()).collect();
                Answer::status(302).with(
                    "location",
                    &format!("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x&target_url={target}"),
                )
            }
            Some((mid, post)) => html(post.page(*mid, &full)),
            None => html("<div class=\"weui-msg\"><h2 class=\"weui-msg__title\">参数错误</h2></div>".into()),
        }
    }

    /// The back-end's answer: a list to its own session, and a closed door to any other.
    fn published(&self, asked: &Asked) -> Answer {
        let (token, cookie) = (parameter(&asked.path, "token"), asked.header("cookie"));
        let json = |text: String| Answer::ok("application/json", text);
        if token.as_deref() != Some(self.backend.token.as_str()) || cookie != Some(self.backend.cookie.as_str()) {
            return json("{\"base_resp\":{\"ret\":200003,\"err_msg\":\"invalid session\"}}".into());
        }
        let from = parameter(&asked.path, "begin").and_then(|from| from.parse().ok()).unwrap_or(0);
        let group = |mid: &u64| {
            let article = serde_json::json!({"title": title(*mid), "link": short(*mid), "appmsgid": mid, "itemidx": 1,
                "create_time": 1_772_323_200 + mid * 3600, "cover": "", "is_deleted": false});
            let info = serde_json::json!({"type": 9, "appmsgex": [article]}).to_string();
            serde_json::json!({"publish_type": 1, "publish_info": info})
        };
        let groups: Vec<_> = self.backend.list.iter().skip(from).take(self.page).map(group).collect();
        let page = serde_json::json!({"total_count": self.backend.list.len(), "publish_list": groups}).to_string();
        json(serde_json::json!({"base_resp": {"ret": 0, "err_msg": "ok"}, "publish_page": page}).to_string())
    }

    /// An album's answer: the page, or JSON from a cursor on.
    fn list(&self, path: &str) -> Answer {
        let value = |name: &str| parameter(path, name);
        let id = value("album_id").and_then(|id| id.parse().ok()).unwrap_or(0);
        let Some(all) = self.albums.get(&id) else {
            return Answer::ok("application/json", "{\"base_resp\":{\"ret\":10004}}");
        };
        let mut all = all.clone();
        if value("is_reverse").as_deref() == Some("1") {
            all.reverse();
        }
        let begin = value("begin_msgid").and_then(|mid| mid.parse().ok());
        let from = begin.and_then(|mid: u64| all.iter().position(|other| *other == mid)).map_or(0, |at| at + 1);
        let shown: Vec<u64> = all.iter().skip(from).take(self.page).copied().collect();
        let goes_on = u8::from(from + shown.len() < all.len());
        if value("f").as_deref() == Some("json") {
            return Answer::ok("application/json; charset=UTF-8", json(&shown, goes_on, all.len()));
        }
        Answer::ok("text/html; charset=UTF-8", html_list(&shown, goes_on, all.len(), id))
    }
}

fn parameter(path: &str, name: &str) -> Option<String> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The list as JSON: an array, a bare object where there is one, and nothing where there is none.
fn json(shown: &[u64], goes_on: u8, all: usize) -> String {
    let entry = |mid: &u64| {
        format!(
            "{{\"msgid\":\"{mid}\",\"itemidx\":\"1\",\"title\":\"{}\",\"create_time\":\"{}\",\"url\":\"{}#rd\",\
             \"cover_img_1_1\":\"https://mmbiz.qpic.cn/mmbiz_jpg/c{mid}/0?wx_fmt=jpeg\"}}",
            title(*mid),
            1_772_323_200 + mid * 3600,
            long(*mid).replace("https:", "http:")
        )
    };
    let list = match shown {
        [] => String::new(),
        [one] => format!("\"article_list\":{},", entry(one)),
        many => format!("\"article_list\":[{}],", many.iter().map(entry).collect::<Vec<_>>().join(",")),
    };
    format!(
        "{{\"base_resp\":{{\"ret\":0}},\"getalbum_resp\":{{{list}\"base_info\":{{\"title\":\"渡口系列\",\"article_count\":\"{all}\",\
         \"nickname\":\"{NAME}\",\"username\":\"gh_0123456789ab\"}},\"continue_flag\":\"{goes_on}\"}}}}"
    )
}

/// The list as the page that a browser shows.
fn html_list(shown: &[u64], goes_on: u8, all: usize, id: u64) -> String {
    let entry = |mid: &u64| {
        format!(
            "{{ title: '{}', url: '{}#rd', msgid: '{mid}', itemidx: '1', create_time: '{}' }}",
            title(*mid),
            long(*mid).replace("https:", "http:").replace('&', "&amp;"),
            1_772_323_200 + mid * 3600,
        )
    };
    let list: Vec<String> = shown.iter().map(entry).collect();
    format!(
        "<html><head><title></title></head><body><script>window.cgiData = {{ albumId: '{id}', title: '渡口系列', nick_name: '{NAME}', \
         user_name: 'gh_0123456789ab', article_count: '{all}' * 1, articleList: [{}], continue_flag: '{goes_on}' * 1 }};</script></body></html>",
        list.join(",")
    )
}

/// The verification page.
pub(crate) fn captcha() -> String {
    "<html><head><title></title></head><body><div id=\"js_verify\">环境异常</div>\
     <script>window.PAGE_MID='mmbizwap:secitptpage/verify.html'; var poc_token = 'x';</script></body></html>"
        .into()
}
