//! Traces from the request to the read model, for a collector of OpenTelemetry.
//!
//! A command's span begins when it comes in and ends with its reply; the append is a span below it. Its `traceparent`
//! goes into the log as a header beside the entry, where the projection finds it: a third span tells how long the read
//! models took to show the entry. Everything is configured by the environment variables of the OpenTelemetry
//! specification; without an endpoint nothing is collected, and a sender's own `traceparent` still goes into the log.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::SystemTime;

use docket_command::{Trace, metrics};
use docket_eventlog::TraceParent;
use docket_messages::Reply;
use docket_projection::Applied;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::sync::mpsc;
use tracing::{Span, info_span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::error::{AnyError, plain};

/// Either of these says where the collector is, and so turns traces on.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
/// How the instrumentation is called.
const SCOPE: &str = "docket";
/// Applied entries that wait to be told to the collector; more are left out.
const WAITING: usize = 16_384;

/// Where spans go. Dropping it sends those that wait.
pub struct Traces(SdkTracerProvider);

/// Who tells the collector of the read models.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Starts collecting, if there is a collector.
pub fn start() -> Result<Option<Traces>, AnyError> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let Some(named) = ENDPOINTS.iter().find(|name| is_set(name)) else { return Ok(None) };
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build();
    let exporter = exporter.map_err(|error| plain(format!("cannot send traces to what {named} names: {error}")))?;
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name(SCOPE);
    }
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    // It is started once.
    let _ = TRACER.set(provider.tracer(SCOPE));
    Ok(Some(Traces(provider)))
}

impl Traces {
    /// What turns spans of `tracing` into spans of a trace.
    pub fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer(SCOPE)).with_location(false).with_threads(false)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not sent: {error}");
        }
    }
}

/// Where a command stands in a trace: `path` is its subject below the prefix, `sender` what the sender said of it.
pub fn of_command(path: &str, sender: Option<TraceParent>) -> Trace {
    let (principal, command) = path.split_once('.').unwrap_or_default();
    let span = info_span!(
        "command",
        otel.name = command,
        otel.kind = "server",
        docket.principal = principal,
        docket.outcome = tracing::field::Empty,
        docket.code = tracing::field::Empty,
    );
    if span.is_disabled() {
        return Trace { span, parent: sender };
    }
    if let Some(sender) = &sender {
        // It fails only for a span that has begun to be used.
        let _ = span.set_parent(context(sender));
    }
    let parent = trace_parent(&span.context()).or(sender);
    Trace { span, parent }
}

/// Notes what a command came to.
pub fn answered(span: &Span, reply: &Reply) {
    if !span.is_disabled() {
        let (outcome, code) = metrics::outcome(reply);
        span.record("docket.outcome", outcome).record("docket.code", code);
    }
}

/// Who is to hear of applied entries, if anybody is.
pub fn of_read_models() -> Option<mpsc::Sender<Applied>> {
    let tracer = TRACER.get()?;
    let (hears, mut applied) = mpsc::channel::<Applied>(WAITING);
    tokio::spawn(async move {
        while let Some(Applied { trace, position, recorded_at }) = applied.recv().await {
            let position = KeyValue::new("docket.position", position.to_string());
            let span = SpanBuilder::from_name("read model")
                .with_kind(SpanKind::Consumer)
                .with_start_time(SystemTime::from(recorded_at.to_chrono()))
                .with_attributes([position]);
            tracer.build_with_context(span, &context(&trace)).end();
        }
    });
    Some(hears)
}

fn context(trace: &TraceParent) -> Context {
    let headers = HashMap::from([(TraceParent::HEADER.to_owned(), trace.to_string())]);
    TraceContextPropagator::new().extract_with_context(&Context::new(), &headers)
}

fn trace_parent(context: &Context) -> Option<TraceParent> {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(context, &mut headers);
    headers.get(TraceParent::HEADER)?.parse().ok()
}
