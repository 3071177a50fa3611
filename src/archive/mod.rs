//! Segments and index: nothing is lost, everything is found.
