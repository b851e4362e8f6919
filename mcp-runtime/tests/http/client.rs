//! A client that writes and reads bytes.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr, time::Duration};

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Long enough for the slowest machine: it only passes when a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Post {
    /// A request with its headers: those that every message has.
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            line: "POST /mcp HTTP/1.1".into(),
            headers: Vec::new(),
            body: body.into(),
        }
        .header("Host", "localhost")
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
    }

    /// A request of 2026-07-28, as it should be.
    pub(crate) fn modern(method: &str, params: Value) -> Self {
        let name = params.get("name").or_else(|| params.get("uri")).cloned();
        let mut params = params;
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        for (key, value) in meta.as_object().unwrap() {
            params["_meta"][key] = value.clone();
        }
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let post = Self::new(body.to_string())
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", method);
        match name {
            Some(name) => post.header("Mcp-Name", name.as_str().unwrap()),
            None => post,
        }
    }

    /// A call of 2026-07-28.
    pub(crate) fn call(tool: &str, arguments: Value) -> Self {
        let params = json!({ "name": tool, "arguments": arguments });
        Self::modern("tools/call", params)
    }

    /// The same, of a client that wants to know how far the call has got.
    pub(crate) fn call_with_progress(tool: &str, arguments: Value) -> Self {
        let meta = json!({ "progressToken": "p" });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        Self::modern("tools/call", params)
    }

    /// The request that all tests know.
    pub(crate) fn add() -> Self {
        Self::call("add", json!({ "a": 1, "b": 2 }))
    }

    /// A request of a revision with sessions.
    pub(crate) fn legacy(version: Option<&str>, method: &str, params: Value) -> Self {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let post = Self::new(body.to_string());
        match version {
            Some(version) => post.header("MCP-Protocol-Version", version),
            None => post,
        }
    }

    /// Changes the message.
    pub(crate) fn change(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut body = serde_json::from_slice(&self.body).unwrap();
        change(&mut body);
        self.body = body.to_string().into();
        self
    }

    /// The same headers with another body.
    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.without(name).also(name, value)
    }

    /// Adds a header.
    pub(crate) fn also(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn head(&self) -> String {
        let mut head = format!("{}\r\n", self.line);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head = format!("{}Content-Length: {}\r\n\r\n", self.head(), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The body, which is one message.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The messages of a stream.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), "text/event-stream", "{self:?}");
        assert_eq!(self.header("x-accel-buffering"), "no");
        assert_eq!(self.header("cache-control"), "no-cache");
        events(&self.body)
    }

    /// An error with this code, and without a result.
    #[track_caller]
    pub(crate) fn is_error(&self, code: i64) {
        let message = self.json();
        assert_eq!(message["jsonrpc"], "2.0", "{self:?}");
        assert_eq!(message["error"]["code"], code, "{message}");
        assert!(message["error"]["message"].is_string(), "{message}");
        assert!(message.get("result").is_none(), "{message}");
    }
}

/// The messages in a part of a stream.
pub(crate) fn events(stream: &[u8]) -> Vec<Value> {
    let stream = std::str::from_utf8(stream).unwrap();
    let events = stream.split_terminator("\n\n");
    let data = events.filter_map(|event| event.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }

    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            read: Vec::new(),
        }
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Says that nothing more will be written.
    pub(crate) async fn close_half(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Whether something has come from the server already, be it the end.
    pub(crate) fn has_answer(&mut self) -> bool {
        !self.read.is_empty() || self.fill().now_or_never().is_some()
    }

    pub(crate) async fn send(&mut self, post: &Post) -> Answer {
        self.write(post.bytes()).await;
        self.answer().await
    }

    /// The next response, whole.
    pub(crate) async fn answer(&mut self) -> Answer {
        let mut answer = self.answer_head().await;
        if let Some(length) = answer.headers.get("content-length") {
            let length = length.parse().unwrap();
            while self.read.len() < length {
                assert!(self.fill().await, "the body ends early: {answer:?}");
            }
            answer.body = self.read.drain(..length).collect();
        } else if answer.headers.contains_key("transfer-encoding") {
            while let Some(chunk) = self.chunk().await {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    /// The head of the next response.
    pub(crate) async fn answer_head(&mut self) -> Answer {
        let head = self.until(b"\r\n\r\n").await;
        let head = head.unwrap_or_else(|| panic!("no answer, but {:?}", self.read));
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Answer {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    /// The next chunk of a stream; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let length = self.until(b"\r\n").await.expect("the stream is cut");
        let length = std::str::from_utf8(&length).unwrap().trim();
        let length = usize::from_str_radix(length, 16).unwrap();
        while self.read.len() < length + 2 {
            assert!(self.fill().await, "the stream is cut");
        }
        let chunk: Vec<u8> = self.read.drain(..length + 2).collect();
        (length > 0).then(|| chunk[..length].to_vec())
    }

    /// Whether the server closes the connection without another word.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.fill().await
    }

    async fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            let found = self.read.windows(end.len()).position(|bytes| bytes == end);
            if let Some(at) = found {
                return Some(self.read.drain(..at + end.len()).collect());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// Reads more; `false` at the end.
    async fn fill(&mut self) -> bool {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
        // A connection that is reset is at its end, too.
        read.expect("nothing comes").unwrap_or(0) > 0
    }
}
