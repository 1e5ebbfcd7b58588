//! A connection that speaks the protocol of nats-server itself, as nobody's library does.

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A connection that speaks the server's own protocol, so that each refusal is seen where it belongs.
pub(crate) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(crate) async fn connect(url: &str) -> Self {
        let (login, server) = url.trim_start_matches("nats://").rsplit_once('@').unwrap();
        let (user, password) = login.split_once(':').unwrap();
        let mut wire = Self(BufReader::new(TcpStream::connect(server).await.unwrap()));
        let connect = json!({ "user": user, "pass": password, "verbose": false, "headers": true });
        assert_eq!(wire.say(&format!("CONNECT {connect}\r\n")).await, Vec::<String>::new(), "{user} may connect");
        wire
    }

    /// Says something, and hands back what the server complains of.
    pub(crate) async fn say(&mut self, what: impl AsRef<[u8]>) -> Vec<String> {
        let what = what.as_ref();
        self.0.get_mut().write_all(&[what, b"PING\r\n"].concat()).await.unwrap();
        let mut complaints = Vec::new();
        loop {
            let mut line = Vec::new();
            assert_ne!(
                self.0.read_until(b'\n', &mut line).await.unwrap(),
                0,
                "the server hung up on {}: {complaints:?}",
                what.escape_ascii()
            );
            match String::from_utf8_lossy(&line).trim_end() {
                "PONG" => return complaints,
                line if line.starts_with("-ERR") => complaints.push(line.to_owned()),
                _ => {}
            }
        }
    }

    /// Says something, and hands back what the server complains of until it hangs up or has taken it in.
    pub(crate) async fn say_until_closed(&mut self, what: &str) -> Vec<String> {
        self.0.get_mut().write_all(format!("{what}PING\r\n").as_bytes()).await.unwrap();
        let mut complaints = Vec::new();
        let mut line = String::new();
        while self.0.read_line(&mut line).await.is_ok_and(|read| read > 0) && line.trim_end() != "PONG" {
            complaints.push(std::mem::take(&mut line));
        }
        complaints
    }
}
