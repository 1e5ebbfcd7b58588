//! Where the servers are: `nats://user:password@host:port`, several separated by commas.

use std::fmt;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

use crate::NatsError;

/// An address, taken apart. It is shown without its credentials.
#[derive(Clone)]
pub(crate) struct Address {
    servers: Vec<ServerAddr>,
}

impl Address {
    /// Parses it.
    ///
    /// # Errors
    /// [`NatsError::Connect`] when it is not an address. What was given is not repeated: it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, NatsError> {
        let servers = text.split(',').map(|server| server.trim().parse()).collect::<Result<_, _>>();
        let servers = servers.map_err(|_| NatsError::Connect {
            url: "the address given".to_owned(),
            cause: "it must be like nats://user:password@host:4222".to_owned(),
        })?;
        Ok(Self { servers })
    }

    /// The servers, for the client.
    pub(crate) fn servers(&self) -> Vec<ServerAddr> {
        self.servers.clone()
    }

    /// The user and password, which the client leaves out of account when they stand in the address. The first
    /// pair counts for all servers.
    pub(crate) fn credentials(&self) -> Option<(String, String)> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        self.servers.iter().find_map(|server| Some((decoded(server.username()?), decoded(server.password()?))))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, server) in self.servers.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{}://{}:{}", server.scheme(), server.host(), server.port())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let address = Address::parse("nats://web%40shop:p%3Aw@127.0.0.1:4222, nats://127.0.0.1:4223").unwrap();
        assert_eq!(address.credentials(), Some(("web@shop".to_owned(), "p:w".to_owned())));
        assert_eq!(address.to_string(), "nats://127.0.0.1:4222,nats://127.0.0.1:4223");
    }

    #[test]
    fn what_is_not_an_address_is_not_repeated() {
        let error = Address::parse("nats://user:secret@ho st:1").err().unwrap();
        assert!(!error.to_string().contains("secret"));
    }
}
