//! Free ports on 127.0.0.1.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::error::{Engine, EngineError};

/// Below the ports that Linux and macOS give to outgoing connections. A port
/// from that range could be taken by any client while an engine restarts; a
/// client that keeps trying to reconnect can even be connected to itself.
const RANGE: RangeInclusive<u16> = 15_000..=32_000;
/// How many ports are tried before giving up.
const TRIES: usize = 200;
/// How long a predecessor may take to let go of a port.
const HANDOVER: Duration = Duration::from_secs(2);
/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(20);

/// A port that is free now. Another process may still be faster, so starting an
/// engine on it must be tried again with the next one.
pub(crate) fn free(engine: Engine) -> Result<u16, EngineError> {
    let mut ports = std::iter::repeat_with(|| rand::random_range(RANGE)).take(TRIES);
    ports.find(|port| is_free(*port)).ok_or(EngineError::NoPort { engine })
}

/// Waits a moment for a chosen port to be free.
pub(crate) async fn wait_free(engine: Engine, port: u16) -> Result<(), EngineError> {
    let deadline = Instant::now() + HANDOVER;
    while !is_free(port) {
        if Instant::now() >= deadline {
            return Err(EngineError::PortTaken { engine, port });
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Other failures than a taken port, such as missing rights, are left for the
/// engine to explain.
fn is_free(port: u16) -> bool {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => true,
        Err(error) => error.kind() != ErrorKind::AddrInUse,
    }
}
