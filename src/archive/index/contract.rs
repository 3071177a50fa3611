//! What every index engine must do.

use super::memory::MemoryIndex;
use super::sled::SledIndex;
use super::{Batch, Index};

fn check(index: &dyn Index) {
    let put = |key: &str, value: &str| (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()));
    index.commit(&Batch::from([put("b2", "x"), put("a1", "1"), put("b1", "y"), put("b", "z"), put("c", "")])).unwrap();
    assert_eq!(index.get(b"a1").unwrap().unwrap(), b"1");
    assert_eq!(index.get(b"c").unwrap().unwrap(), b"", "an empty value is a value");
    assert_eq!(index.get(b"nothing").unwrap(), None);

    let keys = |prefix: &str, after: Option<&str>| -> Vec<String> {
        let rows = index.scan(prefix.as_bytes(), after.map(str::as_bytes));
        rows.map(|row| String::from_utf8(row.unwrap().0).unwrap()).collect()
    };
    assert_eq!(keys("b", None), ["b", "b1", "b2"], "in key order, within the prefix");
    assert_eq!(keys("b", Some("b1")), ["b2"], "behind a key");
    assert_eq!(keys("b", Some("b2")), [""; 0]);
    assert_eq!(keys("", None), ["a1", "b", "b1", "b2", "c"]);

    index.commit(&Batch::from([(b"b1".to_vec(), None), put("b2", "new")])).unwrap();
    assert_eq!(keys("b", None), ["b", "b2"]);
    assert_eq!(index.get(b"b2").unwrap().unwrap(), b"new");
    index.flush().unwrap();
}

#[test]
fn memory_keeps_the_contract() {
    check(&MemoryIndex::default());
}

#[test]
fn sled_keeps_the_contract_and_what_was_flushed() {
    let folder = tempfile::tempdir().unwrap();
    check(&SledIndex::open(folder.path()).unwrap());
    let again = SledIndex::open(folder.path()).unwrap();
    assert_eq!(again.get(b"b2").unwrap().unwrap(), b"new");
}

#[test]
fn a_damaged_sled_refuses_or_is_empty_and_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    check(&SledIndex::open(folder.path()).unwrap());
    std::fs::write(folder.path().join("conf"), b"nonsense").unwrap();
    std::fs::write(folder.path().join("db"), vec![7; 4096]).unwrap();
    // sled may refuse, panic, or begin anew without a word: all three end in a rebuild, because the high-water mark is gone.
    match SledIndex::open(folder.path()) {
        Ok(index) => assert_eq!(index.get(b"b2").unwrap(), None),
        Err(error) => assert!(error.is_index(), "{error}"),
    }
}
