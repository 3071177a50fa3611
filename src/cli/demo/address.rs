//! Where the demo's articles and pictures live: every id is worked out from the account and the number.

use super::texts::{ACCOUNTS, Account, Essay};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The host of every account's pages.
pub const ACCOUNTS_HOST: &str = "mp.weixin.qq.com";
/// The host of every account's pictures.
pub const PICTURES_HOST: &str = "mmbiz.qpic.cn";

/// One article of an account, by its place in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    account: usize,
    number: usize,
}

impl Address {
    /// An account's article; `None` where there is none.
    pub fn new(account: usize, number: usize) -> Option<Self> {
        (number < ACCOUNTS.get(account)?.essays.len()).then_some(Self { account, number })
    }

    /// Every article that is published by `pass`, oldest first within its account.
    pub fn published_by(pass: u32) -> Vec<Self> {
        let of_account = |account: usize| {
            let Account { essays, unpublished, .. } = &ACCOUNTS[account];
            let held_back = if pass < 2 { *unpublished } else { 0 };
            (0..essays.len() - held_back).map(move |number| Self { account, number })
        };
        (0..ACCOUNTS.len()).flat_map(of_account).collect()
    }

    /// The article of a path: `/s?__biz=…&mid=…&idx=…&sn=…` with the right signature, or `/s/<token>`.
    pub fn of_path(path: &str) -> Option<Self> {
        let all = Self::published_by(u32::MAX);
        if let Some(token) = path.strip_prefix("/s/") {
            let token = token.split('?').next()?;
            return all.into_iter().find(|address| address.token() == token);
        }
        let query = path.strip_prefix("/s?")?;
        let value = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let (mid, idx, sn) = (value("mid")?, value("idx")?, value("sn")?);
        let biz = value("__biz")?.replace(' ', "+");
        all.into_iter().find(|address| {
            let same = [(mid.as_str(), address.mid().to_string()), (idx.as_str(), "1".to_owned())];
            same.iter().all(|(given, own)| *given == own.as_str())
                && biz.trim_end_matches('=') == address.biz().trim_end_matches('=')
                && sn == address.sn()
        })
    }

    /// The account.
    pub fn account(self) -> &'static Account {
        &ACCOUNTS[self.account]
    }

    /// The article.
    pub fn essay(self) -> &'static Essay {
        &ACCOUNTS[self.account].essays[self.number]
    }

    /// The past issues that the article shows.
    pub fn past_issues(self) -> impl Iterator<Item = Self> {
        self.essay().issues.iter().filter_map(move |&number| Self::new(self.account, number))
    }

    /// Which message.
    pub fn mid(self) -> u64 {
        2_247_483_700 + self.account as u64 * 500 + self.number as u64 * 6
    }

    /// The archive's key of the article.
    pub fn key(self) -> String {
        format!("wx:{}:{}:1", self.account().bizuin, self.mid())
    }

    /// The link's signature.
    pub fn sn(self) -> String {
        self.hex("sn", 32)
    }

    /// The token of the short link.
    pub fn token(self) -> String {
        URL_SAFE_NO_PAD.encode(&digest(&format!("token/{self:?}"))[..16])
    }

    /// The short link.
    pub fn short_link(self) -> String {
        format!("https://{ACCOUNTS_HOST}/s/{}", self.token())
    }

    /// The long link, with `chksm`.
    pub fn long_link(self) -> String {
        let (biz, mid, sn, chksm) = (self.biz(), self.mid(), self.sn(), self.hex("chksm", 76));
        format!("https://{ACCOUNTS_HOST}/s?__biz={biz}&mid={mid}&idx=1&sn={sn}&chksm={chksm}")
    }

    /// The link as it stands on the page of `from`: pages use one form or another.
    pub fn link_from(self, from: Self) -> String {
        match (self.number + from.number) % 3 {
            0 => format!("{}&scene=21#wechat_redirect", self.long_link()),
            1 => self.short_link(),
            _ => format!("{}&scene=142#wechat_redirect", self.long_link().replacen("https:", "http:", 1)),
        }
    }

    /// The cover's URL.
    pub fn cover(self) -> String {
        picture_url(&self.cover_name(), 0)
    }

    /// The URL of the small cover that stands on other pages.
    pub fn thumbnail(self) -> String {
        picture_url(&self.cover_name(), 640)
    }

    /// The URL of the article's picture with that number.
    pub fn picture(self, number: usize) -> String {
        picture_url(&format!("{self:?}/{number}"), 640)
    }

    /// The URL of the account's banner. It was uploaded twice: newer articles show the same picture under another id.
    pub fn banner(self) -> String {
        picture_url(&format!("banner/{}/{}", self.account, u8::from(self.number >= 4)), 640)
    }

    fn cover_name(self) -> String {
        format!("{self:?}/cover")
    }

    fn biz(self) -> String {
        STANDARD.encode(self.account().bizuin.to_string())
    }

    fn hex(self, what: &str, letters: usize) -> String {
        let bytes = [digest(&format!("{what}/{self:?}/1")), digest(&format!("{what}/{self:?}/2"))].concat();
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.take(letters).map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
    }
}

/// What a picture's id is drawn from; `None` for an id that no page shows.
pub fn picture_of(id: &str) -> Option<String> {
    let names = Address::published_by(u32::MAX).into_iter().flat_map(|address| {
        let pictures = address.essay().body.lines().filter(|line| line.starts_with("![")).count();
        let own = (0..pictures).map(move |number| format!("{address:?}/{number}"));
        let banners = (0..2).map(move |upload| format!("banner/{}/{upload}", address.account));
        own.chain([address.cover_name()]).chain(banners)
    });
    let name = names.into_iter().find(|name| picture_id(name) == id)?;
    // Both uploads of a banner are one picture.
    Some(if name.starts_with("banner/") { name[..name.len() - 1].to_owned() } else { name })
}

fn picture_url(name: &str, size: u32) -> String {
    let from = if size == 0 { "" } else { "&from=appmsg" };
    format!("https://{PICTURES_HOST}/mmbiz_png/{}/{size}?wx_fmt=png{from}", picture_id(name))
}

/// An id as WeChat writes them: base64 of which `+` and `/` are spelled out.
fn picture_id(name: &str) -> String {
    let bytes = [digest(name), digest(&format!("{name}/more"))].concat();
    STANDARD.encode(&bytes[..60]).replace('+', "ia").replace('/', "ib")
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
