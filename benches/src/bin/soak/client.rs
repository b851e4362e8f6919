//! A client.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mcp_benches::era::Era;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    Result, Shared,
    connection::{Connection, Response},
};

/// No answer takes so long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does one thing after the other until it is over.
pub(crate) async fn run(shared: Arc<Shared>, seed: u64) {
    let mut client = Client {
        shared,
        chance: Chance(seed),
        connection: None,
    };
    while !client.shared.over.load(Ordering::Relaxed) {
        let action = client.chance.below(10);
        let done = timeout(PATIENCE, client.act(action)).await;
        let done = done.unwrap_or_else(|_| Err("no answer".into()));
        client.shared.requests.fetch_add(1, Ordering::Relaxed);
        if let Err(problem) = done {
            client.shared.errors.fetch_add(1, Ordering::Relaxed);
            client.connection = None;
            eprintln!("action {action}: {problem}");
        }
    }
}

struct Client {
    shared: Arc<Shared>,
    chance: Chance,
    /// One that is used again.
    connection: Option<Connection>,
}

impl Client {
    async fn act(&mut self, action: u64) -> Result<()> {
        match action {
            0..=2 => self.add(Era::Modern).await,
            3 => self.add(Era::Legacy).await,
            4 => self.follow().await,
            5 => self.answer().await,
            6 => self.listen().await,
            7 => self.take_back().await,
            8 => self.hang_up().await,
            _ => self.garbage().await,
        }
    }

    async fn add(&mut self, era: Era) -> Result<()> {
        let (a, b) = (self.chance.below(1000), self.chance.below(1000));
        let params = json!({ "name": "add", "arguments": { "a": a, "b": b } });
        let response = self.call(era, params).await?;
        let sum = (a + b).to_string();
        check(&response, |last| {
            last["result"]["content"][0]["text"] == sum.as_str()
        })
    }

    /// Follows the progress of a call.
    async fn follow(&mut self) -> Result<()> {
        let to = 1 + self.chance.below(200);
        let meta = json!({ "progressToken": to });
        let params = json!({ "name": "count", "arguments": { "to": to }, "_meta": meta });
        let response = self.call(Era::Modern, params).await?;
        let done = |message: &Value| message["params"]["progress"].as_f64();
        let steps: Vec<_> = response.messages.iter().filter_map(done).collect();
        check(&response, |last| {
            steps.len() as u64 == to
                && steps.is_sorted()
                && last["result"]["content"][0]["text"] == to.to_string().as_str()
        })
    }

    /// Answers a question.
    async fn answer(&mut self) -> Result<()> {
        let capabilities = json!({ "elicitation": {} });
        let meta = json!({ "io.modelcontextprotocol/clientCapabilities": capabilities });
        let mut params = json!({ "name": "order", "arguments": { "item": "nut" }, "_meta": meta });
        let asked = self.call(Era::Modern, params.clone()).await?;
        check(&asked, |last| {
            last["result"]["inputRequests"]["sure"].is_object()
        })?;
        let sure = json!({ "action": "accept", "content": { "yes": true } });
        params["inputResponses"] = json!({ "sure": sure });
        params["requestState"] = asked.last()["result"]["requestState"].clone();
        let answered = self.call(Era::Modern, params).await?;
        check(&answered, |last| {
            last["result"]["content"][0]["text"] == "nut"
        })
    }

    /// Listens to changes for a while.
    async fn listen(&mut self) -> Result<()> {
        let mut connection = Connection::open(self.shared.address).await?;
        let params = json!({ "notifications": { "toolsListChanged": true } });
        post(&mut connection, Era::Modern, "subscriptions/listen", params).await?;
        let first = connection.first().await?;
        if first["method"] != "notifications/subscriptions/acknowledged" {
            return Err(format!("not acknowledged: {first}").into());
        }
        self.pause(20).await;
        Ok(())
    }

    /// Calls, and is gone before the answer.
    async fn take_back(&mut self) -> Result<()> {
        let mut connection = Connection::open(self.shared.address).await?;
        let params = json!({ "name": "wait", "arguments": {} });
        post(&mut connection, Era::Modern, "tools/call", params).await?;
        self.pause(20).await;
        Ok(())
    }

    /// Is gone in the middle of a request.
    async fn hang_up(&mut self) -> Result<()> {
        let mut connection = Connection::open(self.shared.address).await?;
        let half = [
            "POST /m",
            "POST /mcp HTTP/1.1\r\ncontent-le",
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99\r\n\r\n{\"js",
        ];
        let half = half[usize::try_from(self.chance.below(3))?];
        connection.write(half.as_bytes()).await?;
        self.pause(5).await;
        Ok(())
    }

    /// Sends what is refused.
    async fn garbage(&mut self) -> Result<()> {
        let bodies = [
            "",
            "{",
            "[]",
            "null",
            "\u{0}",
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"x\"}",
        ];
        let body = bodies[usize::try_from(self.chance.below(6))?];
        let mut connection = Connection::open(self.shared.address).await?;
        connection.post("", body).await?;
        let response = connection.response().await?;
        if response.status == 400 {
            return Ok(());
        }
        Err(format!("{body:?} is answered by {response:?}").into())
    }

    async fn call(&mut self, era: Era, params: Value) -> Result<Response> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.shared.address).await?,
        };
        post(&mut connection, era, "tools/call", params).await?;
        let response = connection.response().await?;
        // Now and then with another one.
        if self.chance.below(20) > 0 {
            self.connection = Some(connection);
        }
        Ok(response)
    }

    async fn pause(&mut self, most: u64) {
        sleep(Duration::from_millis(self.chance.below(most))).await;
    }
}

async fn post(connection: &mut Connection, era: Era, method: &str, params: Value) -> Result<()> {
    let mut head = format!(
        "mcp-protocol-version: {}\r\nmcp-method: {method}\r\n",
        era.version()
    );
    if let Some(name) = params["name"].as_str() {
        head.extend(["mcp-name: ", name, "\r\n"]);
    }
    let own = params["_meta"]["io.modelcontextprotocol/clientCapabilities"].clone();
    let mut message: Value = serde_json::from_str(&era.request(1, method, params))?;
    if own.is_object() {
        message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = own;
    }
    connection.post(&head, &message.to_string()).await
}

fn check(response: &Response, right: impl FnOnce(&Value) -> bool) -> Result<()> {
    if response.status == 200 && right(response.last()) {
        return Ok(());
    }
    Err(format!("an odd answer: {response:?}").into())
}

impl Response {
    fn last(&self) -> &Value {
        self.messages.last().unwrap_or(&Value::Null)
    }
}

/// Chance that is the same in each run: an xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
