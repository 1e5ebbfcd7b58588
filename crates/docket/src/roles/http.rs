//! `/healthz`, `/readyz` and `/metrics`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use super::Health;
use crate::error::AnyError;
use crate::metrics::Metrics;
use crate::surroundings::now;

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Serves health and metrics on a port of the loopback address (0: any free one), until the process ends. Returns its
/// URL.
pub async fn serve(port: u16, health: Health, metrics: Metrics) -> Result<String, AnyError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .with_state((health, metrics));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "health is no longer served: {error}");
        }
    });
    Ok(url)
}

type Served = State<(Health, Metrics)>;

async fn healthz(State((health, _)): Served) -> (StatusCode, String) {
    answer(health.is_healthy(now()), &health)
}

async fn readyz(State((health, _)): Served) -> (StatusCode, String) {
    answer(health.is_ready(now()), &health)
}

async fn show_metrics(State((health, metrics)): Served) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT_FORMAT)], metrics.render(&health, now()))
}

fn answer(is_well: bool, health: &Health) -> (StatusCode, String) {
    let code = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, health.describe(now()))
}
