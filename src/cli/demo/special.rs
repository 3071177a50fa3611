//! The pages that stand in for an article: deleted, wrong link, and the captcha.

use super::escape::{html, script};
use super::padding;
use super::wechat_script::nonce;

/// What an article's URL answers once its author has deleted it.
pub fn deleted(fetch: u64) -> String {
    message("该内容已被发布者删除", "weui-icon_msg-primary", fetch)
}

/// What a link answers that names no article.
pub fn wrong_parameters(fetch: u64) -> String {
    message("参数错误", "weui-icon_msg", fetch)
}

fn message(title: &str, icon: &str, fetch: u64) -> String {
    let nonce = nonce(fetch);
    let script = padding::block(3, nonce);
    format!(
        r#"<!DOCTYPE html>
<html class="">
<head>
<meta name="wechat-enable-text-zoom-em" content="true">
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta name="referrer" content="origin-when-cross-origin">
<title></title>
<link rel="stylesheet" type="text/css" href="//res.wx.qq.com/t/wx_fed/weui-source/res/2.6.26/weui.min.css" reportloaderror>
<style>
.fullscreen-padding .weui-msg {{ padding: 48px 0; }}
.weui-msg__title {{ font-weight: 700; }}
</style>
{script}</head>
<body id="activity-detail" class="zh_CN wx_wap_page discuss_tab appmsg_skin_default appmsg_style_default ">
<div class="weui-msg">
    <div class="weui-msg__icon-area">
        <i class="weui-icon-warn {icon}"></i>
    </div>
    <div class="weui-msg__text-area">
        <div class="weui-msg__title warn">{title}</div>
    </div>
    <div class="weui-msg__extra-area">
        <div class="weui-footer"><p class="weui-footer__links">
            <a class="weui-footer__link" href="https://mp.weixin.qq.com/webpoc/ruleCenter?type=oa">微信公众平台运营中心</a>
        </p></div>
    </div>
</div>
<script type="text/javascript" nonce="{nonce}" reportloaderror>
window.logs.pagetime.page_begin = Date.now();
</script>
</body>
</html>
"#
    )
}

/// What is answered to a client that the server does not trust; `url` is the page that was asked for.
pub fn captcha(url: &str, fetch: u64) -> String {
    let (target, token) = (script(&html(url)), nonce(fetch));
    format!(
        r#"<!DOCTYPE html>
<html>
    <head>
        <meta http-equiv=Content-Type content="text/html;charset=utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1.0,maximum-scale=1.0,user-scalable=0,viewport-fit=cover">
<meta name="format-detection" content="telephone=no">
        <title></title>
<link rel="stylesheet" type="text/css" href="//res.wx.qq.com/t/wx_fed/weui-source/res/2.5.14/weui.min.css">
<link rel="stylesheet" href="//res.wx.qq.com/mmbizwap/zh_CN/htmledition/style/page/secitptpage/verify802853.css" media="all">
    </head>
    <body class="zh_CN " ontouchstart="">
<div class="weui-msg">
  <div id="tips" style="display:none;" class="top_tips warning"></div>
    <div class="weui-msg__icon-area">
      <i class="weui-icon-info-circle weui-icon_msg"></i>
    </div>
    <div class="weui-msg__text-area pc-area">
        <h2 class="weui-msg__title">环境异常</h2>
        <p class="weui-msg__desc">当前环境异常，完成验证后即可继续访问。</p>
    </div>
    <div class="weui-msg__opr-area">
      <p class="weui-btn-area">
        <a class="weui-btn weui-btn_primary" id="js_verify">去验证</a>
      </p>
    </div>
</div>
<script type="text/javascript">
var PAGE_MID='mmbizwap:secitptpage/verify.html';
</script>
<script type="text/javascript" src="//res.wx.qq.com/mmbizwap/zh_CN/htmledition/js/biz_wap/moon802853.js"></script>
<script type="text/javascript" src="https://captcha.gtimg.com/TCaptcha.js"></script>
<script type="text/javascript">
window.cgiData = {{
    register_code : "4" * 1,
    target_url : "{target}",
    cap_appid : "0000000000",
    cap_sid : "demo{token}",
    poc_sid : "demo{token}",
    timeout_ms : "120000" * 1,
    poc_token : "demo{token}",
}}
seajs.use('secitptpage/template/verify.js')
</script>
    </body>
</html>
"#
    )
}
