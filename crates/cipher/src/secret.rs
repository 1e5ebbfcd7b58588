//! Secret bytes.

use zeroize::Zeroizing;

/// 32 secret bytes, which are overwritten when they are dropped, and shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; Self::LENGTH]>);

impl Secret {
    /// So many bytes.
    pub const LENGTH: usize = 32;

    /// Takes them over.
    #[must_use]
    pub fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret that is read from a slice, if it has the right length.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes, for who encrypts with them or wraps them.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}
