//! Reading JSON.

use serde::Deserialize;

/// Reads a document. It is checked as a whole whether it is UTF-8, which is cheaper than each of its strings.
pub(crate) fn read<'d, T: Deserialize<'d>>(document: &'d [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(document) {
        Ok(text) => serde_json::from_str(text),
        // It says where it is not.
        Err(_) => serde_json::from_slice(document),
    }
}
