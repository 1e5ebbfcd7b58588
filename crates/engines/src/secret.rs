//! Passwords, made once per data folder and kept in files only their owner can read.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::error::{EngineError, file};

/// A password and whether it was made just now.
pub struct Secret {
    /// The password.
    pub text: String,
    /// Whether it was made just now.
    pub fresh: bool,
}

/// Reads a password, or makes one. It consists of hexadecimal digits, so it
/// needs no quoting in SQL or in a URL.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn keep(path: &Path) -> Result<Secret, EngineError> {
    match fs::read_to_string(path) {
        Ok(text) if is_ours(text.trim()) => return Ok(Secret { text: text.trim().to_owned(), fresh: false }),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(file("read", path)(error)),
    }
    let text = format!("{:032x}", rand::random::<u128>());
    write(path, &text).map_err(file("write", path))?;
    Ok(Secret { text, fresh: true })
}

fn is_ours(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// In one step, so that a crash leaves no half a password; mode 0600 from the start.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    writeln!(temporary, "{text}")?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
}
