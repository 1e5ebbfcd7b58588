//! Why a key cannot be had.

use docket_messages::KeyId;

use crate::provider::ProviderError;
use crate::store::StoreError;

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store does not answer.
    #[error("the key store does not answer")]
    Store(#[from] StoreError),
    /// The provider does not answer, or refuses.
    #[error("the key provider `{provider}` did not {doing} the key of epoch {epoch}")]
    Provider {
        /// Which.
        provider: String,
        /// What it was asked.
        doing: &'static str,
        /// The epoch.
        epoch: u32,
        /// Why.
        source: ProviderError,
    },
    /// The keys of an epoch were wrapped by another provider than the one that is configured.
    #[error(
        "epoch {epoch} is wrapped by the key provider `{found}`, and `{configured}` is configured; configure that one"
    )]
    OtherProvider {
        /// The epoch.
        epoch: u32,
        /// Who wrapped it.
        found: String,
        /// Who is asked.
        configured: String,
    },
    /// A key that the log names is not in the store, which does not say that it was destroyed either.
    #[error("the key `{0}` is not in the key store, which does not say that it was destroyed; restore the key store")]
    Missing(KeyId),
    /// The key of an epoch is gone.
    #[error("epoch {epoch} of the key store is gone, and the keys of `{block}` are wrapped by it")]
    NoEpoch {
        /// The keys.
        block: String,
        /// Its epoch.
        epoch: u32,
    },
    /// What is stored as keys is something else.
    #[error("what the key store has as the keys of `{block}` is something else; restore the key store")]
    Damaged {
        /// Which keys.
        block: String,
    },
}

impl KeyError {
    /// Whether the same may succeed a little later, without anybody mending anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Store(_) | Self::Provider { .. } => true,
            Self::OtherProvider { .. } | Self::Missing(_) | Self::NoEpoch { .. } | Self::Damaged { .. } => false,
        }
    }
}
