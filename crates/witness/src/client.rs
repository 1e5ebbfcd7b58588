//! How a log asks a witness.

use std::sync::Arc;
use std::time::Duration;

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::note::{KeyName, Signature};
use docket_evidence::witness::{AddCheckpoint, BYTES_LIMIT};
use reqwest::StatusCode;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::hash_of;

/// How long a witness may take for an answer. Who asks for a checkpoint waits for the slowest.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Why a witness has not answered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It is not there, or answers something else than a witness does.
    #[error("the witness at {url} does not answer: {cause}")]
    Away {
        /// Where it should be.
        url: String,
        /// Why.
        cause: String,
    },
    /// It does not sign.
    #[error("the witness at {url} refuses ({status}): {message}")]
    Refused {
        /// Where it is.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// What it says.
        message: String,
    },
}

/// What a witness has answered to a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It has signed.
    Signed(Vec<Signature>),
    /// The last head that it signed was of so many entries, and not of those that were named.
    Last(u64),
    /// It has seen another history of the log.
    Inconsistent,
}

/// A witness to ask.
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    /// The witness at an address.
    ///
    /// # Errors
    /// When no connection can be made from here at all.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let url = url.trim_end_matches('/').to_owned();
        let away = |cause: String| ClientError::Away { url: url.clone(), cause };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| away(error.to_string()))?.with_root_certificates(roots).with_no_client_auth();
        let redirects = reqwest::redirect::Policy::none();
        let http =
            reqwest::Client::builder().timeout(TIMEOUT).redirect(redirects).tls_backend_preconfigured(tls).build();
        let http = http.map_err(|error| away(error.to_string()))?;
        Ok(Self { url, http })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The newest head that it has signed of a log. Nothing of it has been verified.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn latest(&self, origin: &KeyName) -> Result<Option<SignedCheckpoint>, ClientError> {
        let request = self.http.get(format!("{}/{}/checkpoint", self.url, hash_of(origin)));
        let (status, body) = self.answer(request).await?;
        match status {
            StatusCode::OK => SignedCheckpoint::parse(&body).map(Some).map_err(|error| self.away(error.to_string())),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.refused(status, &body)),
        }
    }

    /// Asks to sign a head.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn add_checkpoint(&self, request: &AddCheckpoint) -> Result<Asked, ClientError> {
        let request = self.http.post(format!("{}/add-checkpoint", self.url)).body(request.to_string());
        let (status, body) = self.answer(request).await?;
        let text = String::from_utf8_lossy(&body);
        match status {
            StatusCode::OK => {
                let lines = text.strip_suffix('\n').unwrap_or_default();
                Signature::parse_lines(lines).map(Asked::Signed).map_err(|error| self.away(error.to_string()))
            }
            StatusCode::CONFLICT => {
                let size = text.trim_end().parse().map_err(|_| self.away("its 409 says no size".to_owned()))?;
                Ok(Asked::Last(size))
            }
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Asked::Inconsistent),
            status => Err(self.refused(status, &body)),
        }
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let away = |error: reqwest::Error| self.away(cause(&error));
        let mut response = request.send().await.map_err(away)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            body.extend(chunk);
            if body.len() > BYTES_LIMIT {
                return Err(self.away("its answer is too long".to_owned()));
            }
        }
        Ok((response.status(), body))
    }

    fn away(&self, cause: String) -> ClientError {
        ClientError::Away { url: self.url.clone(), cause }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> ClientError {
        const SHOWN: usize = 200;
        let message = String::from_utf8_lossy(body).chars().take(SHOWN).filter(|c| !c.is_control()).collect();
        ClientError::Refused { url: self.url.clone(), status: status.as_u16(), message }
    }
}

/// An error and its causes.
fn cause(error: &reqwest::Error) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}
