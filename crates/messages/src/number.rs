//! Numbers as JSON has them: a toolchain may write a whole number as `17` or as `17.0`.

/// The largest whole number that every JSON toolchain keeps exactly: 2^53.
pub(crate) const EXACT: u64 = 1 << 53;

/// The whole number that a float is, if it is one and is exact.
pub(crate) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 is exact")]
    let is_exact = number.fract() == 0.0 && number.abs() <= EXACT as f64;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within 2^53")]
    is_exact.then_some(number as i64)
}
