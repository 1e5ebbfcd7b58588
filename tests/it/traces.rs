//! Traces, as a collector of OpenTelemetry hears them.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Command, Desk, Scratch, accepted, eventually, intake};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Hears spans by OTLP over HTTP.
struct Collector {
    address: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let spans = Arc::<Mutex<Vec<Span>>>::default();
        let heard = Arc::clone(&spans);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, Arc::clone(&heard)));
            }
        });
        Self { address, spans }
    }

    /// Waits for a span of the trace.
    async fn span(&self, name: &str) -> Span {
        let wanted = |span: &&Span| span.name == name && hex(&span.trace_id) == TRACE;
        let heard = async || self.spans.lock().expect("nobody panics with it").iter().find(wanted).cloned();
        eventually(&format!("the collector hears of `{name}`"), heard).await
    }
}

/// Reads requests until the connection ends.
async fn hear(stream: TcpStream, spans: Arc<Mutex<Vec<Span>>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while stream.read_line(&mut line).await.is_ok_and(|count| count > 2) {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
            line.clear();
        }
        let mut body = vec![0; length];
        if length == 0 || stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let request = ExportTraceServiceRequest::decode(&*body).expect("OTLP");
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.lock().expect("nobody panics with it").extend(scopes.flat_map(|scope| scope.spans));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_from_the_request_to_the_read_model() {
    let collector = Collector::start().await;
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let desk = Desk::start_with(&environment);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let command = Command::case("intake", &intake("question")).header("traceparent", &traceparent);
    let reply = desk.sender("desk").await.send(&command).await;
    let position = accepted(&reply)["position"].to_string();
    let command = collector.span("case.intake").await;
    assert_eq!(hex(&command.parent_span_id), PARENT, "below the sender's span");
    let append = collector.span("append").await;
    assert_eq!(append.parent_span_id, command.span_id);
    let read_model = collector.span("read model").await;
    assert_eq!(read_model.parent_span_id, command.span_id);
    let attribute = |span: &Span, key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key == key);
        format!("{:?}", found.and_then(|attribute| attribute.value.clone()))
    };
    assert!(attribute(&read_model, "docket.position").contains(&format!("{position:?}")), "{read_model:?}");
    assert!(attribute(&command, "docket.outcome").contains("accepted"), "{command:?}");
    assert!(read_model.end_time_unix_nano >= command.start_time_unix_nano);
}

#[tokio::test]
async fn a_trace_that_cannot_be_read_is_none_and_one_without_a_collector_goes_on() {
    let desk = Desk::shared();
    let sender = desk.sender("desk").await;
    let traced = |trace: &str| Command::case("intake", &intake("question")).header("traceparent", trace);
    for (trace, stored) in [("nonsense", None), (&*format!("00-{TRACE}-{PARENT}-01"), Some(TRACE))] {
        let accepted = sender.must(&traced(trace)).await;
        let context = async_nats::jetstream::new(sender_of_operator(desk).await);
        let log = context.get_stream("DOCKET_LOG").await.expect("the log");
        let entry = log.get_raw_message(accepted["position"].as_u64().expect("a position")).await.expect("an entry");
        let header = entry.headers.get("traceparent").map(ToString::to_string);
        assert_eq!(header.as_deref().map(|header| header.contains(TRACE)), stored.map(|_| true), "{header:?}");
    }
}

async fn sender_of_operator(desk: &Desk) -> async_nats::Client {
    crate::support::Sender::connect(desk.nats(), "docket-operator").await.client
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_a_sentence() {
    let folder = Scratch::new();
    let data = folder.path().to_string_lossy().into_owned();
    let cli = crate::support::Cli::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", "not an address");
    let printed = cli.run(&["up", "--data", &data]).await;
    assert_eq!(printed.code, Some(1), "{printed:?}");
    assert!(printed.err.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{printed:?}");
}
