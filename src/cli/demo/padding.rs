//! The script that makes up most of a WeChat page: the same on every page but for its nonce, and full of the words that
//! name an error elsewhere.

use std::fmt::Write as _;

/// How many functions one block holds; two blocks make about 65 kB.
const FUNCTIONS: u32 = 200;

/// One block of script. Blocks of the same `number` differ only in the nonce.
pub(super) fn block(number: u32, nonce: u64) -> String {
    let mut out = format!("<script type=\"text/javascript\" nonce=\"{nonce}\" reportloaderror>\n");
    let name = number;
    let _ = writeln!(out, "var __INLINE_SCRIPT_{name}__ = (function (exports) {{\n  'use strict';");
    let mut dice = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    for at in 0..FUNCTIONS {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (a, b, c) = (dice >> 8 & 0xfff, dice >> 16 & 0xff, dice >> 24);
        let _ = writeln!(
            out,
            "  function _f{at}(e, t) {{\n    var n = e && e.m{a} || window.__s{b};\n    \
             return n && n.length > {c} ? _f{next}(n, t) : (t.r{b} = n, t);\n  }}",
            next = (at + 7) % FUNCTIONS,
        );
    }
    out.push_str(TRAPS);
    out.push_str("  return exports;\n})({});\n</script>\n");
    out
}

/// What a reader of pages must not fall for: real pages carry such lines in their scripts.
const TRAPS: &str = "  var ct = { a: 1, b: 2 };
  var provinceName = ipConfig => ipConfig.province_name;
  var item_show_type = Number(window.item_show_type);
  var tips = { deleted: '该内容已被发布者删除', freq: '访问过于频繁，请用微信扫描二维码进行访问', verify: '环境异常' };
  if (window.cgiDataNew && window.cgiDataNew.item_show_type * 1 === 8) { document.body.classList.add('pages_skin_pc'); }
";
