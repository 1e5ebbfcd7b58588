//! `/healthz`, `/readyz` and `/metrics`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use super::Health;
use crate::error::{AnyError, plain};
use crate::metrics::Metrics;
use crate::surroundings::now;

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Takes a port of the loopback address for health and metrics (0: any free one).
pub async fn listen(port: u16) -> Result<TcpListener, AnyError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        plain(format!(
            "cannot listen on 127.0.0.1:{port} for health and metrics: {error}; choose another port with --http-port, or \
             0 for any free one"
        ))
    })
}

/// Serves health and metrics until the process ends. Returns the URL.
pub fn serve(listener: TcpListener, health: Health, metrics: Metrics) -> Result<String, AnyError> {
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
