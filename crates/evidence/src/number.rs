//! Numbers as the formats of logs have them: decimal, without a sign and without leading zeros.

/// Reads a number that can be written in one way only.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let is_canonical = text == "0" || !text.starts_with('0');
    (is_canonical && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
