//! `/healthz` and `/readyz`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use super::Health;
use crate::error::AnyError;

/// Serves health on a port of the loopback address (0: any free one), until the process ends. Returns its URL.
pub async fn serve(port: u16, health: Health) -> Result<String, AnyError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).with_state(health);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "health is no longer served: {error}");
        }
    });
    Ok(url)
}

async fn healthz(State(health): State<Health>) -> (StatusCode, String) {
    answer(health.is_healthy(), &health)
}

async fn readyz(State(health): State<Health>) -> (StatusCode, String) {
    answer(health.is_ready(), &health)
}

fn answer(is_well: bool, health: &Health) -> (StatusCode, String) {
    let code = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, health.describe())
}
