//! Reading JSON.

use serde::Deserialize;

/// Reads a document. Checks once that all of it is UTF-8, which is cheaper than checking each string.
pub(crate) fn read<'d, T: Deserialize<'d>>(document: &'d [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(document) {
        Ok(text) => serde_json::from_str(text),
        // It says where it is not, if in something that is read.
        Err(_) => serde_json::from_slice(document),
    }
}
