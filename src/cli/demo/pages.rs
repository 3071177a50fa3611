//! The accounts' articles as pages: the body's notation becomes the HTML that WeChat's editor writes.

use super::address::Address;
use super::escape::html;
use super::texts::{Essay, Past};
use super::wechat_page::{PageLink, Template, WeChatPage};
use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime, TimeZone as _};

/// The page of an article, as `pass` finds it, asked for by `url`.
pub fn page(address: Address, pass: u32, url: &str) -> WeChatPage {
    let (account, essay) = (address.account(), address.essay());
    let mut links = Vec::new();
    let content = body(address, pass, &mut links);
    let published = china_time(essay.published);
    WeChatPage {
        template: if account.unpublished > 0 { Template::G4 } else { Template::G3 },
        url: url.to_owned(),
        title: essay.title.to_owned(),
        account: account.name.to_owned(),
        account_id: account.id.to_owned(),
        bizuin: account.bizuin,
        mid: address.mid(),
        idx: 1,
        sn: address.sn(),
        link: format!("{}#rd", address.long_link()),
        author: essay.author.to_owned(),
        place: essay.place.to_owned(),
        published,
        edited: (pass >= 2 && essay.edit.is_some()).then(|| published + Duration::days(170)),
        cover: address.cover(),
        summary: essay.summary.to_owned(),
        content,
        links,
    }
}

/// What an essay says by `pass`, in the notation of the texts.
pub fn text(essay: &Essay, pass: u32) -> String {
    match essay.edit {
        Some((old, new)) if pass >= 2 => essay.body.replace(old, new),
        _ => essay.body.to_owned(),
    }
}

/// A time of the texts as an instant in China's time.
pub fn china_time(text: &str) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(8 * 3600).expect("eight hours are less than a day");
    let civil =
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("the texts' times are constants, and tested");
    zone.from_local_datetime(&civil).single().expect("a fixed offset has every time once")
}

fn body(address: Address, pass: u32, links: &mut Vec<PageLink>) -> String {
    let mut out = vec![section(&picture(&address.banner()))];
    let (mut pictures, mut items) = (0, String::new());
    for line in text(address.essay(), pass).lines() {
        if let Some(item) = line.strip_prefix("- ") {
            items = format!("{items}<li><section>{}</section></li>", leaf(&inline(item, address, links)));
            continue;
        }
        out.push(list(&mut items));
        out.push(if let Some(heading) = line.strip_prefix("## ") {
            format!("<h2 style=\"margin: 32px 8px 16px;\">{}</h2>", leaf(&html(heading)))
        } else if let Some(quotation) = line.strip_prefix("> ") {
            let said = leaf(&inline(quotation, address, links));
            format!("<blockquote class=\"js_blockquote_wrap\"><section>{said}</section></blockquote>")
        } else if let Some(caption) = line.strip_prefix("![") {
            pictures += 1;
            let shown = section(&picture(&address.picture(pictures - 1)));
            let caption = leaf(&html(caption.trim_end_matches(']')));
            format!("{shown}<p style=\"text-align: center;font-size: 14px;\">{caption}</p>")
        } else {
            let said = leaf(&inline(line, address, links));
            format!("<section style=\"margin: 0px 8px 24px;line-height: 1.75em;\"><p>{said}</p></section>")
        });
    }
    out.push(list(&mut items));
    out.push(past_issues(address, links));
    out.push("<p style=\"display: none;\"><mp-style-type data-value=\"3\"></mp-style-type></p>".into());
    out.concat()
}

/// The list that was collected, and nothing where nothing was.
fn list(items: &mut String) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!("<ul class=\"list-paddingleft-1\" style=\"list-style-type: disc;\">{}</ul>", std::mem::take(items))
}

fn leaf(inside: &str) -> String {
    format!("<span leaf=\"\">{inside}</span>")
}

fn section(inside: &str) -> String {
    format!("<section nodeleaf=\"\" style=\"text-align: center;\">{inside}</section>")
}

fn picture(url: &str) -> String {
    let url = html(url);
    format!(
        "<img class=\"rich_pages wxw-img\" data-src=\"{url}\" data-ratio=\"0.5625\" data-s=\"300,640\" data-type=\"png\" \
         data-w=\"480\" type=\"block\" data-imgfileid=\"100000{}\" />",
        url.len()
    )
}

/// `**bold**` and `[[text|account/number]]` as the editor writes them.
fn inline(line: &str, from: Address, links: &mut Vec<PageLink>) -> String {
    let parts = line.split("**").enumerate().map(|(at, part)| {
        let said = with_links(part, from, links);
        if at % 2 == 1 { format!("<strong>{said}</strong>") } else { said }
    });
    parts.collect()
}

fn with_links(line: &str, from: Address, links: &mut Vec<PageLink>) -> String {
    let Some((before, rest)) = line.split_once("[[") else { return html(line) };
    let found = rest.split_once("]]").and_then(|(inside, after)| {
        let (said, target) = inside.split_once('|')?;
        let (account, number) = target.split_once('/')?;
        let account = super::texts::ACCOUNTS.iter().position(|one| one.name == account)?;
        Some((said, Address::new(account, number.parse().ok()?)?, after))
    });
    let Some((said, target, after)) = found else { return html(line) };
    let shown = anchor(target, from, "text", &html(said), links);
    format!("{}{shown}{}", html(before), with_links(after, from, links))
}

/// A link to another article, noted in the page's own list of links.
fn anchor(target: Address, from: Address, kind: &str, inside: &str, links: &mut Vec<PageLink>) -> String {
    let url = target.link_from(from);
    let (title, account) = (target.essay().title.to_owned(), target.account().name.to_owned());
    let href = html(&url);
    links.push(PageLink { url, title, account });
    let number = if kind == "image" { 1 } else { 2 };
    format!(
        "<a class=\"normal_text_link mp_article_text_link\" target=\"_blank\" href=\"{href}\" textvalue=\"\" \
         data-itemshowtype=\"0\" tab=\"innerlink\" linktype=\"{kind}\" data-linktype=\"{number}\">{inside}</a>"
    )
}

fn past_issues(address: Address, links: &mut Vec<PageLink>) -> String {
    let past = address.essay().past;
    let heading = match past {
        Past::Nothing | Past::PicturesAlone => String::new(),
        Past::List(title) | Past::Pictures(title) => {
            format!("<h2 style=\"text-align: center;\">{}</h2>", leaf(title))
        }
        Past::Bold(title) => format!("<p><strong>{}</strong></p>", leaf(title)),
    };
    let mut each = |target: Address| {
        let title = html(target.essay().title);
        match past {
            Past::List(_) => {
                format!("<li><section>{}</section></li>", leaf(&anchor(target, address, "text", &title, links)))
            }
            Past::Pictures(_) | Past::PicturesAlone => {
                let shown = picture(&target.thumbnail());
                let shown = format!("<span class=\"js_jump_icon h5_image_link\">{shown}</span>");
                format!("<section>{}</section>", anchor(target, address, "image", &shown, links))
            }
            Past::Bold(_) | Past::Nothing => {
                format!("<p>{}</p>", leaf(&anchor(target, address, "text", &title, links)))
            }
        }
    };
    let inside: String = address.past_issues().map(&mut each).collect();
    match past {
        Past::List(_) => format!("{heading}<ul class=\"list-paddingleft-1\">{inside}</ul>"),
        _ => format!("{heading}{inside}"),
    }
}
