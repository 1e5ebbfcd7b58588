//! Keys from keys.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes that follow from a secret: HKDF-Expand (RFC 5869, section 2.3). Secrets are uniformly random, so there is nothing to
/// extract (section 3.3).
pub(crate) fn derive<const N: usize>(from: &Secret, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    // It fails for keys that are too short, and for more than 8,160 bytes.
    let expanded = Hkdf::<Sha256>::from_prk(from.expose()).map(|hkdf| hkdf.expand_multi_info(info, &mut *bytes));
    debug_assert!(matches!(expanded, Ok(Ok(()))));
    bytes
}
