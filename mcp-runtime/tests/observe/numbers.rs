//! Numbers of calls.

use std::sync::OnceLock;

use mcp_runtime::{
    CallError, Context, Server, handlers,
    metrics::Prometheus,
    prompt,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A process has one recorder. Other tests count nothing, so that the names of this file are its own.
fn prometheus() -> &'static Prometheus {
    static PROMETHEUS: OnceLock<Prometheus> = OnceLock::new();
    PROMETHEUS.get_or_init(|| Prometheus::install().unwrap())
}

/// Is counted.
#[tool]
fn counted(number: u8) -> u8 {
    number
}

/// Fails.
#[tool]
fn counted_failing() -> Result<(), CallError> {
    Err(CallError::new("no"))
}

/// Never ends.
#[tool]
async fn counted_hanging(ctx: Context) {
    ctx.progress(1, 2, "begun").await;
    std::future::pending::<()>().await;
}

/// Says what is counted while it runs.
#[prompt]
fn counted_meanwhile() -> String {
    prometheus().render()
}

fn server() -> Server {
    Server::new("counted", "1")
        .add(handlers![
            counted,
            counted_failing,
            counted_hanging,
            counted_meanwhile
        ])
        .metrics(true)
}

/// The value of a line, `0` if it is not there.
fn value(line: &str) -> f64 {
    let text = prometheus().render();
    let found = text.lines().find_map(|other| other.strip_prefix(line));
    found.map_or(0.0, |value| value.trim().parse().unwrap())
}

#[tokio::test]
async fn calls_are_counted_by_name_and_by_how_they_end() {
    prometheus();
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        client.call("counted", json!({ "number": 7 })).await;
        client.call("counted", json!({ "number": 700 })).await;
        client.call("counted_failing", ()).await;
        let mut call = client.start("counted_hanging", ()).await;
        call.next_progress().await.unwrap();
        call.cancel().await;
    }
    for line in [
        r#"mcp_calls_total{kind="tool",name="counted",outcome="ok"}"#,
        r#"mcp_calls_total{kind="tool",name="counted",outcome="error"}"#,
        r#"mcp_calls_total{kind="tool",name="counted_hanging",outcome="cancelled"}"#,
        r#"mcp_call_errors_total{kind="tool",name="counted",error="invalid_arguments"}"#,
        r#"mcp_call_errors_total{kind="tool",name="counted_failing",error="failed"}"#,
        r#"mcp_call_duration_seconds_count{kind="tool",name="counted_failing"}"#,
        r#"mcp_call_duration_seconds_bucket{kind="tool",name="counted_failing",le="300"}"#,
    ] {
        assert!((value(line) - 3.0).abs() < 0.1, "{line}");
    }
}

#[tokio::test]
async fn names_that_clients_make_up_are_one_name() {
    prometheus();
    let client = TestClient::connect(server()).await;
    for at in 0..50 {
        let name = format!("made_up_{at}");
        client.try_call(&name, ()).await.unwrap_err();
    }
    let unknown = r#"mcp_call_errors_total{kind="tool",name="(unknown)",error="unknown"}"#;
    assert!(value(unknown) > 49.0);
    assert!(!prometheus().render().contains("made_up"));
}

#[tokio::test]
async fn calls_in_flight_are_counted() {
    prometheus();
    let client = TestClient::connect(server()).await;
    let line = r#"mcp_calls_in_flight{kind="prompt"}"#;
    let meanwhile = client.prompt("counted_meanwhile", ()).await;
    let text = meanwhile.text();
    assert!(text.contains(&format!("{line} 1")), "{text}");
    assert!(value(line).abs() < 0.1);
}

#[tokio::test]
async fn a_process_has_one_recorder() {
    prometheus();
    let error = Prometheus::install().unwrap_err().to_string();
    assert!(error.contains("metrics"), "{error}");
}

#[tokio::test]
async fn numbers_are_served_to_the_hosts_of_the_endpoint_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let http = server().build().unwrap().http();
    let http = http.metrics(prometheus().clone());
    tokio::spawn(http.until(std::future::pending()).serve(listener));
    for (head, status) in [
        ("Host: localhost", 200),
        ("Host: rebound.example", 403),
        ("Host: localhost\r\nOrigin: https://rebound.example", 403),
        ("Accept: */*", 400),
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /metrics HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{head}: {answer}"
        );
    }
}

/// Is not counted.
#[tool]
fn uncounted() {}

#[tokio::test]
async fn nothing_is_counted_unless_the_server_wants_it() {
    prometheus();
    let server = Server::new("uncounted", "1").add(handlers![uncounted]);
    TestClient::connect(server)
        .await
        .call("uncounted", ())
        .await;
    assert!(!prometheus().render().contains("uncounted"));
}
