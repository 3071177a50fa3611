//! Tarballs as `export` writes them, and as nobody should: built here block by block, by nothing of ours.

use crate::support::held::files;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// One entry of a tar.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its path, the top folder included.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// The type in its header; `b'0'` is a plain file.
    pub(crate) kind: u8,
}

impl Item {
    /// A plain file below the top folder.
    pub(crate) fn file(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: format!("wangqi-archive/{path}"), bytes: bytes.into(), kind: b'0' }
    }
}

/// The files of a whole tarball of this archive, without the manifest: segments, and two articles for people.
pub(crate) fn whole(archive: &Path) -> Vec<Item> {
    let mut items = vec![
        Item::file("README.txt", "what this is\n这是什么\n"),
        Item::file("VERSION", std::fs::read(archive.join("VERSION")).unwrap()),
    ];
    let segments = files(&archive.join("segments"));
    items.extend(segments.into_iter().map(|(name, bytes)| Item::file(&format!("segments/{name}"), bytes)));
    for folder in ["2024-07-11 一把竹椅", "2024-07-12 bread"] {
        let file = |name: &str, bytes: &[u8]| Item::file(&format!("articles/{folder}/{name}"), bytes);
        items.extend([
            file("images/0011aabbccdd.png", &[7; 700]),
            file("article.md", "# 修一把竹椅\n".as_bytes()),
            file("article.html", b"<p>x</p>"),
            file("article.json", b"{}"),
        ]);
    }
    items
}

/// The manifest of these files, as it should be.
pub(crate) fn manifest(items: &[Item]) -> String {
    let version = items.iter().find(|item| item.path.ends_with("/VERSION"));
    let version = version.map(|item| String::from_utf8_lossy(&item.bytes).into_owned()).unwrap_or_default();
    let mut words = version.split_whitespace();
    let format = words.nth(3).unwrap_or("2");
    let id = words.nth(1).unwrap_or_default();
    let folder = |item: &Item| item.path.strip_prefix("wangqi-archive/articles/")?.split('/').next().map(str::to_owned);
    let articles: std::collections::BTreeSet<_> = items.iter().filter_map(folder).collect();
    let bytes: usize = items.iter().map(|item| item.bytes.len()).sum();
    let mut text = format!(
        "{{\"wangqi\":\"tarball\",\"version\":1,\"archive\":\"{id}\",\"format\":{format},\"articles\":{},\"files\":{},\
         \"bytes\":{bytes},\"segments\":true,\"selection\":null}}\n",
        articles.len(),
        items.len()
    );
    for item in items {
        let sha256: String = Sha256::digest(&item.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let (path, size) = (serde_json::to_string(&item.path).unwrap(), item.bytes.len());
        text.push_str(&format!("{{\"path\":{path},\"size\":{size},\"sha256\":\"{sha256}\"}}\n"));
    }
    text
}

/// These files with their manifest behind them.
pub(crate) fn with_manifest(mut items: Vec<Item>) -> Vec<Item> {
    let text = manifest(&items);
    items.push(Item::file("manifest.jsonl", text));
    items
}

/// The whole tarball of this archive.
pub(crate) fn of(archive: &Path) -> Vec<u8> {
    tar(&with_manifest(whole(archive)))
}

/// Entries as a tar, with its end.
pub(crate) fn tar(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        push(&mut out, item);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn push(out: &mut Vec<u8>, item: &Item) {
    let is_plain = item.path.is_ascii() && item.path.len() < 100;
    if !is_plain {
        let rest = item.path.len() + " path=\n".len();
        let length =
            (1..5).map(|digits| rest + digits).find(|length| length.to_string().len() == length - rest).unwrap();
        let record = format!("{length} path={}\n", item.path);
        out.extend(header("PaxHeaders/path", record.len() as u64, b'x'));
        push_bytes(out, record.as_bytes());
    }
    let name: String = item.path.chars().take(30).collect();
    out.extend(header(if is_plain { &item.path } else { &name }, item.bytes.len() as u64, item.kind));
    push_bytes(out, &item.bytes);
}

/// Bytes, and zeros up to a whole block.
pub(crate) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
}

/// A POSIX ustar header.
pub(crate) fn header(name: &str, size: u64, kind: u8) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    for (at, text) in
        [(100, "0000644\0"), (108, "0000000\0"), (116, "0000000\0"), (136, "00000000000\0"), (148, "        ")]
    {
        put(at, text.as_bytes());
    }
    if size < 1 << 33 {
        put(124, format!("{size:011o}\0").as_bytes());
    } else {
        put(124, &[0x80, 0, 0, 0]);
        put(128, &size.to_be_bytes());
    }
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
