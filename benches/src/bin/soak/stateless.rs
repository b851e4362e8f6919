//! Clients of 2025-11-25 without a session.

use serde_json::json;

use crate::{
    Result,
    client::{Client, Kind, check, is_count, says},
    request::{Request, call, loud_call},
};

/// A client of 2025-11-25 that has never opened a session, or has forgotten that it has.
#[derive(Debug)]
pub(crate) struct Stateless(Client);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Add,
    Follow,
    List,
    Ping,
    Notify,
    GoAway,
    Refused,
}

impl Kind for Stateless {
    type Action = Action;

    const NAME: &'static str = "2025-11-25 without a session";

    const MIX: &'static [(Action, u64)] = &[
        (Action::Add, 4),
        (Action::Follow, 2),
        (Action::List, 1),
        (Action::Ping, 1),
        (Action::Notify, 1),
        (Action::GoAway, 1),
        (Action::Refused, 1),
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
            Action::List => self.list().await,
            Action::Ping => self.ping().await,
            Action::Notify => self.notify().await,
            Action::GoAway => self.go_away().await,
            Action::Refused => self.refused().await,
        }
    }
}

impl Stateless {
    async fn add(&mut self) -> Result<()> {
        let (a, b) = (self.0.chance.below(1000), self.0.chance.below(1000));
        let params = call("add", json!({ "a": a, "b": b }));
        let response = self
            .0
            .send(Request::legacy(1, "tools/call", params))
            .await?;
        check(&response, |last| says(last, &(a + b).to_string()))
    }

    /// Follows the progress of a call.
    async fn follow(&mut self) -> Result<()> {
        let to = 1 + self.0.chance.below(200);
        let params = loud_call("count", json!({ "to": to }));
        let response = self
            .0
            .send(Request::legacy(1, "tools/call", params))
            .await?;
        let messages = response.events.iter().map(|event| &event.message);
        check(&response, |_| is_count(messages, to))
    }

    async fn list(&mut self) -> Result<()> {
        let request = Request::legacy(1, "tools/list", json!({}));
        let response = self.0.send(request).await?;
        let all = crate::server::TOOLS;
        check(&response, |last| {
            let tools = last["result"]["tools"].as_array();
            tools.is_some_and(|tools| tools.len() == all)
        })
    }

    async fn ping(&mut self) -> Result<()> {
        let response = self.0.send(Request::legacy(1, "ping", json!({}))).await?;
        check(&response, |last| last["result"] == json!({}))
    }

    async fn notify(&mut self) -> Result<()> {
        let params = json!({ "requestId": 1 });
        let request = Request::notification("notifications/cancelled", params);
        self.0.expect(202, request).await
    }

    /// Calls, and is gone before the answer. That takes nothing back: the handler goes on to its end.
    async fn go_away(&mut self) -> Result<()> {
        let request = Request::legacy(1, "tools/call", call("nap", json!({})));
        let _connection = self.0.begin(request).await?;
        self.0.chance.pause(20).await;
        Ok(())
    }

    /// Wants what needs a session, or is not let in.
    async fn refused(&mut self) -> Result<()> {
        match self.0.chance.below(4) {
            0 => self.0.expect(405, Request::get()).await,
            1 => self.0.expect(405, Request::delete()).await,
            2 => {
                let params = json!({ "uri": "note://1" });
                let request = Request::legacy(1, "resources/subscribe", params);
                let response = self.0.send(request).await?;
                check(&response, |last| last["error"]["code"] == -32600)
            }
            _ => {
                let params = call("order", json!({ "item": "nut" }));
                let response = self
                    .0
                    .send(Request::legacy(1, "tools/call", params))
                    .await?;
                check(&response, |last| last["result"]["isError"] == true)
            }
        }
    }
}
