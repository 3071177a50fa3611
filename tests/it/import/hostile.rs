//! Tarballs that nobody exported: every one is refused with a sentence, and leaves nothing behind.

use super::{original, unpack};
use crate::support::held::{Held, names};
use crate::support::tarball::{self, Item, header, manifest, push_bytes, tar, with_manifest};
use std::fs;
use std::io::Read;
use std::path::Path;
use wangqi::import::{Done, ImportError, Imported, Source, Watch, import};

struct GoOn;

impl Watch for GoOn {
    fn go_on(&mut self, _: Done) -> bool {
        true
    }
}

/// Imports a stream into a folder that is not there yet.
pub(super) fn import_from(stream: impl Read, root: &Path) -> Result<Imported, ImportError> {
    import(Source::stream("a.tar".into(), Box::new(stream)).unwrap(), root, &mut GoOn)
}

/// Imports bytes, which must be refused without a trace; the sentence.
fn refusal(bytes: &[u8]) -> String {
    refusal_of(bytes)
}

fn refusal_of(stream: impl Read) -> String {
    let folder = tempfile::tempdir().unwrap();
    let error = import_from(stream, &folder.path().join("archive")).unwrap_err();
    assert_eq!(names(folder.path()), [""; 0], "{error}");
    let sentence = error.to_string();
    assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
    assert!(sentence.len() < 900, "{sentence}");
    sentence
}

/// The whole tarball's files without the manifest.
pub(super) fn items() -> Vec<Item> {
    tarball::whole(&original().archive())
}

/// A smaller one, for what is tried hundreds of times.
fn small() -> Vec<Item> {
    let mut items = items();
    items.retain(|item| !item.path.contains("/segments/") || item.path.contains("000001-web"));
    items
}

#[test]
fn a_byte_changed_anywhere_is_found() {
    let bytes = tar(&with_manifest(small()));
    import_from(&*bytes, &tempfile::tempdir().unwrap().path().join("archive")).unwrap();
    let manifest = bytes.windows(10).rposition(|window| window == b"{\"wangqi\":").unwrap();
    let pax = bytes.windows(6).position(|window| window == b" path=").unwrap();
    // Size and checksum of a header byte by byte, a pax record, the manifest's head; the rest in steps.
    let mut places: Vec<usize> = (124..136).chain(148..156).chain(pax - 4..pax + 60).collect();
    places.extend((0..512).step_by(11).chain((manifest..manifest + 260).step_by(3)));
    places.extend((512..bytes.len()).step_by(bytes.len() / 120));
    places.extend((manifest..bytes.len()).step_by(97));
    for place in places {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        let folder = tempfile::tempdir().unwrap();
        let imported = import_from(&*changed, &folder.path().join("archive"));
        assert!(imported.is_err(), "byte {place} of {} was changed and it was imported", bytes.len());
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn a_byte_changed_in_a_packed_tarball_is_found() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    std::io::Write::write_all(&mut encoder, &tar(&with_manifest(small()))).unwrap();
    let bytes = encoder.finish().unwrap();
    // What a frame's own header says of its window is not looked at, so it begins behind that.
    for place in (6..bytes.len()).step_by(bytes.len() / 100).chain(bytes.len() - 4..bytes.len()) {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        refusal(&changed);
    }
    for length in (100..bytes.len()).step_by(bytes.len() / 40) {
        let sentence = refusal(&bytes[..length]);
        assert!(sentence.contains("damaged or not all there") || sentence.contains("is not all there"), "{sentence}");
    }
    let mut followed = bytes.clone();
    followed.extend(b"something else");
    refusal(&followed);
}

#[test]
fn cut_anywhere_it_is_not_imported() {
    let bytes = tar(&with_manifest(small()));
    let end = bytes.len();
    for length in
        (512..end).step_by(end / 150).chain([end - 1, end - 511, end - 512, end - 513, end - 1024, end - 1025])
    {
        let sentence = refusal(&bytes[..length]);
        assert!(sentence.contains("not all there"), "cut at {length} of {end}: {sentence}");
    }
}

#[test]
fn files_that_are_not_as_listed_are_named() {
    let right = items();
    let listed = manifest(&right);
    let listed = |items: &[Item]| {
        let items: Vec<Item> = items.iter().cloned().chain([Item::file("manifest.jsonl", listed.clone())]).collect();
        refusal(&tar(&items))
    };
    let changed = |name: &str, change: &dyn Fn(&mut Item)| {
        let mut items = right.clone();
        change(items.iter_mut().find(|item| item.path.ends_with(name)).unwrap());
        listed(&items)
    };
    let why = changed("000001-web.warc.zst", &|item| item.bytes[5000] ^= 1);
    assert!(
        why.contains("segments/000001-web.warc.zst was changed: its SHA-256 is another; nothing was imported"),
        "{why}"
    );
    let why = changed("000001-web.warc.zst", &|item| item.bytes.truncate(5000));
    assert!(why.contains("000001-web.warc.zst was changed: it has 5000 bytes, and the manifest says 27640"), "{why}");
    let why = changed("bread/article.md", &|item| item.bytes[0] = b'!');
    assert!(why.contains("bread/article.md was changed: its SHA-256 is another"), "{why}");
    let why = changed("README.txt", &|item| item.bytes.clear());
    assert!(why.contains("README.txt was changed: it has 0 bytes"), "{why}");

    let mut missing = right.clone();
    missing.pop();
    assert!(listed(&missing).contains("bread/article.json is missing"), "{}", listed(&missing));
    let mut missing = right.clone();
    missing.remove(3);
    let why = listed(&missing);
    assert!(
        why.contains("segments/000003-media.warc.zst stands where its manifest has wangqi-archive/segments/000002"),
        "{why}"
    );
    let mut extra = right.clone();
    extra.push(Item::file("articles/z/article.md", "more"));
    assert!(listed(&extra).contains("articles/z/article.md is not in its manifest"), "{}", listed(&extra));
    let mut order = right.clone();
    order.swap(2, 3);
    assert!(listed(&order).contains("stands where its manifest has"), "{}", listed(&order));
    let mut twice = right.clone();
    twice.push(right[6].clone());
    assert!(listed(&twice).contains(" is in it twice"), "{}", listed(&twice));
    let twice = refusal(&tar(&with_manifest(twice)));
    assert!(twice.contains(" is in it twice"), "listed twice as well: {twice}");
    let mut segment = right.clone();
    segment.insert(5, Item::file("segments/000001-media.warc.zst", "other"));
    assert!(listed(&segment).contains("segment number 1 is there twice"), "{}", listed(&segment));
}

#[test]
fn paths_that_lead_elsewhere_and_files_that_are_none_are_refused() {
    let put = |item: Item| {
        let mut items = items();
        items.push(item);
        refusal(&tar(&with_manifest(items)))
    };
    let path = |path: &str| put(Item { path: path.into(), bytes: b"x".to_vec(), kind: b'0' });
    for wrong in
        ["/etc/passwd", "wangqi-archive/../../etc/passwd", "wangqi-archive/./VERSION", "wangqi-archive//VERSION"]
    {
        assert!(path(wrong).contains("is no path that we write"), "{}", path(wrong));
    }
    assert!(path("VERSION").contains("does not stand in wangqi-archive/"));
    assert!(path("wangqi-archive/hooks/post").contains("hooks/post is no part of a tarball"));
    let control = path("wangqi-archive/articles/a\u{1b}[2J\u{202e}\n/x");
    assert!(control.contains("articles/a\\u{1b}[2J\\u{202e}\\u{a}/x has control characters in its name"), "{control}");
    assert!(path(&format!("wangqi-archive/articles/{}", "a/".repeat(600))).contains("is longer than any name of ours"));
    for name in
        ["1-web.warc.zst", "000009-web.warc", "000009-../x.warc.zst", "+00009-web.warc.zst", "99999999999-web.warc.zst"]
    {
        assert!(path(&format!("wangqi-archive/segments/{name}")).contains(""), "{name}");
    }
    let kinds = [
        (b'1', "a link"),
        (b'2', "a link"),
        (b'3', "a device"),
        (b'6', "a device"),
        (b'S', "a sparse file"),
        (b'7', "of no kind"),
    ];
    for (kind, what) in kinds {
        let why = put(Item { path: "wangqi-archive/articles/x/y".into(), bytes: Vec::new(), kind });
        assert!(why.contains(&format!("articles/x/y is {what}")), "{why}");
    }
    let mut behind = with_manifest(items());
    behind.push(Item::file("articles/x/y", "z"));
    assert!(refusal(&tar(&behind)).contains("articles/x/y stands behind its manifest"));
}

/// A stream that is never all there at once: a beginning, then one byte again and again.
fn endless(beginning: Vec<u8>, byte: u8) -> impl Read {
    std::io::Cursor::new(beginning).chain(std::io::repeat(byte))
}

#[test]
fn claims_are_refused_before_anything_is_made_of_them() {
    let version = items().remove(1);
    let begun = |more: [u8; 512]| {
        let mut bytes = header("wangqi-archive/VERSION", version.bytes.len() as u64, b'0').to_vec();
        push_bytes(&mut bytes, &version.bytes);
        bytes.extend(more);
        refusal_of(endless(bytes, b'x'))
    };
    let why = begun(header("wangqi-archive/segments/000001-web.warc.zst", 1 << 62, b'0'));
    assert!(why.contains("000001-web.warc.zst claims 4611686018427387904 bytes; nothing was imported"), "{why}");
    assert!(
        begun(header("wangqi-archive/articles/a/article.md", 1 << 40, b'0')).contains("claims 1099511627776 bytes")
    );
    assert!(begun(header("wangqi-archive/README.txt", 1 << 30, b'0')).contains("README.txt claims 1073741824 bytes"));
    assert!(
        begun(header("p", 1 << 40, b'x')).contains("a pax header behind wangqi-archive/VERSION claims 1099511627776")
    );
    assert!(begun(header("p", 1 << 20, b'L')).contains("a long name behind wangqi-archive/VERSION claims"));
    assert!(
        begun(header("wangqi-archive/manifest.jsonl", 1 << 40, b'0')).contains("line 1 of manifest.jsonl is not one")
    );
    assert!(begun([b'x'; 512]).contains("does not fit its checksum"));
    let version = header("wangqi-archive/VERSION", 1 << 40, b'0').to_vec();
    assert!(refusal_of(endless(version, b'x')).contains("VERSION claims 1099511627776 bytes"));
    let zeros = tar(&with_manifest(items()));
    assert!(refusal_of(endless(zeros, 0)).contains("something follows its end"));
}

#[test]
fn honest_data_may_shrink_a_thousand_times() {
    // The same picture in the folders of several articles.
    let mut items = items();
    for number in 0..4 {
        items.push(Item::file(&format!("articles/picture {number}/images/a.png"), vec![7; 17 << 20]));
    }
    let packed = zstd::encode_all(&*tar(&with_manifest(items)), 3).unwrap();
    assert!(packed.len() < (64 << 20) / 100, "{}", packed.len());
    import_from(&*packed, &tempfile::tempdir().unwrap().path().join("archive")).unwrap();
}

#[test]
fn a_zstd_bomb_takes_no_room() {
    // Zeros that claim to be the text of an article, in a few kilobytes: they are hashed, and not kept.
    let version = items().remove(1);
    let mut bytes = header("wangqi-archive/VERSION", version.bytes.len() as u64, b'0').to_vec();
    push_bytes(&mut bytes, &version.bytes);
    bytes.extend(header("wangqi-archive/articles/a/article.md", 1 << 30, b'0'));
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    std::io::copy(&mut endless(bytes, 0).take(1 << 26), &mut encoder).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let why = refusal(&bomb);
    assert!(why.contains("articles/a/article.md, and is not all there"), "{why}");
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(30).unwrap();
    encoder.long_distance_matching(true).unwrap();
    std::io::Write::write_all(&mut encoder, &tar(&with_manifest(items()))).unwrap();
    let wide = refusal(&encoder.finish().unwrap());
    assert!(wide.contains("does not unpack") && wide.contains("take another copy"), "{wide}");
}

#[test]
fn newer_tarballs_and_archives_are_told_as_newer() {
    let mut newer = with_manifest(items());
    let listed = newer.last_mut().unwrap();
    let text = String::from_utf8(listed.bytes.clone()).unwrap().replace("\"version\":1", "\"more\":{},\"version\":2");
    listed.bytes = text.into_bytes();
    let why = refusal(&tar(&newer));
    assert!(
        why.contains("has manifest version 2, and this program reads up to version 1; use a newer wangqi"),
        "{why}"
    );
    let mut newer = items();
    newer[1].bytes = b"wangqi archive format 7\nid whatever\n".to_vec();
    let why = refusal(&tar(&with_manifest(newer)));
    assert!(
        why.contains("the archive a.tar has format 7, and this program reads up to format 2; use a newer wangqi"),
        "{why}"
    );
    let mut wrong = items();
    wrong[1].bytes = b"1.0\n".to_vec();
    let why = refusal(&tar(&with_manifest(wrong)));
    assert!(why.contains("its VERSION file does not begin as ours do"), "{why}");
}

#[test]
fn a_manifest_that_tells_of_something_else_is_refused() {
    let say = |from: &str, to: &str| {
        let mut items = with_manifest(items());
        let listed = items.last_mut().unwrap();
        let text = String::from_utf8(listed.bytes.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        listed.bytes = text.replacen(from, to, 1).into_bytes();
        refusal(&tar(&items))
    };
    for (from, to, name) in [
        ("\"archive\":\"", "\"archive\":\"0", "archive"),
        ("\"format\":2", "\"format\":1", "format"),
        ("\"articles\":2", "\"articles\":3", "articles"),
        ("\"files\":13", "\"files\":12", "files"),
        ("\"bytes\":", "\"bytes\":1", "bytes"),
        ("\"selection\":null", "\"selection\":{\"feed\":\"x\"}", "selection"),
    ] {
        let why = say(from, to);
        assert!(why.contains(&format!("what manifest.jsonl says of its {name} is not so")), "{why}");
    }
    assert!(say("\"files\":13", "\"files\": 13").contains("line 1 of manifest.jsonl is not one that we write"));
    assert!(say("\"segments\":true", "\"segments\":false").contains("has no segments in it"));
    assert!(say("\n{\"path\"", "\n\n{\"path\"").contains("line 2 of manifest.jsonl is not one that we write"));
}

#[test]
fn segments_without_a_visit_or_of_another_archive_are_no_archive() {
    let mut empty = items();
    for item in empty.iter_mut().filter(|item| item.path.contains("/segments/")) {
        let first = zstd::zstd_safe::find_frame_compressed_size(&item.bytes).unwrap();
        item.bytes.truncate(first);
    }
    let why = refusal(&tar(&with_manifest(empty)));
    assert!(
        why.contains("it tells of 2 articles, and its segments hold not one whole visit; nothing was imported"),
        "{why}"
    );
    let mut none = items();
    none.retain(|item| !item.path.contains("/segments/"));
    assert!(refusal(&tar(&with_manifest(none))).contains("not one whole visit"));
    let mut other = items();
    other[1].bytes = b"wangqi archive format 2\nid 0123456789abcdef0123456789abcdef\n".to_vec();
    let why = refusal(&tar(&with_manifest(other)));
    assert!(why.starts_with("a.tar is not as it was written: segment 000001-web.warc.zst belongs to another"), "{why}");
}

#[test]
fn numbers_that_leave_no_room_for_the_next_are_refused() {
    let mut items = items();
    let name = "segments/4294967295-web.warc.zst";
    items.insert(5, Item::file(name, items[2].bytes.clone()));
    let why = refusal(&tar(&with_manifest(items)));
    assert!(why.contains("segment number 4294967295 is beyond any archive's; nothing was imported"), "{why}");
}

#[test]
fn a_record_of_a_gigabyte_of_zeros_is_damage_and_takes_no_memory() {
    let mut items = items();
    let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packer.set_pledged_src_size(Some(1 << 30)).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(1 << 30), &mut packer).unwrap();
    let bomb = packer.finish().unwrap();
    items[2].bytes.extend(bomb);
    import_from(&*tar(&with_manifest(items)), &tempfile::tempdir().unwrap().path().join("archive")).unwrap();
}

#[test]
fn a_folder_is_looked_at_as_closely() {
    let items = with_manifest(items());
    let check = |change: &dyn Fn(&Path)| {
        let held = Held::empty();
        unpack(&items, &held.path("a"));
        change(&held.path("a/wangqi-archive"));
        let why = held.refusal(1, &["import", "a"]);
        assert!(!held.archive().exists());
        why
    };
    let why = check(&|top| fs::write(top.join("articles/2024-07-12 bread/article.md"), "edited").unwrap());
    assert!(why.contains("bread/article.md was changed: it has 6 bytes"), "{why}");
    let why = check(&|top| fs::remove_file(top.join("segments/000002-wechat.warc.zst")).unwrap());
    assert!(why.contains("segments/000002-wechat.warc.zst is missing"), "{why}");
    let why = check(&|top| fs::write(top.join("articles/.DS_Store"), "x").unwrap());
    assert!(why.contains("articles/.DS_Store is not in its manifest"), "{why}");
    let why = check(&|top| {
        let segment = top.join("segments/000001-web.warc.zst");
        fs::rename(&segment, top.join("../elsewhere")).unwrap();
        std::os::unix::fs::symlink("../../elsewhere", segment).unwrap();
    });
    assert!(why.contains("segments/000001-web.warc.zst is a link"), "{why}");
    let why = check(&|top| {
        fs::rename(top.join("segments"), top.join("../segments")).unwrap();
        std::os::unix::fs::symlink("../segments", top.join("segments")).unwrap();
    });
    assert!(why.contains("segments/000001-web.warc.zst stands behind a link"), "{why}");
    let why = check(&|top| {
        let path = top.join("manifest.jsonl");
        let text = fs::read_to_string(&path).unwrap().replacen(
            "wangqi-archive/README.txt",
            "wangqi-archive/../../crawl.toml",
            1,
        );
        fs::write(path, text).unwrap();
    });
    assert!(why.contains("../../crawl.toml is no path that we write"), "{why}");
}
