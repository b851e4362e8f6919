//! Clients of 2026-07-28.

use serde_json::json;

use crate::{
    Result,
    client::{Client, Kind, check, is_count, says},
    connection::Response,
    request::{Request, call, loud_call},
};

/// A client of 2026-07-28, which knows no sessions.
#[derive(Debug)]
pub(crate) struct Modern(Client);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Add,
    Follow,
    Answer,
    Listen,
    TakeBack,
    HangUp,
    Garbage,
}

impl Kind for Modern {
    type Action = Action;

    const NAME: &'static str = "2026-07-28";

    const MIX: &'static [(Action, u64)] = &[
        (Action::Add, 3),
        (Action::Follow, 1),
        (Action::Answer, 1),
        (Action::Listen, 1),
        (Action::TakeBack, 1),
        (Action::HangUp, 1),
        (Action::Garbage, 1),
    ];

    fn new(client: Client) -> Self {
        Self(client)
    }

    fn client(&mut self) -> &mut Client {
        &mut self.0
    }

    async fn act(&mut self, action: Action) -> Result<()> {
        match action {
            Action::Add => self.add().await,
            Action::Follow => self.follow().await,
            Action::Answer => self.answer().await,
            Action::Listen => self.listen().await,
            Action::TakeBack => self.take_back().await,
            Action::HangUp => self.hang_up().await,
            Action::Garbage => self.garbage().await,
        }
    }
}

impl Modern {
    async fn add(&mut self) -> Result<()> {
        let (a, b) = (self.0.chance.below(1000), self.0.chance.below(1000));
        let response = self.call(call("add", json!({ "a": a, "b": b }))).await?;
        check(&response, |last| says(last, &(a + b).to_string()))
    }

    /// Follows the progress of a call.
    async fn follow(&mut self) -> Result<()> {
        let to = 1 + self.0.chance.below(200);
        let response = self.call(loud_call("count", json!({ "to": to }))).await?;
        let messages = response.events.iter().map(|event| &event.message);
        check(&response, |_| is_count(messages, to))
    }

    /// Answers a question.
    async fn answer(&mut self) -> Result<()> {
        let mut params = call("order", json!({ "item": "nut" }));
        let capabilities = json!({ "elicitation": {} });
        params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": capabilities });
        let asked = self.call(params.clone()).await?;
        check(&asked, |last| {
            last["result"]["inputRequests"]["sure"].is_object()
        })?;
        let sure = json!({ "action": "accept", "content": { "yes": true } });
        params["inputResponses"] = json!({ "sure": sure });
        params["requestState"] = asked.last()["result"]["requestState"].clone();
        let answered = self.call(params).await?;
        check(&answered, |last| says(last, "nut"))
    }

    /// Listens to changes for a while.
    async fn listen(&mut self) -> Result<()> {
        let params = json!({ "notifications": { "toolsListChanged": true } });
        let request = Request::modern("subscriptions/listen", params)?;
        let mut stream = self.0.stream(request).await?;
        let first = stream.message().await?.message;
        if first["method"] != "notifications/subscriptions/acknowledged" {
            return Err(format!("not acknowledged: {first}").into());
        }
        self.0.chance.pause(20).await;
        Ok(())
    }

    /// Calls, and is gone before the answer.
    async fn take_back(&mut self) -> Result<()> {
        let request = Request::modern("tools/call", call("wait", json!({})))?;
        let _connection = self.0.begin(request).await?;
        self.0.chance.pause(20).await;
        Ok(())
    }

    /// Is gone in the middle of a request.
    async fn hang_up(&mut self) -> Result<()> {
        let mut connection = self.0.connect().await?;
        let half = self.0.chance.one_of(&[
            "POST /m",
            "POST /mcp HTTP/1.1\r\ncontent-le",
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99\r\n\r\n{\"js",
        ]);
        connection.write(half).await?;
        self.0.chance.pause(5).await;
        Ok(())
    }

    /// Sends what is refused.
    async fn garbage(&mut self) -> Result<()> {
        let body = self.0.chance.one_of(&[
            "",
            "{",
            "[]",
            "null",
            "\u{0}",
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"x\"}",
        ]);
        self.0.expect(400, Request::post(body)).await
    }

    async fn call(&mut self, params: serde_json::Value) -> Result<Response> {
        self.0.send(Request::modern("tools/call", params)?).await
    }
}
