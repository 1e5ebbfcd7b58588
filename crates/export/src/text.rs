//! CSV and lines of JSON. The server writes them; here their records are counted.

use std::io::Write as _;

use crate::error::ExportError;
use crate::file::{Part, Written};

/// A file of text on its way.
pub(crate) struct File {
    part: Part,
    /// Whether a line of names comes first, and quoted values may hold ends of lines.
    is_csv: bool,
    is_quoted: bool,
    lines: u64,
}

impl File {
    pub(crate) fn begin(part: Part, is_csv: bool) -> Self {
        Self { part, is_csv, is_quoted: false, lines: 0 }
    }

    /// Takes bytes. Hands back how many records are whole by now.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<u64, ExportError> {
        let before = self.rows();
        for byte in bytes {
            match byte {
                // Two of them within a value leave it quoted.
                b'"' if self.is_csv => self.is_quoted = !self.is_quoted,
                b'\n' if !self.is_quoted => self.lines += 1,
                _ => {}
            }
        }
        let path = self.part.path().to_owned();
        self.part.write_all(bytes).map_err(ExportError::file("write", &path))?;
        Ok(self.rows() - before)
    }

    fn rows(&self) -> u64 {
        self.lines.saturating_sub(u64::from(self.is_csv))
    }

    pub(crate) fn finish(self) -> Result<Written, ExportError> {
        self.part.finish()
    }
}
