//! The servers of NATS: one, or a cluster of three, with a line for each route, so that one can be cut off.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use async_nats::jetstream::stream::ClusterInfo;
use docket_engines::{Binaries, Nats, NatsOptions};

use super::proxy::{Proxy, Weather};
use crate::support::{Sender, eventually};

/// How long a question may take that nobody answers while there is no leader.
const ANSWER: Duration = Duration::from_secs(1);

/// One server or several.
pub(super) struct Cluster {
    pub(super) servers: Vec<Nats>,
    /// The routes: who goes by it, to whom, and the line.
    routes: Vec<(usize, usize, Proxy)>,
}

impl Cluster {
    pub(super) async fn start(binaries: &Binaries, data: &Path, count: usize, accounts: &str) -> Self {
        let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
        let mut routes = Vec::new();
        for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
            if from != to {
                routes.push((from, to, Proxy::to(ports[to]).await));
            }
        }
        let mut servers = Vec::new();
        for (number, port) in ports.iter().enumerate() {
            // The folder of a server that is alone is found by who copies it.
            let mut options = NatsOptions::new(if count == 1 { data.into() } else { data.join(name(number)) });
            accounts.clone_into(&mut options.extra);
            if count > 1 {
                let via = routes.iter().filter(|(from, _, _)| *from == number);
                let via: Vec<_> = via.map(|(_, _, line)| format!("\"nats://127.0.0.1:{}\"", line.port())).collect();
                let name = name(number);
                // Who hears of a server from another must not go round the line.
                options.extra.push_str(&format!(
                    "server_name: {name}\ncluster {{ name: docket, listen: \"127.0.0.1:{port}\", \
                     advertise: \"127.0.0.1:1\", no_advertise: true, routes: [{}] }}\n",
                    via.join(", ")
                ));
            }
            servers.push(Nats::start(binaries, &options).await.expect("nats-server"));
        }
        Self { servers, routes }
    }

    /// Waits until they agree who leads.
    pub(super) async fn is_ready(&self, operator: &str) {
        eventually("the streams can be made", async || {
            let operator = Sender::try_connect(operator, "docket-operator").await.ok()?;
            let mut context = async_nats::jetstream::new(operator.client);
            context.set_timeout(ANSWER);
            context.query_account().await.ok().map(drop)
        })
        .await;
    }

    pub(super) fn ports(&self) -> Vec<u16> {
        self.servers.iter().map(Nats::port).collect()
    }

    /// The server that leads the log.
    pub(super) async fn leader(&self, operator: &str) -> usize {
        eventually("the log has a leader", async || {
            let leader = the_log(operator).await?.leader?;
            (0..self.servers.len()).find(|number| name(*number) == leader)
        })
        .await
    }

    /// Waits until every server has all of the log again: the next fault may then take any of them.
    pub(super) async fn is_whole(&self, operator: &str) {
        eventually("every server has caught up", async || {
            let cluster = the_log(operator).await?;
            cluster.leader?;
            let others = cluster.replicas.iter().filter(|peer| peer.current && !peer.offline).count();
            (others + 1 == self.servers.len()).then_some(())
        })
        .await;
    }

    /// The weather between a server and the others.
    pub(super) fn around(&self, server: usize, weather: Weather) {
        let touched = self.routes.iter().filter(|(from, to, _)| *from == server || *to == server);
        touched.for_each(|(_, _, line)| line.set(weather));
    }

    pub(super) async fn stop(mut self) {
        for server in &mut self.servers {
            server.stop().await.expect("nats-server ends");
        }
    }
}

/// How the servers stand with the log, as its leader says.
async fn the_log(operator: &str) -> Option<ClusterInfo> {
    let operator = Sender::try_connect(operator, "docket-operator").await.ok()?;
    let mut context = async_nats::jetstream::new(operator.client);
    context.set_timeout(ANSWER);
    context.get_stream("DOCKET_LOG").await.ok()?.cached_info().cluster.clone()
}

fn name(number: usize) -> String {
    format!("n{number}")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
