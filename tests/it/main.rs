//! Integration tests, on real engines.
