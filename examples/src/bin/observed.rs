//! A server that can be watched: numbers for Prometheus, spans for OpenTelemetry, an audit, and logs as JSON.
//!
//! `cargo run -p mcp-examples --bin observed`, and then `curl http://127.0.0.1:8080/metrics`. Spans go to
//! `OTEL_EXPORTER_OTLP_ENDPOINT`, which is `http://localhost:4318` unless it says otherwise; records go to `audit.jsonl`, signed with the key in
//! the file `AUDIT_KEY_FILE`, if there is one; `mcp-audit verify audit.jsonl` checks them. How often each caller may ask is counted in this
//! process, or in the Redis of `REDIS_URL` for all processes together.

use std::{env, error::Error, fs};

use mcp_runtime::{
    Server, TraceContext,
    audit::{Audit, Key},
    handlers,
    limit::Redis,
    logging,
    metrics::Prometheus,
    tool,
};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{layer::SubscriberExt as _, registry, util::SubscriberInitExt as _};

/// Says what the weather is like.
#[tool(read_only, rate = "50/s")]
async fn weather(city: String) -> String {
    // What another service is asked is a part of the same trace, if it is sent this.
    let trace = TraceContext::current();
    tracing::info!(
        city,
        traceparent = trace.as_ref().map(TraceContext::traceparent),
        "looking up"
    );
    format!("It rains in {city}.")
}

fn server(audit: Audit) -> Server {
    Server::new("observed", env!("CARGO_PKG_VERSION"))
        .add(handlers![weather])
        .metrics(true)
        .audit(audit)
}

/// Shares limits with other processes, if there is a Redis. While it is away, nothing is limited.
fn limited(server: Server) -> Result<Server, Box<dyn Error>> {
    Ok(match env::var("REDIS_URL") {
        Ok(url) => server.rate_store(Redis::new(&url)?.fail_open()),
        Err(_) => server,
    })
}

/// Sends spans to a collector, in batches.
fn traces() -> Result<SdkTracerProvider, Box<dyn Error>> {
    let exporter = SpanExporter::builder().with_http().build()?;
    let resource = Resource::builder().with_service_name("observed").build();
    let traces = SdkTracerProvider::builder().with_batch_exporter(exporter);
    Ok(traces.with_resource(resource).build())
}

/// Records calls, signed if there is a key.
fn audit() -> Result<Audit, Box<dyn Error>> {
    let audit = Audit::file("audit.jsonl")?;
    Ok(match env::var("AUDIT_KEY_FILE") {
        Ok(path) => audit.key(Key::new(fs::read(path)?)),
        Err(_) => audit,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let traces = traces()?;
    let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("observed"));
    registry().with(logging::layer()?).with(spans).try_init()?;
    let server = limited(server(audit()?))?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let http = server.build()?.http();
        http.metrics(Prometheus::install()?)
            .serve_tcp("127.0.0.1:8080")
            .await
    })?;
    // The last spans are still on their way.
    Ok(traces.shutdown()?)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener, TcpStream},
        sync::mpsc,
        thread,
    };

    use mcp_runtime::audit::verify;
    use opentelemetry_otlp::WithExportConfig as _;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "00f067aa0ba902b7";

    /// Sends a request and reads everything that comes back.
    fn exchange(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    fn call(address: SocketAddr, city: &str) -> String {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"weather","arguments":{{"city":"{city}"}},"_meta":{{
            "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n\
             Mcp-Name: weather\r\ntraceparent: 00-{TRACE}-{PARENT}-01\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        exchange(address, &(head + &body))
    }

    fn scrape(address: SocketAddr) -> String {
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        exchange(address, &request)
    }

    /// A collector that hands on what it is sent.
    fn collector() -> (SocketAddr, mpsc::Receiver<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = Vec::new();
                while !is_whole(&bytes) {
                    let mut chunk = [0; 4096];
                    let read = stream.read(&mut chunk).unwrap();
                    bytes.extend(&chunk[..read]);
                }
                let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(answer).unwrap();
                sender.send(bytes).unwrap();
            }
        });
        (address, received)
    }

    fn is_whole(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request).to_lowercase();
        let Some(end) = find(request, b"\r\n\r\n") else {
            return false;
        };
        let length = text.split("content-length: ").nth(1);
        let length: usize = length.unwrap().lines().next().unwrap().parse().unwrap();
        request.len() >= end + 4 + length
    }

    fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
        bytes.windows(part.len()).position(|window| window == part)
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = (0..hex.len()).step_by(2);
        digits
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_is_counted_traced_and_recorded() {
        let (collector, received) = collector();
        let exporter = SpanExporter::builder().with_http();
        let exporter = exporter
            .with_endpoint(format!("http://{collector}/v1/traces"))
            .build();
        let traces = SdkTracerProvider::builder()
            .with_batch_exporter(exporter.unwrap())
            .build();
        let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("observed"));
        registry().with(spans).init();

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let service = server(Audit::file(&path).unwrap()).build().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let http = service.http().metrics(Prometheus::install().unwrap());
        tokio::spawn(http.serve(listener));

        let (answer, numbers) =
            tokio::task::spawn_blocking(move || (call(address, "Bergen"), scrape(address)))
                .await
                .unwrap();
        assert!(answer.contains("It rains in Bergen."), "{answer}");
        assert!(numbers.contains("text/plain; version=0.0.4"), "{numbers}");
        let counted = r#"mcp_calls_total{kind="tool",name="weather",outcome="ok"} 1"#;
        assert!(numbers.contains(counted), "{numbers}");

        assert_eq!(verify(&path, None).unwrap().records(), 1);
        assert!(fs::read_to_string(&path).unwrap().contains(TRACE));

        let sent = tokio::task::spawn_blocking(move || {
            traces.shutdown().unwrap();
            received.recv().unwrap()
        });
        let sent = sent.await.unwrap();
        for part in [b"tools/call weather".to_vec(), bytes(TRACE), bytes(PARENT)] {
            assert!(find(&sent, &part).is_some(), "{part:?}");
        }
    }
}
