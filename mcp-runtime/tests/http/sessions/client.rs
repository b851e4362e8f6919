//! A client that keeps a session.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::client::{Answer, Connection, Post};

/// A session, and where its server is.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) address: SocketAddr,
    pub(super) id: String,
    pub(super) version: &'static str,
    /// Who asks, for servers that want to know.
    pub(super) user: Option<&'static str>,
}

/// The request that opens a session.
pub(super) fn initialize(version: &str) -> Post {
    let params = json!({
        "protocolVersion": version,
        "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "x", "version": "1" },
    });
    Post::legacy(None, "initialize", params)
}

pub(super) async fn send(address: SocketAddr, post: &Post) -> Answer {
    Connection::open(address).await.send(post).await
}

impl Client {
    /// Opens a session.
    pub(super) async fn open(address: SocketAddr) -> Self {
        Self::open_as(address, "2025-11-25", None).await
    }

    pub(super) async fn open_as(
        address: SocketAddr,
        version: &'static str,
        user: Option<&'static str>,
    ) -> Self {
        let mut post = initialize(version);
        if let Some(user) = user {
            post = post.header("X-User", user);
        }
        let answer = send(address, &post).await;
        assert_eq!(answer.json()["result"]["protocolVersion"], version);
        let id = answer.header("mcp-session-id").to_owned();
        let client = Self {
            address,
            id,
            version,
            user,
        };
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(client.send(&client.message(&initialized)).await.status, 202);
        client
    }

    /// A message in this session.
    pub(super) fn message(&self, message: &Value) -> Post {
        let post = Post::new(message.to_string())
            .header("Mcp-Session-Id", &self.id)
            .header("MCP-Protocol-Version", self.version);
        match self.user {
            Some(user) => post.header("X-User", user),
            None => post,
        }
    }

    /// A request in this session.
    pub(super) fn request(&self, id: i64, method: &str, params: Value) -> Post {
        self.message(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
    }

    /// A call in this session, with progress.
    pub(super) fn call(&self, id: i64, tool: &str, arguments: Value) -> Post {
        let meta = json!({ "progressToken": id });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        self.request(id, "tools/call", params)
    }

    fn bare(&self, method: &str) -> Post {
        let mut post = self
            .message(&Value::Null)
            .with_body("")
            .without("Content-Type")
            .header("Accept", "text/event-stream");
        post.line = format!("{method} /mcp HTTP/1.1");
        post
    }

    /// The request for the stream of the session.
    pub(super) fn get(&self) -> Post {
        self.bare("GET")
    }

    /// The request to go on behind an event.
    pub(super) fn resume(&self, last: &str) -> Post {
        self.get().header("Last-Event-ID", last)
    }

    pub(super) fn delete(&self) -> Post {
        self.bare("DELETE")
    }

    pub(super) async fn send(&self, post: &Post) -> Answer {
        send(self.address, post).await
    }

    /// Sends a request that is answered with a stream, and reads that.
    pub(super) async fn stream(&self, post: &Post) -> Stream {
        let mut connection = Connection::open(self.address).await;
        connection.write(post.bytes()).await;
        Stream::of(connection).await
    }

    /// A call that is answered at once.
    pub(super) async fn is_well(&self) {
        let answer = self
            .send(&self.call(99, "add", json!({ "a": 1, "b": 2 })))
            .await;
        assert_eq!(answer.json()["result"]["structuredContent"]["result"], 3);
    }

    /// Sends the answer to a question.
    pub(super) async fn answer(&self, id: &Value, result: Value) {
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        assert_eq!(self.send(&self.message(&answer)).await.status, 202);
    }

    /// Takes a request back.
    pub(super) async fn cancel(&self, id: i64) {
        let params = json!({ "requestId": id });
        let cancelled =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        assert_eq!(self.send(&self.message(&cancelled)).await.status, 202);
    }
}

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) retry: Option<String>,
    pub(super) data: String,
}

impl Event {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A response that is a stream.
pub(super) struct Stream {
    connection: Connection,
    read: String,
}

impl Stream {
    pub(super) async fn of(mut connection: Connection) -> Self {
        let head = connection.answer_head().await;
        assert_eq!(head.status, 200, "{head:?}");
        assert_eq!(head.header("content-type"), "text/event-stream");
        Self {
            connection,
            read: String::new(),
        }
    }

    /// The next event; `None` at the end. Comments are skipped.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                match parsed(&event) {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = self.connection.chunk().await?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event that is a message.
    pub(super) async fn message(&mut self) -> Value {
        loop {
            let event = self.next().await.unwrap();
            if !event.data.is_empty() {
                return event.json();
            }
        }
    }

    /// All events up to the end.
    pub(super) async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

fn parsed(text: &str) -> Option<Event> {
    let mut event = Event::default();
    let mut is_event = false;
    for line in text.lines() {
        let Some((field, value)) = line.split_once(": ") else {
            continue;
        };
        is_event = true;
        match field {
            "id" => event.id = value.into(),
            "retry" => event.retry = Some(value.into()),
            "data" => event.data = value.into(),
            _ => panic!("an unknown field: {line}"),
        }
    }
    is_event.then_some(event)
}
