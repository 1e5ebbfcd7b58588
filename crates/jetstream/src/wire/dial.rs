//! Connecting: the greeting, encryption, and who we are.

use std::sync::Arc;
use std::time::Duration;

use async_nats::ServerAddr;
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::protocol::{self, Op};
use crate::address::Address;

/// How long a greeting may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Both directions of a connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that the server has let in.
pub(super) struct Dialled {
    pub stream: Box<dyn Stream>,
    /// What came after the greeting.
    pub buffer: BytesMut,
    /// Other servers of the same cluster, as `host:port`.
    pub others: Vec<String>,
}

/// What the server says of itself. What is not here does not matter to us.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    tls_required: bool,
    #[serde(default)]
    pub connect_urls: Vec<String>,
    /// It is about to stop, and wants its clients elsewhere.
    #[serde(default)]
    pub ldm: bool,
}

impl Info {
    pub(super) fn read(text: &Bytes) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Connect<'a> {
    verbose: bool,
    pedantic: bool,
    tls_required: bool,
    name: &'a str,
    lang: &'static str,
    version: &'static str,
    protocol: u8,
    headers: bool,
    no_responders: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<String>,
}

/// Connects to one server; says why not.
pub(super) async fn dial(server: &ServerAddr, address: &Address, name: &str) -> Result<Dialled, String> {
    let dialled = tokio::time::timeout(PATIENCE, greet(server, address, name)).await;
    dialled.map_err(|_| "the server did not answer in time".to_owned())?
}

async fn greet(server: &ServerAddr, address: &Address, name: &str) -> Result<Dialled, String> {
    let said = |error: std::io::Error| error.to_string();
    let mut tcp = TcpStream::connect((server.host(), server.port())).await.map_err(said)?;
    tcp.set_nodelay(true).map_err(said)?;
    let mut buffer = BytesMut::with_capacity(64 * 1024);
    let greeting = loop {
        match take(&mut tcp, &mut buffer).await? {
            Op::Info(info) => break Info::read(&info),
            Op::Error(error) => return Err(error),
            Op::Message(_) | Op::Ping | Op::Pong | Op::Ok => {}
        }
    };
    let is_encrypted = server.tls_required() || greeting.tls_required;
    let mut stream: Box<dyn Stream> =
        if is_encrypted { Box::new(encrypt(tcp, server.host()).await?) } else { Box::new(tcp) };
    let (user, pass) = address.credentials().unzip();
    let connect = Connect {
        verbose: false,
        pedantic: false,
        tls_required: is_encrypted,
        name,
        lang: "rust",
        version: env!("CARGO_PKG_VERSION"),
        protocol: 1,
        headers: true,
        no_responders: true,
        user,
        pass,
    };
    let connect = serde_json::to_string(&connect).map_err(|error| error.to_string())?;
    stream.write_all(format!("CONNECT {connect}\r\nPING\r\n").as_bytes()).await.map_err(said)?;
    stream.flush().await.map_err(said)?;
    loop {
        match take(&mut stream, &mut buffer).await? {
            Op::Pong => return Ok(Dialled { stream, buffer, others: greeting.connect_urls }),
            Op::Error(error) => return Err(error),
            Op::Message(_) | Op::Info(_) | Op::Ping | Op::Ok => {}
        }
    }
}

async fn take(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Result<Op, String> {
    loop {
        if let Some(op) = protocol::next(buffer).map_err(|broken| broken.to_string())? {
            return Ok(op);
        }
        if stream.read_buf(buffer).await.map_err(|error| error.to_string())? == 0 {
            return Err("the server hung up".to_owned());
        }
    }
}

async fn encrypt(tcp: TcpStream, host: &str) -> Result<impl Stream + use<>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(|error| error.to_string())
}
