//! The example over HTTP: the end of the process, and the token that keeps others out.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{child::Child, era::Era};

/// Long enough for the slowest machine: it only passes when a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

struct Served {
    child: Child,
    address: String,
}

type Response = BufReader<TcpStream>;

impl Served {
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everything"));
        command.args(["http", "127.0.0.1:0"]);
        let mut child = Child::run(command.envs(settings.iter().copied()), Era::Modern);
        let line = child.tells("listening on http://");
        let (_, address) = line.split_once("http://").unwrap();
        let address = address.strip_suffix("/mcp").unwrap().to_owned();
        Self { child, address }
    }

    fn send(&self, head: &str, body: &str) -> Response {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        BufReader::new(stream)
    }

    /// Sends a request of 2026-07-28, with these further headers.
    fn post(&self, headers: &str, method: &str, params: Value) -> Response {
        let name = params["name"].as_str().unwrap_or_default();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: {method}\r\nMcp-Name: {name}{headers}"
        );
        let params = Era::Modern.params(params);
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.send(&head, &body.to_string())
    }

    fn get(&self, path: &str) -> String {
        whole(self.send(&format!("GET {path} HTTP/1.1"), ""))
    }
}

/// A response up to its end.
fn whole(mut response: Response) -> String {
    let mut text = String::new();
    response.read_to_string(&mut text).unwrap();
    text
}

/// The next message of a response that is a stream.
fn next(response: &mut Response) -> Value {
    loop {
        let mut line = String::new();
        assert!(response.read_line(&mut line).unwrap() > 0, "it is cut");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn a_signal_with_a_call_in_flight_and_a_client_that_listens() {
    let mut served = Served::start(&[]);
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let mut changes = served.post("", "subscriptions/listen", filter);
    let acknowledged = "notifications/subscriptions/acknowledged";
    assert_eq!(next(&mut changes)["method"], acknowledged);
    let arguments = json!({ "seconds": 4, "steps": 2 });
    let meta = json!({ "progressToken": 1 });
    let slow = json!({ "name": "slow", "arguments": arguments, "_meta": meta });
    let mut call = served.post("", "tools/call", slow);
    assert_eq!(next(&mut call)["method"], "notifications/progress");
    assert!(served.get("/readyz").starts_with("HTTP/1.1 200 "));

    served.child.signal("-TERM");
    let last = next(&mut changes);
    assert_eq!(
        (&last["id"], &last["result"]["resultType"]),
        (&json!(1), &json!("complete"))
    );
    assert!(served.get("/readyz").starts_with("HTTP/1.1 503 "));
    let answer = loop {
        let message = next(&mut call);
        if message["method"].is_null() {
            break message;
        }
    };
    assert_eq!(answer["result"]["isError"], json!(false), "{answer}");
    served.child.ends_well();
}

#[test]
fn a_token_that_is_made_at_start_lets_in_and_nothing_else_does() {
    let mut served = Served::start(&[("MCP_HTTP_TOKEN", "generate")]);
    let line = served.child.tells("with the bearer token ");
    let (_, token) = line.rsplit_once(' ').unwrap();
    let add = || json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    let answer = whole(served.post("", "tools/call", add()));
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(
        answer.contains("\r\nwww-authenticate: Bearer\r\n"),
        "{answer}"
    );
    let header = format!("\r\nAuthorization: Bearer {token}");
    let answer = whole(served.post(&header, "tools/call", add()));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"structuredContent\":3"), "{answer}");
}

#[test]
fn a_token_may_be_given_and_is_not_told() {
    let token = "a-token-that-was-given";
    let served = Served::start(&[("MCP_HTTP_TOKEN", token)]);
    let list = |token: &str| {
        let header = format!("\r\nAuthorization: Bearer {token}");
        whole(served.post(&header, "tools/list", json!({})))
    };
    assert!(list(token).starts_with("HTTP/1.1 200 "));
    let answer = list("another-token-than-that");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(!answer.contains(token), "{answer}");
}
