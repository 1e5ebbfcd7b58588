//! The weather on a line: a TCP proxy that cuts, delays, falls silent, or loses what the server says.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    /// Passes everything.
    Clear,
    /// Ends what is connected and lets nobody in.
    Cut,
    /// Passes everything, late.
    Slow(Duration),
    /// Passes nothing and loses nothing: neither side can tell that the other is there. It goes on afterwards.
    Silent,
    /// Passes what the client says, and loses what the server answers. Such a connection is of no use afterwards, so it
    /// ends with the weather.
    Deaf,
}

/// A proxy before a server.
pub(super) struct Proxy {
    port: u16,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Opens a line to a port of this machine.
    pub(super) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (weather, seen) = watch::channel(Weather::Clear);
        let accepting = tokio::spawn(accept(listener, server, seen));
        Self { port, weather, accepting }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, weather: watch::Receiver<Weather>) {
    while let Ok((client, _)) = listener.accept().await {
        let weather = weather.clone();
        tokio::spawn(async move {
            if *weather.borrow() == Weather::Cut {
                return;
            }
            let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
            for end in [&client, &server] {
                let _ = end.set_nodelay(true);
            }
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            // Whichever way ends first ends both.
            tokio::select! {
                () = pass(from_client, to_server, weather.clone(), false) => {}
                () = pass(from_server, to_client, weather, true) => {}
            }
        });
    }
}

/// Passes bytes one way, as the weather lets them.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>, is_answer: bool) {
    let mut buffer = vec![0; 64 * 1024];
    let mut has_lost = false;
    loop {
        let now = *weather.borrow_and_update();
        if now == Weather::Cut || (has_lost && now != Weather::Deaf) {
            return;
        }
        let read = tokio::select! {
            changed = weather.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            read = from.read(&mut buffer), if now != Weather::Silent => read,
        };
        let Ok(count @ 1..) = read else { return };
        match now {
            Weather::Deaf if is_answer => {
                has_lost = true;
                continue;
            }
            Weather::Slow(delay) => tokio::time::sleep(delay).await,
            Weather::Clear | Weather::Cut | Weather::Silent | Weather::Deaf => {}
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
