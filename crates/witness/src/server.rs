//! What a witness says over HTTP.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use docket_evidence::note::Signature;
use docket_evidence::witness::{AddCheckpoint, BYTES_LIMIT, Refusal, SignSubtree};

use crate::signer::{Witness, WitnessError};

/// The type of the answer that says how large the last head was.
const SIZE: &str = "text/x.tlog.size";
const TEXT: &str = "text/plain; charset=utf-8";

/// The requests that a witness answers.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/sign-subtree", post(sign_subtree))
        .route("/{origin}/checkpoint", get(latest))
        .layer(DefaultBodyLimit::max(BYTES_LIMIT))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    on_disk(move || {
        signed(
            AddCheckpoint::parse(&body)
                .map_err(WitnessError::from)
                .and_then(|request| witness.add_checkpoint(&request, at)),
        )
    })
    .await
}

async fn sign_subtree(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    on_disk(move || {
        signed(SignSubtree::parse(&body).map_err(WitnessError::from).and_then(|request| witness.sign_subtree(&request)))
    })
    .await
}

async fn latest(State(witness): State<Arc<Witness>>, Path(origin): Path<String>) -> Response {
    on_disk(move || match witness.latest(&origin) {
        Ok(Some(head)) => ([(CONTENT_TYPE, TEXT)], head.to_string()).into_response(),
        Ok(None) => told(StatusCode::NOT_FOUND, "this witness has signed no head of that log".to_owned()),
        Err(error) => refused(&error),
    })
    .await
}

/// Does what waits for the disk where nobody else waits for it.
async fn on_disk(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| told(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed".to_owned()))
}

fn signed(answer: Result<Vec<Signature>, WitnessError>) -> Response {
    match answer {
        Ok(signatures) => {
            let lines: String = signatures.iter().map(|signature| format!("{signature}\n")).collect();
            ([(CONTENT_TYPE, TEXT)], lines).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &WitnessError) -> Response {
    match error {
        WitnessError::Refused(Refusal::Conflict { size }) => {
            (StatusCode::CONFLICT, [(CONTENT_TYPE, SIZE)], format!("{size}\n")).into_response()
        }
        WitnessError::Refused(refusal) => {
            if matches!(refusal, Refusal::Unprocessable) {
                tracing::error!("a log that signs asks to sign another history of it: {refusal}");
            }
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            told(status, refusal.to_string())
        }
        WitnessError::Heads(_) | WitnessError::Key => {
            tracing::error!("could not sign: {error}");
            told(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the witness cannot keep what it signs; its log says why".to_owned(),
            )
        }
    }
}

fn told(status: StatusCode, message: String) -> Response {
    (status, [(CONTENT_TYPE, TEXT)], message + "\n").into_response()
}
