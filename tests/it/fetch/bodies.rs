//! Content codings: undone, alone and stacked, and bombs stopped within the limits.

use super::{class, fetcher, get, open_options, page};
use crate::support::server::{Server, reply};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;
use wangqi::fetch::{FetchError, Options};
use wangqi::model::Digest;

fn text() -> Vec<u8> {
    let lines: Vec<String> = (0..4000).map(|number| format!("第 {number} 行: the quick brown fox")).collect();
    lines.join("\n").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bare_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    out.write_all(bytes).unwrap();
    out.into_inner()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// What is sent, under which `Content-Encoding`.
async fn sent(coding: &'static str, body: Vec<u8>) -> Result<wangqi::model::Capture, FetchError> {
    sent_under(coding, body, open_options()).await
}

async fn sent_under(
    coding: &'static str,
    body: Vec<u8>,
    options: Options,
) -> Result<wangqi::model::Capture, FetchError> {
    let server = Server::plain(move |_| reply(200, &[("content-encoding", coding)], body.clone())).await;
    fetcher(options).fetch(&page(&server.url("/"))).await
}

#[tokio::test]
async fn every_coding_is_undone_and_the_head_kept_as_received() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("gzip", gzip(&text())),
        ("x-gzip", gzip(&text())),
        ("GZIP", gzip(&text())),
        ("deflate", zlib(&text())),
        ("deflate", bare_deflate(&text())),
        ("br", brotli(&text())),
        ("zstd", zstd(&text())),
        ("gzip, br", brotli(&gzip(&text()))),
        ("br, gzip", gzip(&brotli(&text()))),
        ("deflate, zstd, gzip", gzip(&zstd(&zlib(&text())))),
        ("identity", text()),
        ("utf-8", text()),
        ("none", text()),
    ];
    for (coding, body) in cases {
        let length = body.len();
        let capture = sent(coding, body).await.unwrap();
        assert!(capture.payload == text(), "{coding}");
        assert_eq!(capture.digest, Digest::of(&text()), "{coding}");
        assert_eq!(capture.wire_bytes, length as u64, "{coding}");
        assert_eq!(capture.header("Content-Encoding"), Some(coding));
        assert_eq!(capture.header("content-length").unwrap(), length.to_string());
        assert!(capture.complete);
    }
}

#[tokio::test]
async fn members_and_frames_follow_each_other_and_rubbish_after_gzip_is_left_out() {
    let halves = |code: fn(&[u8]) -> Vec<u8>| [code(&text()[..7000]), code(&text()[7000..])].concat();
    assert!(sent("gzip", halves(gzip)).await.unwrap().payload == text());
    assert!(sent("zstd", halves(zstd)).await.unwrap().payload == text());
    assert!(sent("gzip", [gzip(&text()), vec![0; 100]].concat()).await.unwrap().payload == text());
}

#[tokio::test]
async fn broken_codings_are_told_apart_from_cut_ones() {
    for (coding, whole) in
        [("gzip", gzip(&text())), ("br", brotli(&text())), ("zstd", zstd(&text())), ("deflate", zlib(&text()))]
    {
        let cut = whole[..whole.len() / 2].to_vec();
        assert_eq!(class(&sent(coding, cut).await), "truncated", "{coding}");
        let rubbish = vec![b'<'; 5000];
        assert_eq!(class(&sent(coding, rubbish).await), "decode", "{coding}");
    }
    assert_eq!(class(&sent("compress", text()).await), "decode");
    assert_eq!(class(&sent("gzip, gzip, gzip, gzip", text()).await), "decode");
    assert!(sent("gzip", Vec::new()).await.unwrap().payload.is_empty());
}

/// A gzip stream of this many bytes of zeros.
fn zeros_in_gzip(length: u64) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), &mut out).unwrap();
    out.finish().unwrap()
}

/// The same in zstd: about 3.2 MB of zeros per 100 bytes.
fn zeros_in_zstd(length: u64) -> Vec<u8> {
    let zeros = std::io::Read::take(std::io::repeat(0), length);
    zstd::encode_all(zeros, 1).unwrap()
}

fn zeros_in_brotli(length: u64) -> Vec<u8> {
    let mut out = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 1, 24);
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), &mut out).unwrap();
    out.into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_are_stopped_long_before_they_go_off() {
    let bombs = [
        // Members one after the other: 2 GiB in 2 MB.
        ("gzip", zeros_in_gzip(8 << 20).repeat(256)),
        ("br", zeros_in_brotli(64 << 20)),
        ("zstd", zeros_in_zstd(16 << 20).repeat(64)),
        ("zstd, gzip", gzip(&zeros_in_zstd(16 << 20).repeat(64))),
        ("gzip, gzip", gzip(&zeros_in_gzip(16 << 20).repeat(64))),
        ("gzip, br", brotli(&zeros_in_gzip(16 << 20).repeat(64))),
    ];
    for (coding, bomb) in bombs {
        let (wire, before) = (bomb.len(), std::time::Instant::now());
        let result = sent(coding, bomb).await;
        assert_eq!(class(&result), "bomb", "{coding} of {wire} bytes: {:?}", result.err().map(|why| why.to_string()));
        assert!(before.elapsed().as_secs() < 5, "{coding}");
    }
}

#[tokio::test]
async fn a_stack_that_swells_in_the_middle_is_a_bomb_too() {
    // Many empty gzip members, themselves compressed: large between the codings, nothing at the end.
    let empties = gzip(b"").repeat(200_000);
    let result = sent("gzip, zstd", zstd(&empties)).await;
    assert_eq!(class(&result), "bomb");
}

#[tokio::test]
async fn sizes_are_limited_decoded_and_on_the_wire() {
    let small = || Options { page_limit: 100_000, ..open_options() };
    assert_eq!(class(&sent_under("identity", vec![b'x'; 100_000], small()).await), "ok");
    assert_eq!(class(&sent_under("identity", vec![b'x'; 100_001], small()).await), "too_large");
    assert_eq!(class(&sent_under("gzip", gzip(&text()), small()).await), "too_large");
    let narrow = || Options { wire_limit: 1000, ..open_options() };
    assert_eq!(class(&sent_under("gzip", gzip(&text()), narrow()).await), "too_large");
}

#[tokio::test]
async fn honest_but_very_even_pages_pass() {
    let even = vec![b' '; 900_000];
    assert_eq!(sent("gzip", gzip(&even)).await.unwrap().payload.len(), 900_000);
    let server = Server::plain(|_| reply(304, &[("content-encoding", "gzip")], "")).await;
    assert_eq!(get(&server.url("/")).await.unwrap().status, 304);
}
