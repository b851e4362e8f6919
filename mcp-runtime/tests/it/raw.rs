//! A client that writes and reads lines, for what rmcp's client does not do or does not show.

use mcp_runtime::{Service, rmcp::ServiceExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
        duplex, split,
    },
    task::JoinHandle,
};

pub(crate) struct Raw {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    input: WriteHalf<DuplexStream>,
    serving: JoinHandle<mcp_runtime::Result<()>>,
    ids: i64,
}

impl Raw {
    pub(crate) fn connect(service: &Service) -> Self {
        let service = service.clone();
        Self::over(|server| {
            tokio::spawn(async move {
                let (reader, writer) = split(server);
                service.serve_io(reader, writer).await
            })
        })
    }

    /// The same where rmcp serves.
    pub(crate) fn connect_to_rmcp(service: &Service) -> Self {
        let service = service.clone();
        Self::over(|server| {
            tokio::spawn(async move {
                let serving = service.serve(server).await.unwrap();
                serving.waiting().await.unwrap();
                Ok(())
            })
        })
    }

    fn over(serve: impl FnOnce(DuplexStream) -> JoinHandle<mcp_runtime::Result<()>>) -> Self {
        let (client, server) = duplex(1 << 16);
        let serving = serve(server);
        let (output, input) = split(client);
        Self {
            lines: BufReader::new(output).lines(),
            input,
            serving,
            ids: 0,
        }
    }

    /// A client with a session of the given revision, and what the server said to `initialize`.
    pub(crate) async fn initialized(service: &Service, version: &str) -> (Self, Value) {
        let mut client = Self::connect(service);
        let answer = client.initialize(version).await;
        client.notify("notifications/initialized", json!({})).await;
        (client, answer["result"].clone())
    }

    /// Opens a session, without a word that it is open.
    pub(crate) async fn initialize(&mut self, version: &str) -> Value {
        let info = json!({ "name": "raw", "version": "1" });
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": info });
        self.ask("initialize", params).await
    }

    pub(crate) async fn send(&mut self, message: Value) {
        let line = format!("{message}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
            .await;
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap();
        serde_json::from_str(&line.expect("the server has hung up")).unwrap()
    }

    /// The next message after a request.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.ids += 1;
        let id = self.ids;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await;
        self.receive().await
    }

    /// Calls a tool; the next message is the answer.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let mut answer = self.ask("tools/call", params).await;
        answer["result"].take()
    }

    /// Sends nothing more; what is still to come, and the end.
    pub(crate) async fn end(mut self) -> Vec<Value> {
        self.input.shutdown().await.unwrap();
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            rest.push(serde_json::from_str(&line).unwrap());
        }
        self.serving.await.unwrap().unwrap();
        rest
    }
}

/// Parameters of a request that needs no session.
pub(crate) fn modern(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}
