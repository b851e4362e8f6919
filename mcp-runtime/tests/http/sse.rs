//! The HTTP transport of 2024-11-05.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    client::{Connection, Post, events},
    fixture::Site,
};

async fn start() -> Site {
    Site::start_with(|http| http.sse("/sse", "/messages")).await
}

fn get() -> Post {
    let mut get = Post::new("")
        .without("Content-Type")
        .header("Accept", "text/event-stream");
    get.line = "GET /sse HTTP/1.1".into();
    get
}

/// A client: its stream, and where it sends its messages.
struct Client<'a> {
    site: &'a Site,
    stream: Connection,
    endpoint: String,
    read: Vec<u8>,
}

impl<'a> Client<'a> {
    async fn open(site: &'a Site) -> Self {
        let mut stream = site.connect().await;
        stream.write(get().bytes()).await;
        let head = stream.answer_head().await;
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, "text/event-stream")
        );
        let first = String::from_utf8(stream.chunk().await.unwrap()).unwrap();
        let endpoint = first.strip_prefix("event: endpoint\ndata: ").unwrap();
        let endpoint = endpoint.trim_end().to_owned();
        assert!(endpoint.starts_with("/messages?sessionId="), "{endpoint}");
        Self {
            site,
            stream,
            endpoint,
            read: Vec::new(),
        }
    }

    async fn initialized(site: &'a Site) -> Self {
        let mut client = Self::open(site).await;
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "x", "version": "1" },
        });
        client.request(0, "initialize", params).await;
        let answer = client.next().await;
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        client.send(&initialized).await;
        client
    }

    fn post(&self, message: &Value) -> Post {
        let mut post = Post::new(message.to_string());
        post.line = format!("POST {} HTTP/1.1", self.endpoint);
        post
    }

    async fn send(&self, message: &Value) {
        let answer = self.site.send(&self.post(message)).await;
        assert_eq!((answer.status, answer.body.len()), (202, 0));
    }

    async fn request(&self, id: i64, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&message).await;
    }

    async fn call(&self, id: i64, tool: &str, arguments: Value) {
        let meta = json!({ "progressToken": id });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        self.request(id, "tools/call", params).await;
    }

    /// The next message.
    async fn next(&mut self) -> Value {
        loop {
            let end = self.read.windows(2).position(|bytes| bytes == b"\n\n");
            if let Some(end) = end {
                let event: Vec<u8> = self.read.drain(..end + 2).collect();
                let event = String::from_utf8(event).unwrap();
                let data = event.lines().find(|line| line.starts_with("data: "));
                if let Some(data) = data {
                    return events(format!("{data}\n\n").as_bytes()).remove(0);
                }
            } else {
                let chunk = self.stream.chunk().await.unwrap();
                self.read.extend(chunk);
            }
        }
    }
}

#[tokio::test]
async fn everything_comes_back_on_the_stream() {
    let site = start().await;
    let mut client = Client::initialized(&site).await;
    client.call(1, "count", json!({ "to": 1 })).await;
    assert_eq!(client.next().await["method"], "notifications/progress");
    let answer = client.next().await;
    assert_eq!(answer["id"], 1);
    assert_eq!(answer["result"]["structuredContent"]["result"], 1);
    client.request(2, "nothing", json!({})).await;
    let answer = client.next().await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(2), &json!(-32601))
    );
    client.call(3, "announce", json!({})).await;
    let told = [client.next().await, client.next().await];
    assert!(
        told.iter()
            .any(|told| told["method"] == "notifications/tools/list_changed")
    );
    assert!(told.iter().any(|told| told["id"] == 3));
    client.call(4, "ask", json!({})).await;
    let question = client.next().await;
    assert_eq!(question["method"], "elicitation/create");
    let content = json!({ "action": "accept", "content": { "name": "Ann" } });
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": content });
    client.send(&answer).await;
    let answer = client.next().await;
    assert_eq!(answer["result"]["content"][0]["text"], "hello Ann");
}

#[tokio::test]
async fn the_session_ends_with_its_stream() {
    let site = start().await;
    let client = Client::initialized(&site).await;
    client.call(1, "wait", json!({})).await;
    site.signals.begun.notified().await;
    let ping = client.post(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    drop(client);
    site.signals.dropped.notified().await;
    site.refuses(&ping, 404, -32600).await;
}

#[tokio::test]
async fn what_does_not_belong_there_is_refused() {
    let site = start().await;
    let client = Client::initialized(&site).await;
    let ping = client.post(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    for line in [
        "POST /messages HTTP/1.1",
        "POST /messages?sessionId=x HTTP/1.1",
    ] {
        let mut post = ping.clone();
        post.line = line.into();
        site.refuses(&post, 404, -32600).await;
    }
    let mut post = ping.clone();
    post.line = "POST /sse HTTP/1.1".into();
    site.refuses(&post, 405, -32600).await;
    site.refuses(&get().header("Host", "evil.example.com"), 403, -32600)
        .await;
    site.refuses(&get().header("Accept", "application/json"), 406, -32600)
        .await;
    site.refuses(&ping.with_body("{"), 400, -32700).await;
    let id = client.endpoint.split_once('=').unwrap().1;
    let elsewhere = Post::legacy(None, "ping", json!({})).header("Mcp-Session-Id", id);
    site.refuses(&elsewhere, 404, -32600).await;
}

#[tokio::test]
async fn requests_of_a_client_that_does_not_read_are_refused() {
    let patience = Duration::from_millis(500);
    let site = Site::start_with(|http| http.sse("/sse", "/messages").body_timeout(patience)).await;
    let mut client = Client::initialized(&site).await;
    let list = |id: i64| json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list" });
    // What the system keeps on the way is some megabytes.
    let most = 10_000;
    let mut taken = 0;
    while taken < most {
        match site.send(&client.post(&list(taken))).await.status {
            202 => taken += 1,
            status => {
                assert_eq!(status, 503);
                break;
            }
        }
    }
    assert!((1..most).contains(&taken), "{taken} answers are kept");
    for id in 0..taken {
        assert_eq!(client.next().await["id"], id);
    }
    client.request(most, "ping", json!({})).await;
    assert_eq!(client.next().await["id"], most);
}

#[tokio::test]
async fn calls_are_finished_when_the_server_ends() {
    let mut site = start().await;
    let signals = std::sync::Arc::clone(&site.signals);
    let client = Client::initialized(&site).await;
    client.call(1, "wait", json!({})).await;
    signals.begun.notified().await;
    let Client { stream, read, .. } = client;
    site.end();
    signals.go.notify_one();
    let endpoint = String::new();
    let mut client = Client {
        site: &site,
        stream,
        endpoint,
        read,
    };
    let answer = client.next().await;
    assert_eq!(answer["result"]["content"][0]["text"], "went");
    assert_eq!(client.stream.chunk().await, None);
    site.ended().await.unwrap();
}

#[tokio::test]
async fn paths_that_are_none_are_refused() {
    let service = mcp_runtime::Server::new("x", "1").build().unwrap();
    let Err(mcp_runtime::Error::Build(problems)) = service.http().sse("sse", "messages").service()
    else {
        panic!("they are taken");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
}
