//! A client that sees the messages themselves, over a pipe in memory.

use std::collections::HashMap;

use mcp_runtime::{
    Server,
    rmcp::ServiceExt as _,
    serde_json::{self, Value, json},
};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

/// What every client of these tests can do, unless a test says otherwise.
pub(crate) fn capabilities() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} })
}

/// The loop that serves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loop {
    /// Our own, which stdio has.
    Ours,
    /// That of rmcp.
    Rmcp,
}

impl Loop {
    pub(crate) const BOTH: [Self; 2] = [Self::Ours, Self::Rmcp];
}

pub(crate) struct Wire {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    last: u64,
    /// What clients of revisions without sessions say in each request.
    pub(crate) capabilities: Value,
}

impl Wire {
    /// A client that has said nothing yet.
    pub(crate) fn new(server: Server, by: Loop) -> Self {
        let service = server.build().unwrap();
        let (client, end) = tokio::io::duplex(1 << 20);
        match by {
            Loop::Ours => {
                let (reader, writer) = tokio::io::split(end);
                tokio::spawn(async move { service.serve_io(reader, writer).await.unwrap() });
            }
            Loop::Rmcp => {
                tokio::spawn(async move {
                    if let Ok(running) = service.serve(end).await {
                        running.waiting().await.unwrap();
                    }
                });
            }
        }
        let (reader, writer) = tokio::io::split(client);
        Self {
            lines: BufReader::new(reader).lines(),
            writer,
            last: 0,
            capabilities: capabilities(),
        }
    }

    /// A client with a session of 2025-11-25.
    pub(crate) async fn session(server: Server, by: Loop, capabilities: Value) -> Self {
        let mut wire = Self::new(server, by);
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities,
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = wire.request("initialize", params).await;
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
        wire.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        wire
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.writer.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap();
        serde_json::from_str(&line.expect("the server has closed the connection")).unwrap()
    }

    /// Sends a request and returns its id.
    pub(crate) async fn start(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = json!(self.last);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await;
        id
    }

    /// The answer to a request; nothing else comes before it.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        let answer = self.receive().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Starts to call a tool of a session.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.start("tools/call", params).await
    }

    /// The next question, as a session is asked.
    pub(crate) async fn question(&mut self) -> Value {
        let message = self.receive().await;
        assert!(message["method"].is_string(), "{message}");
        message
    }

    /// Answers a question of a session.
    pub(crate) async fn answer(&mut self, question: &Value, answer: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }))
            .await;
    }

    /// Nothing has come that was not received.
    pub(crate) async fn is_silent(&mut self) {
        let answer = self.request("ping", json!({})).await;
        assert_eq!(answer["result"], json!({}));
    }

    /// A request of 2026-07-28.
    pub(crate) async fn modern(&mut self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": self.capabilities,
        });
        self.request(method, params).await
    }

    /// One round of a call of 2026-07-28.
    pub(crate) async fn round(&mut self, call: &Value, round: &Round) -> Value {
        let mut params = call.clone();
        if let Some(state) = &round.state {
            params["requestState"] = state.clone();
        }
        if !round.answers.is_empty() {
            params["inputResponses"] = json!(round.answers);
        }
        self.modern("tools/call", params).await
    }
}

/// What a client brings to the next round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    pub(crate) state: Option<Value>,
    pub(crate) answers: HashMap<&'static str, Value>,
}

impl Round {
    /// Takes the state of what the server said.
    pub(crate) fn after(answer: &Value) -> Self {
        assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
        Self {
            state: Some(answer["result"]["requestState"].clone()),
            answers: HashMap::new(),
        }
    }

    pub(crate) fn with(mut self, key: &'static str, answer: Value) -> Self {
        self.answers.insert(key, answer);
        self
    }
}

/// The answer of a user who fills in a form.
pub(crate) fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}

/// The keys of the questions of a round.
pub(crate) fn keys(answer: &Value) -> Vec<&str> {
    let requests = answer["result"]["inputRequests"].as_object();
    let requests = requests.unwrap_or_else(|| panic!("no questions: {answer}"));
    requests.keys().map(String::as_str).collect()
}

/// The text of a tool that has answered.
pub(crate) fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text: {answer}"))
}
