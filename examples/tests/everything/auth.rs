//! Who is calling over HTTP, when `EVERYTHING_AUTH` is set.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

const KEY: &[u8] = b"everything-test-key-everything-test";

/// The server, which ends with the test.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_everything"))
            .args(["http", "127.0.0.1:0"])
            .env("EVERYTHING_AUTH", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut told = lines.map_while(Result::ok).filter_map(|line| {
            let url = line.strip_prefix("listening on http://")?;
            url.strip_suffix("/mcp").map(ToOwned::to_owned)
        });
        let address = told.next().expect("the server does not say where it is");
        Self { process, address }
    }

    fn token(&self, scope: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let claims = json!({
            "iss": "https://issuer.test",
            "aud": format!("http://{}/mcp", self.address),
            "sub": "ada",
            "scope": scope,
            "exp": now.as_secs() + 60,
        });
        encode(&Header::default(), &claims, &EncodingKey::from_secret(KEY)).unwrap()
    }

    /// The head and the body of an answer.
    fn ask(&self, method: &str, name: Option<&str>, token: Option<&str>) -> (String, Value) {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut params = json!({ "_meta": meta });
        let mut headers = String::new();
        if let Some(name) = name {
            params["name"] = name.into();
            headers = format!("Mcp-Name: {name}\r\n");
        }
        if let Some(token) = token {
            headers = format!("{headers}Authorization: Bearer {token}\r\n");
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let body = body.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.to_ascii_lowercase(),
            serde_json::from_str(body).unwrap(),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn callers_prove_who_they_are_and_see_what_they_may_use() {
    let server = Server::start();
    let (head, _) = server.ask("tools/list", None, None);
    assert!(head.starts_with("http/1.1 401 "), "{head}");
    let metadata = format!(
        "http://{}/.well-known/oauth-protected-resource/mcp",
        server.address
    );
    assert!(
        head.contains(&format!("resource_metadata=\"{metadata}\"")),
        "{head}"
    );
    for (scope, status) in [("", 403), ("admin", 200)] {
        let token = server.token(scope);
        let (_, answer) = server.ask("tools/call", Some("whoami"), Some(&token));
        assert_eq!(answer["result"]["content"][0]["text"], "ada");
        let (head, _) = server.ask("tools/call", Some("admin_only"), Some(&token));
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
        let is_told = head.contains("error=\"insufficient_scope\", scope=\"admin\"");
        assert_eq!(is_told, status == 403, "{head}");
        let (_, answer) = server.ask("tools/list", None, Some(&token));
        let mut tools = answer["result"]["tools"].as_array().unwrap().iter();
        assert_eq!(
            tools.any(|tool| tool["name"] == "admin_only"),
            status == 200
        );
    }
}
