//! A WeChat article as its server renders it today: the data object, the hidden body, lazy pictures, and the script around.
//!
//! The shape is that of pages of 2025 and 2026; every fetch differs in nonce, server time and a few counters, as theirs do.

use super::escape::html;
use super::padding;
use super::wechat_script::nonce;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset};

/// Which of today's templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Strings are `JsDecode('…')`, and variables repeat what the object says (2024 to May 2026).
    G3,
    /// Bare strings, and hardly a variable (from May 2026 on).
    G4,
}

/// A link to another article, as the page's own link list tells it.
#[derive(Clone, Debug)]
pub struct PageLink {
    /// Where it leads.
    pub url: String,
    /// The other article's title.
    pub title: String,
    /// The other article's account.
    pub account: String,
}

/// A WeChat article's page.
#[derive(Clone, Debug)]
pub struct WeChatPage {
    /// The template.
    pub template: Template,
    /// The URL by which the page is asked for: `og:url` mirrors it.
    pub url: String,
    /// The title.
    pub title: String,
    /// The account's name.
    pub account: String,
    /// The account's `gh_…` name.
    pub account_id: String,
    /// The number that `__biz` encodes.
    pub bizuin: u64,
    /// Which message.
    pub mid: u64,
    /// Which article of the message.
    pub idx: u32,
    /// The link's signature.
    pub sn: String,
    /// The long link, with `chksm`.
    pub link: String,
    /// Who wrote it; empty where nobody is named.
    pub author: String,
    /// The province it was published from.
    pub place: String,
    /// When.
    pub published: DateTime<FixedOffset>,
    /// When it was edited last.
    pub edited: Option<DateTime<FixedOffset>>,
    /// The cover's URL.
    pub cover: String,
    /// The summary.
    pub summary: String,
    /// The body: what stands inside `#js_content`.
    pub content: String,
    /// The links of the body to other articles.
    pub links: Vec<PageLink>,
}

impl WeChatPage {
    /// The page as one fetch sees it; `fetch` decides the bytes that differ at every fetch.
    pub fn render(&self, fetch: u64) -> String {
        let nonce = nonce(fetch);
        let mut out = self.head(nonce);
        out.push_str(&padding::block(1, nonce));
        out.push_str(
            "</head>\n\n<body id=\"activity-detail\" class=\"zh_CN wx_wap_page wx_wap_desktop_fontsize_2 mm_appmsg ",
        );
        out.push_str("comment_feature discuss_tab appmsg_skin_default appmsg_style_default \">\n");
        out.push_str(&self.ids(nonce));
        out.push_str(&self.data(fetch));
        out.push_str(&self.article());
        if self.template == Template::G3 {
            out.push_str(&self.variables(fetch));
        }
        out.push_str(&self.place_and_links(nonce));
        out.push_str(&padding::block(2, nonce));
        out.push_str("</body>\n</html>\n");
        out
    }

    /// The base64 form of the account's number.
    pub fn biz(&self) -> String {
        STANDARD.encode(self.bizuin.to_string())
    }

    fn head(&self, nonce: u64) -> String {
        let (title, url, cover) = (html(&self.title), html(&self.url), html(&self.cover));
        let (summary, author) = (html(&self.summary), html(&self.author));
        format!(
            r#"<!DOCTYPE html>
<html class="">
<head>
<meta name="wechat-enable-text-zoom-em" content="true">
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width,initial-scale=1.0,maximum-scale=1.0,user-scalable=0,viewport-fit=cover">
<link rel="shortcut icon" type="image/x-icon" href="//res.wx.qq.com/a/wx_fed/assets/res/NTI4MWU5.ico" reportloaderror>
<meta name="format-detection" content="telephone=no">
<meta name="referrer" content="origin-when-cross-origin">
<script type="text/javascript" nonce="{nonce}" reportloaderror>
window.logs = {{ pagetime: {{}} }};
window.logs.pagetime['html_begin'] = (+new Date());
window.LANG = "zh_CN";
</script>
<meta name="description" content="{summary}" />
<meta name="author" content="{author}" />
<meta property="og:title" content="{title}" />
<meta property="og:url" content="{url}" />
<meta property="og:image" content="{cover}" />
<meta property="og:description" content="{summary}" />
<meta property="og:site_name" content="微信公众平台" />
<meta property="og:type" content="article" />
<meta property="og:article:author" content="{author}" />
<meta property="twitter:card" content="summary" />
<meta property="twitter:image" content="{cover}" />
<meta property="twitter:title" content="{title}" />
<title></title>
<style>.rich_media_content{{overflow:hidden;color:#222;font-size:17px}}.weui-msg__title{{font-weight:700}}.weui-msg__desc{{color:#888}}</style>
"#
        )
    }

    fn article(&self) -> String {
        let (title, account, content) = (html(&self.title), html(&self.account), &self.content);
        let author = if self.author.is_empty() {
            String::new()
        } else {
            let name = html(&self.author);
            format!(
                "<span class=\"rich_media_meta rich_media_meta_text\">\n            \
                 <span role=\"link\" tabindex=\"0\" id=\"js_author_name\" style=\"display: none;\">{name}</span>\n            \
                 <span id=\"js_author_name_text\">{name}</span>\n          </span>"
            )
        };
        format!(
            r#"
<div id="js_article" style="position:relative;" class="rich_media">
  <div id="js_top_ad_area" class="top_banner"></div>
  <div id="js_base_container" class="rich_media_inner">
    <div id="page-content" class="rich_media_area_primary">
      <div class="rich_media_area_primary_inner">
        <h1 class="rich_media_title" id="activity-name">
          {title}
        </h1>
        <div id="meta_content" class="rich_media_meta_list">
          <span id="copyright_logo" class="rich_media_meta icon_appmsg_tag appmsg_title_tag">原创</span>
          {author}
          <span class="rich_media_meta rich_media_meta_nickname" id="profileBt">
            <a href="javascript:void(0);" class="wx_tap_link" id="js_name">
              {account}            </a>
            <div id="js_profile_card"></div>
          </span>
          <span id="meta_content_hide_info">
            <em id="publish_time" class="rich_media_meta rich_media_meta_text"></em>
            <em id="js_ip_wording_wrp" class="rich_media_meta rich_media_meta_text" style="display: none;"><span aria-hidden="true" id="js_ip_wording"></span></em>
          </span>
        </div>
        <div class="rich_media_content js_underline_content
             autoTypeSetting24psection
            " id="js_content" style="visibility: hidden; opacity: 0; ">{content}</div>
        <div class="rich_media_tool" id="js_toobar3"><span class="rich_media_extra">阅读</span></div>
      </div>
    </div>
  </div>
</div>
<div id="js_pc_qr_code" class="qr_code_pc_outer" style="display:none;"><p>微信扫一扫<br>关注该公众号</p></div>
"#
        )
    }
}
