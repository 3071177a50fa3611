//! The scripts of a WeChat page that say what the article is: ids, the data object, the variables that repeat it, its links.

use super::escape::{html, script};
use super::wechat_page::{PageLink, Template, WeChatPage};

impl WeChatPage {
    pub(super) fn ids(&self, nonce: u64) -> String {
        let (biz, sn, mid, idx) = (self.biz(), &self.sn, self.mid, self.idx);
        format!(
            r#"<script type="text/javascript" nonce="{nonce}" reportloaderror>
    var biz = "{biz}" || "";
    var sn = "{sn}" || "" || "";
    var mid = "{mid}" || "" || "";
    var idx = "{idx}" || "" || "";
    window.__allowLoadResFromMp = true;
    window.PAGE_MID = "mmbizwap:appmsg/newindex.html";
</script>
"#
        )
    }

    /// The data object; every string goes through the template's own form.
    pub(super) fn data(&self, fetch: u64) -> String {
        let nonce = nonce(fetch);
        let text = |text: &str| match self.template {
            Template::G3 => format!("JsDecode('{}')", script(text)),
            Template::G4 => format!("'{}'", script(text)),
        };
        let edited = self.edited.map_or(0, |edited| edited.timestamp());
        let minute = self.published.format("%Y-%m-%d %H:%M").to_string();
        let links: String = self.links.iter().map(|link| ainfo(link, &text)).collect();
        let fields = [
            ("user_name", text(&self.account_id)),
            ("nick_name", text(&self.account)),
            ("round_head_img", text(&self.cover)),
            ("title", text(&self.title)),
            ("desc", text(&self.summary)),
            ("content_noencode", text(&self.content)),
            ("create_time", text(&minute)),
            ("cdn_url", text(&self.cover)),
            ("link", text(&html(&self.link))),
            ("source_url", text("")),
            ("can_share", number(1)),
            ("type", number(9)),
            ("author", text(&self.author)),
            ("ori_create_time", number(self.published.timestamp())),
            ("user_uin", number(0)),
            ("total_item_num", number(1)),
            ("comment_id", text(&format!("44{}{}", self.mid, self.idx))),
            ("svr_time", number(server_time(fetch))),
            ("copyright_info", format!("{{\n        copyright_stat: {},\n      }}", number(1))),
            ("del_reason_id", number(0)),
            ("bizuin", text(&self.biz())),
            ("mid", number(self.mid)),
            ("idx", number(self.idx)),
            ("sn", text(&self.sn)),
            ("csp_nonce_str", number(nonce)),
            ("req_id", text(&format!("24{nonce}kQ{fetch}"))),
            ("item_show_type", number(0)),
            ("voice_in_appmsg", "[\n      ]".into()),
            ("picture_page_info_list", "[\n      ]".into()),
            ("modify_time", number(edited)),
            ("cdn_url_235_1", text(&self.cover)),
            ("cdn_url_1_1", text(&self.cover)),
            ("ip_wording", self.wording(&text)),
            ("show_ip_wording", number(1)),
            ("ainfos", format!("[\n{links}      ]")),
            ("is_pay_subscribe", number(0)),
            ("is_title_modified", number(0)),
        ];
        let fields = fields.map(|(name, value)| format!("      {name}: {value},\n")).concat();
        let decode = if self.template == Template::G3 { JS_DECODE } else { "" };
        format!(
            "<script type=\"text/javascript\" h5only nonce=\"{nonce}\" reportloaderror>\n(function() {{\n{decode}  try {{\n    \
             window.cgiDataNew = {{\n      base_resp: {{\n        ret: '0' * 1,\n        errmsg: {ok},\n      }},\n{fields}    }};\n  \
             }} catch (err) {{\n    console.error(err);\n  }}\n}})();\n</script>\n",
            ok = text("ok"),
        )
    }

    fn wording(&self, text: &impl Fn(&str) -> String) -> String {
        let (country, id, province) = (text("中国"), text("156"), text(&self.place));
        format!(
            "{{\n        country_name: {country},\n        country_id: {id},\n        province_name: {province},\n      }}"
        )
    }

    pub(super) fn variables(&self, fetch: u64) -> String {
        let (nonce, ct) = (nonce(fetch), self.published.timestamp());
        let minute = self.published.format("%Y-%m-%d %H:%M");
        format!(
            r#"<script type="text/javascript" nonce="{nonce}" reportloaderror>
    function htmlDecode(str) {{ return str.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&'); }}
    var nickname = htmlDecode("{account}");
    var appmsg_type = "9";
    var ct = "{ct}";
    var user_name = "{id}";
    var author = "{author}";
    var msg_title = '{title}'.html(false);
    var msg_desc = htmlDecode("{summary}");
    var msg_cdn_url = "{cover}";
    var msg_link = "{link}";
    var svr_time = "{now}" * 1;
    var oriCreateTime = '{ct}';
    var createTime = '{minute}';
    var item_show_type = "0";
    var ad_num = {ads};
</script>
"#,
            account = html(&self.account),
            id = self.account_id,
            author = html(&self.author),
            title = script(&html(&self.title)),
            summary = html(&self.summary),
            cover = html(&self.cover),
            link = html(&self.link),
            now = server_time(fetch),
            ads = nonce % 7,
        )
    }

    pub(super) fn place_and_links(&self, nonce: u64) -> String {
        let place = &self.place;
        let links: Vec<String> = self.links.iter().map(jump).collect();
        let links = links.join("\n        , ");
        format!(
            r#"<script type="text/javascript" nonce="{nonce}" reportloaderror>
    window.ip_wording = {{
        countryName: '中国',
        countryId: '156',
        provinceName: '{place}',
        provinceId: '',
        cityName: '',
        cityId: ''
    }};
    window.show_ip_wording = '1' * 1;
    window.is_over_sea = '0' * 1;
    var jumpInfo = [
        {links}
    ];
    window.appmsg_ad_count = '{ads}' * 1;
</script>
"#,
            ads = nonce % 5,
        )
    }
}

fn ainfo(link: &PageLink, text: &impl Fn(&str) -> String) -> String {
    // The object escapes its links once more than the body does.
    let url = text(&html(&html(&link.url)));
    let (title, account) = (text(&link.title), text(&link.account));
    format!(
        "        {{\n          link_type: 'LINK_TYPE_MP_APPMSG' * 1,\n          title: {title},\n          \
         subject_name: {account},\n          item_show_type: '0' * 1,\n          url: {url},\n        }},\n"
    )
}

/// The function that the older template defines for its strings.
const JS_DECODE: &str = r#"  function JsDecode(str) {
    return str && str
      .replace(/\\x5c/g, '\\').replace(/\\x0d/g, '\r').replace(/\\x22/g, '"').replace(/\\x26/g, '&')
      .replace(/\\x27/g, '\'').replace(/\\x3c/g, '<').replace(/\\x3e/g, '>').replace(/\\x0a/g, '\n');
  }
"#;

fn jump(link: &PageLink) -> String {
    let (title, account) = (script(&html(&link.title)), script(&html(&link.account)));
    let url = html(&html(&link.url));
    format!(
        "{{\n            title: '{title}'.html(false),\n            item_show_type: '0',\n            \
         url: '{url}'.html(false).html(false),\n            subject_name: '{account}',\n            \
         link_type: 'LINK_TYPE_MP_APPMSG',\n        }}"
    )
}

fn number(value: impl std::fmt::Display) -> String {
    format!("'{value}' * 1")
}

/// What differs at every fetch: ten digits that look like nothing.
pub(super) fn nonce(fetch: u64) -> u64 {
    1_000_000_007 + fetch.wrapping_mul(2_654_435_761) % 1_000_000_000
}

fn server_time(fetch: u64) -> u64 {
    1_793_000_000 + fetch * 7
}
