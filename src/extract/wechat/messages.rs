//! The words of WeChat's messages, and what they mean (our research, "Error / special pages").
//!
//! A message is compared folded: traditional characters as simplified ones, 账 as 帐, letters in lower case. So each is listed once.

use crate::model::PageStatus;

/// What a message means, where it holds words that we know.
pub(super) fn meaning(words: &str) -> Option<PageStatus> {
    let words = folded(words);
    MESSAGES.iter().find(|(known, _)| words.contains(known)).map(|(_, status)| *status)
}

/// The first that is found counts, so narrower ones stand first.
const MESSAGES: &[(&str, PageStatus)] = &[
    // About us.
    ("环境异常", PageStatus::Blocked),
    ("完成验证后即可继续访问", PageStatus::Blocked),
    ("过于频繁", PageStatus::Blocked),
    ("操作频繁", PageStatus::Blocked),
    ("请输入验证码", PageStatus::Blocked),
    ("异常访问请求", PageStatus::Blocked),
    ("freq control", PageStatus::Blocked),
    ("too frequent", PageStatus::Blocked),
    ("environment is abnormal", PageStatus::Blocked),
    // About the article.
    ("已被发布者删除", PageStatus::Deleted),
    ("已被作者删除", PageStatus::Deleted),
    ("发布者已删除", PageStatus::Deleted),
    ("deleted by the author", PageStatus::Deleted),
    ("deleted by its author", PageStatus::Deleted),
    ("deleted by the publisher", PageStatus::Deleted),
    // About the account.
    ("迁移流程中", PageStatus::Unavailable),
    ("公众号已迁移", PageStatus::AccountMigrated),
    ("帐号已迁移", PageStatus::AccountMigrated),
    ("帐号迁移时未将", PageStatus::AccountMigrated),
    ("已申请公众号帐号迁移", PageStatus::AccountMigrated),
    ("已申请帐号迁移", PageStatus::AccountMigrated),
    ("account has been migrated", PageStatus::AccountMigrated),
    ("account has migrated", PageStatus::AccountMigrated),
    ("此帐号存在违规", PageStatus::AccountClosed),
    ("号已被屏蔽", PageStatus::AccountClosed),
    ("号已自主注销", PageStatus::AccountClosed),
    ("号已注销", PageStatus::AccountClosed),
    ("号已被注销", PageStatus::AccountClosed),
    ("号已被封", PageStatus::AccountClosed),
    ("号已被停用", PageStatus::AccountClosed),
    ("号已被冻结", PageStatus::AccountClosed),
    ("account has been blocked", PageStatus::AccountClosed),
    ("account has been deleted", PageStatus::AccountClosed),
    ("account has been cancel", PageStatus::AccountClosed),
    ("account has been suspended", PageStatus::AccountClosed),
    // About the article again: the platform removed it.
    ("违规无法查看", PageStatus::Violation),
    ("涉嫌侵权", PageStatus::Violation),
    ("冒名侵权", PageStatus::Violation),
    ("侵权投诉", PageStatus::Violation),
    ("被投诉", PageStatus::Violation),
    ("多人投诉", PageStatus::Violation),
    ("已停止访问该网页", PageStatus::Violation),
    ("相关投诉", PageStatus::Violation),
    ("投诉类型", PageStatus::Violation),
    ("违反相关法律法规", PageStatus::Violation),
    ("涉嫌违反", PageStatus::Violation),
    ("涉嫌违规", PageStatus::Violation),
    ("内容发送失败", PageStatus::Violation),
    ("辟谣", PageStatus::Violation),
    ("内容违规", PageStatus::Violation),
    ("violat", PageStatus::Violation),
    ("infring", PageStatus::Violation),
    // About the URL.
    ("链接已过期", PageStatus::LinkExpired),
    ("链接已失效", PageStatus::LinkExpired),
    ("link has expired", PageStatus::LinkExpired),
    ("link is expired", PageStatus::LinkExpired),
    ("参数错误", PageStatus::BadLink),
    ("链接不正确", PageStatus::BadLink),
    ("链接错误", PageStatus::BadLink),
    ("parameter error", PageStatus::BadLink),
    ("invalid parameter", PageStatus::BadLink),
    // Not for everyone.
    ("隐私设置", PageStatus::Restricted),
    ("微信客户端打开", PageStatus::Restricted),
    ("微信扫描打开", PageStatus::Restricted),
    ("权限查看", PageStatus::Restricted),
    ("关注后可", PageStatus::Restricted),
    ("仅关注者可", PageStatus::Restricted),
    ("weixin client", PageStatus::Restricted),
    ("wechat client", PageStatus::Restricted),
    ("open this link in wechat", PageStatus::Restricted),
    ("privacy setting", PageStatus::Restricted),
    // Not now.
    ("暂时无法查看", PageStatus::Unavailable),
    ("系统出错", PageStatus::Unavailable),
    ("系统错误", PageStatus::Unavailable),
    ("系统繁忙", PageStatus::Unavailable),
    ("未知错误", PageStatus::Unavailable),
    ("稍后再试", PageStatus::Unavailable),
    ("稍后重试", PageStatus::Unavailable),
    ("失效的验证页面", PageStatus::Unavailable),
    ("system error", PageStatus::Unavailable),
    ("temporarily unavailable", PageStatus::Unavailable),
    ("unable to view", PageStatus::Unavailable),
];

/// Traditional characters of these messages, and their simplified ones.
const FOLDED: (&str, &str) = (
    "該內發佈刪違規無環異過頻繫帳賬账號遷註銷鎖衝關閉訴權屬關鏈連結參數錯誤隱設戶開啟暫時統繁試驗證鑒嫌謠後問訪臺擊",
    "该内发布删违规无环异过频系帐帐帐号迁注销锁冲关闭诉权属关链链接参数错误隐设户开启暂时统繁试验证鉴嫌谣后问访台击",
);

fn folded(words: &str) -> String {
    let fold = |letter: char| {
        let at = FOLDED.0.chars().position(|known| known == letter);
        at.and_then(|at| FOLDED.1.chars().nth(at)).unwrap_or(letter)
    };
    words.chars().map(fold).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_every_script_means_one_thing() {
        assert_eq!(FOLDED.0.chars().count(), FOLDED.1.chars().count());
        for (words, status) in [
            ("該內容已被發佈者刪除", PageStatus::Deleted),
            ("此內容因違規無法查看", PageStatus::Violation),
            ("此账号已自主注销，内容无法查看", PageStatus::AccountClosed),
            ("此帳號已被屏蔽, 內容無法查看", PageStatus::AccountClosed),
            ("連結已過期", PageStatus::LinkExpired),
            ("參數錯誤", PageStatus::BadLink),
            ("The content has been deleted by the author.", PageStatus::Deleted),
            ("该公众号已迁移", PageStatus::AccountMigrated),
            ("此帐号处于帐号迁移流程中", PageStatus::Unavailable),
            ("此帐号被投诉且经审核涉嫌侵权。此帐号已注销，内容无法查看。", PageStatus::AccountClosed),
            ("此内容被多人投诉，相关的内容无法进行查看。", PageStatus::Violation),
            ("原帐号迁移时未将文章素材同步至新帐号，该链接已不可访问", PageStatus::AccountMigrated),
        ] {
            assert_eq!(meaning(words), Some(status), "{words}");
        }
        assert_eq!(meaning("渡口"), None);
    }
}
