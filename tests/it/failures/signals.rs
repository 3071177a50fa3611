//! (signals)
