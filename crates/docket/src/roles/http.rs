//! `/healthz`, `/readyz` and `/metrics`.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{Health, Role};
use crate::environment::now;
use crate::error::{AnyError, plain};
use crate::metrics::Metrics;

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long somebody may take to say what they want.
const HEADERS: Duration = Duration::from_secs(5);
/// How long a whole connection may last. Probes and scrapes are short, and come again.
const CONNECTION: Duration = Duration::from_mins(1);
/// How many connections there may be.
const CONNECTIONS: usize = 64;

/// Where health and metrics are served.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Address {
    /// The port of /healthz, /readyz and /metrics; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    http_port: u16,
    /// The address that they are served on. Others than this machine need 0.0.0.0 or one of its addresses; nothing
    /// personal is served, but nobody is asked for a password either.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    http_host: IpAddr,
}

impl Address {
    /// Any free port of this machine.
    pub const ANY: Self = Self { http_port: 0, http_host: IpAddr::V4(Ipv4Addr::LOCALHOST) };
}

/// Takes the port for health and metrics.
pub async fn listen(address: Address) -> Result<TcpListener, AnyError> {
    let Address { http_port: port, http_host: host } = address;
    TcpListener::bind((host, port)).await.map_err(|error| {
        plain(format!(
            "cannot listen on {host}:{port} for health and metrics: {error}; choose another port with --http-port, or 0 for \
             any free one, and an address of this machine with --http-host"
        ))
    })
}

/// Serves health and metrics until the process ends. Returns the URL.
pub fn serve(listener: TcpListener, health: Health, metrics: Metrics) -> Result<String, AnyError> {
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route("/healthz/{role}", get(healthz_of))
        .route("/readyz", get(readyz))
        .route("/readyz/{role}", get(readyz_of))
        .route("/metrics", get(show_metrics))
        .with_state((health, metrics));
    tokio::spawn(accept(listener, router));
    Ok(url)
}

/// Answers on every connection that comes, a bounded number at a time, each for a bounded time.
pub async fn accept(listener: TcpListener, router: Router) -> Infallible {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // One more than there may be is hung up on.
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                let answering = answer_on(stream, router.clone());
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(CONNECTION, answering).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn answer_on(stream: TcpStream, router: Router) {
    let service = TowerToHyperService::new(router);
    let mut connection = http1::Builder::new();
    let connection = connection.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    // Who hangs up, or is too slow, is told nothing.
    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
}

type Served = State<(Health, Metrics)>;

async fn healthz(State((health, _)): Served) -> (StatusCode, String) {
    answer(health.is_healthy(now()), &health)
}

async fn readyz(State((health, _)): Served) -> (StatusCode, String) {
    answer(health.is_ready(now()), &health)
}

async fn healthz_of(State((health, _)): Served, Path(role): Path<String>) -> (StatusCode, String) {
    of_role(&role, &health, |role| health.is_role_healthy(role, now()))
}

async fn readyz_of(State((health, _)): Served, Path(role): Path<String>) -> (StatusCode, String) {
    of_role(&role, &health, |role| health.is_role_ready(role, now()))
}

/// How one role is; a role that this process does not play is not found.
fn of_role(name: &str, health: &Health, is_well: impl Fn(Role) -> Option<bool>) -> (StatusCode, String) {
    let role = <Role as clap::ValueEnum>::from_str(name, false).ok();
    match role.and_then(is_well) {
        Some(is_well) => answer(is_well, health),
        None => (StatusCode::NOT_FOUND, "this process does not play that role\n".to_owned()),
    }
}

async fn show_metrics(State((health, metrics)): Served) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT_FORMAT)], metrics.render(&health, now()))
}

fn answer(is_well: bool, health: &Health) -> (StatusCode, String) {
    let code = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, health.describe(now()))
}
