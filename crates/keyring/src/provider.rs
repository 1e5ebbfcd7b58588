//! Who wraps the keys of epochs: whoever holds the master key.

mod file;

use docket_cipher::Secret;
use futures::future::BoxFuture;

pub use file::{InvalidMasterKeys, MasterKeys};

/// Who wraps the keys of epochs. There are few epochs, so a provider may be far away.
pub trait KeyProvider: Send + Sync + 'static {
    /// Its name, which stands beside what it has wrapped.
    fn name(&self) -> &'static str;

    /// Wraps the key of an epoch.
    fn wrap<'a>(&'a self, epoch: u32, key: &'a Secret) -> BoxFuture<'a, Result<String, ProviderError>>;

    /// Unwraps it.
    fn unwrap<'a>(&'a self, epoch: u32, wrapped: &'a str) -> BoxFuture<'a, Result<Secret, ProviderError>>;
}

/// Why a provider does not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProviderError(Box<dyn std::error::Error + Send + Sync>);

impl ProviderError {
    /// Why.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
