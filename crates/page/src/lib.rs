//! Verifying a bundle of evidence in a browser: what `docket evidence verify` does, for a page that needs no server.
//!
//! The bundle is read piece by piece from the file that the auditor has chosen, as on the command line; it goes nowhere.

use std::io::{Error, Read, Seek, SeekFrom};

use docket_bundle::{Given, Outcome, verify as verify_bundle};
use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::Policy;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

/// So much is asked of the page at once, in bytes.
const PIECE: u64 = 4 << 20;
/// The page is told how far reading is each time that so many bytes more were read.
const TOLD: u64 = 1 << 20;

/// Verifies a bundle of a length in bytes. `read(from, to)` gives some of its bytes, `tell(read, of)` is told how far it is. Returns
/// what `docket evidence verify --json` prints.
///
/// # Errors
/// A sentence, when the policy or a checkpoint cannot be read, or the bundle itself.
#[wasm_bindgen]
pub fn verify(
    length: f64,
    policy: &[u8],
    kept: Vec<Uint8Array>,
    read: &Function,
    tell: &Function,
) -> Result<String, JsError> {
    let policy = Policy::parse(policy).map_err(|error| JsError::new(&format!("the policy: {error}")))?;
    let kept = kept.iter().map(checkpoint).collect::<Result<Vec<_>, _>>()?;
    let bundle = Chosen { read, length: whole(length), at: 0, piece: Vec::new(), from: 0 };
    let mut told = 0;
    let mut tell = |read: u64, of: u64| {
        if read >= told + TOLD || read < told || read == of {
            told = read;
            // Nothing depends on whether somebody looks.
            let _ = tell.call2(&JsValue::NULL, &number(read), &number(of));
        }
    };
    let (verified, findings) = verify_bundle(bundle, &Given { policy: &policy, kept: &kept }, &mut tell)
        .map_err(|error| JsError::new(&format!("the bundle could not be read: {error}")))?;
    let outcome = serde_json::to_string(&Outcome::of(&verified, &findings));
    outcome.map_err(|error| JsError::new(&error.to_string()))
}

fn checkpoint(bytes: &Uint8Array) -> Result<SignedCheckpoint, JsError> {
    SignedCheckpoint::parse(&bytes.to_vec()).map_err(|error| JsError::new(&format!("your checkpoint: {error}")))
}

/// A number of the page's, as one of bytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length of a file is a whole number")]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

/// A number of bytes, as the page's. Files are shorter than what a double counts.
#[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
fn number(bytes: u64) -> JsValue {
    JsValue::from_f64(bytes as f64)
}

/// The file that was chosen, read piece by piece.
struct Chosen<'p> {
    read: &'p Function,
    length: u64,
    at: u64,
    /// The bytes from a place on that were read last.
    piece: Vec<u8>,
    from: u64,
}

impl Read for Chosen<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.at >= self.length {
            return Ok(0);
        }
        let within = |from: u64, piece: &[u8], at: u64| {
            usize::try_from(at.checked_sub(from)?).ok().filter(|at| *at < piece.len())
        };
        if within(self.from, &self.piece, self.at).is_none() {
            let end = self.length.min(self.at + PIECE);
            let read = self.read.call2(&JsValue::NULL, &number(self.at), &number(end));
            let bytes = read.ok().and_then(|read| read.dyn_into::<Uint8Array>().ok());
            self.piece = bytes.ok_or_else(|| Error::other("the browser gives no bytes of it"))?.to_vec();
            self.from = self.at;
        }
        let begin = within(self.from, &self.piece, self.at).ok_or_else(|| Error::other("it became shorter"))?;
        let rest = self.piece.get(begin..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..taken), rest.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.at += u64::try_from(taken).unwrap_or(0);
        Ok(taken)
    }
}

impl Seek for Chosen<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or_else(|| Error::other("before its beginning"))?;
        Ok(self.at)
    }
}
