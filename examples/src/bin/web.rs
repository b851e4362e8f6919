//! An MCP endpoint inside of a web application: the application's pages and the server's tools share one store.
//!
//! `cargo run -p mcp-examples --bin web`. A client at `http://127.0.0.1:8080/mcp` gives a link a short name, and a browser
//! follows it at `http://127.0.0.1:8080/to/NAME`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{self, Path},
    http::StatusCode,
    response::Redirect,
    routing::get,
    serve::ListenerExt as _,
};
use mcp_runtime::{CallError, HttpService, Server, State, handlers, tool};
use tokio::net::TcpListener;

/// Short names of links. Clones share them.
#[derive(Clone, Default)]
struct Links(Arc<Mutex<BTreeMap<String, Link>>>);

struct Link {
    target: String,
    visits: u64,
}

impl Links {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Link>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a link a short name, and returns the path that leads there.
#[tool(idempotent)]
fn shorten(
    links: State<Links>,
    #[arg(regex = "^https?://[!-~]+$", length(max = 2000))] target: String,
    #[arg(regex = "^[a-z0-9-]+$", length(max = 40))] name: String,
) -> String {
    let path = format!("/to/{name}");
    links.all().insert(name, Link { target, visits: 0 });
    path
}

/// How often a link was followed.
#[tool(read_only)]
fn visits(links: State<Links>, name: String) -> Result<u64, CallError> {
    let links = links.all();
    let link = links.get(&name);
    link.map(|link| link.visits)
        .ok_or_else(|| CallError::new(format!("no link is called `{name}`")))
}

/// The page of a link: leads to its target, and counts.
async fn follow(
    extract::State(links): extract::State<Links>,
    Path(name): Path<String>,
) -> Result<Redirect, StatusCode> {
    let mut links = links.all();
    let link = links.get_mut(&name).ok_or(StatusCode::NOT_FOUND)?;
    link.visits += 1;
    Ok(Redirect::temporary(&link.target))
}

fn server(links: Links) -> Server {
    Server::new("links", env!("CARGO_PKG_VERSION"))
        .state(links)
        .add(handlers![shorten, visits])
}

fn application(endpoint: HttpService, links: Links) -> Router {
    Router::new()
        .route("/to/{name}", get(follow))
        .with_state(links)
        .nest_service("/mcp", endpoint)
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    let links = Links::default();
    let service = server(links.clone()).build()?;
    let endpoint = service.http().service()?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    // Otherwise what is streamed waits for the client to acknowledge what it has.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    service.start().await?;
    axum::serve(listener, application(endpoint.clone(), links))
        .with_graceful_shutdown(async move {
            drop(tokio::signal::ctrl_c().await);
            endpoint.end_listening();
        })
        .await?;
    service.shutdown().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    use super::*;

    /// What the application answers to a request, as it stands on the wire.
    async fn exchange(application: Router, head: &str, body: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(axum::serve(listener, application).into_future());
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        served.abort();
        answer
    }

    /// A call of 2026-07-28, as a client sends it.
    async fn call(application: Router, tool: &str, arguments: Value) -> String {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}"
        );
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        exchange(application, &head, &request.to_string()).await
    }

    #[tokio::test]
    async fn pages_and_tools_share_the_links() {
        let links = Links::default();
        let endpoint = server(links.clone()).into_http_service().unwrap();
        let application = application(endpoint, links);
        let page = |name| {
            let head = format!("GET /to/{name} HTTP/1.1");
            let application = application.clone();
            async move { exchange(application, &head, "").await }
        };
        assert!(page("rust").await.starts_with("HTTP/1.1 404 "));

        let link = json!({ "target": "https://www.rust-lang.org", "name": "rust" });
        let answer = call(application.clone(), "shorten", link).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains("/to/rust"),
            "{answer}"
        );
        let answer = page("rust").await;
        assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
        assert!(
            answer.contains("location: https://www.rust-lang.org\r\n"),
            "{answer}"
        );

        let answer = call(application.clone(), "visits", json!({ "name": "rust" })).await;
        assert!(answer.contains(r#""structuredContent":1"#), "{answer}");
    }

    #[tokio::test]
    async fn a_link_leads_to_the_web_and_nowhere_else() {
        let client = TestClient::connect(server(Links::default())).await;
        for target in ["javascript:alert(1)", "//example.com", "https://a b"] {
            let link = json!({ "target": target, "name": "x" });
            let refusal = client.call("shorten", link).await;
            assert_eq!(refusal.problems()[0].path, "/target", "{target}");
        }
        let refusal = client.call("visits", json!({ "name": "x" })).await;
        assert_eq!(refusal.text(), "no link is called `x`");
    }
}
