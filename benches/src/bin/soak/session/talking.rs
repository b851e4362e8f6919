//! Calls in a session, questions that are asked in place, and calls that are taken back.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{interval, sleep};

use super::{InSession, Session};
use crate::{
    Result,
    client::{check, is_count, says},
    connection::Event,
    request::{Request, call, loud_call},
};

impl InSession {
    pub(super) async fn add(&mut self, session: &mut Session) -> Result<()> {
        let chance = &mut self.client.chance;
        let (a, b) = (chance.below(1000), chance.below(1000));
        let params = call("add", json!({ "a": a, "b": b }));
        let response = self.ask(session, "tools/call", params).await?;
        check(&response, |last| says(last, &(a + b).to_string()))
    }

    pub(super) async fn ping(&mut self, session: &mut Session) -> Result<()> {
        let response = self.ask(session, "ping", json!({})).await?;
        check(&response, |last| last["result"] == json!({}))
    }

    /// Follows the progress of a call.
    pub(super) async fn follow(&mut self, session: &mut Session) -> Result<()> {
        let to = 1 + self.client.chance.below(200);
        let params = loud_call("count", json!({ "to": to }));
        let response = self.ask(session, "tools/call", params).await?;
        let messages = response.events.iter().map(|event| &event.message);
        check(&response, |_| is_count(messages, to))
    }

    /// Is asked in the middle of a call, and answers with a request of its own.
    pub(super) async fn answer(&mut self, session: &mut Session) -> Result<()> {
        let params = call("order", json!({ "item": "nut" }));
        let mut stream = self.stream(session, params).await?;
        let question = stream.message().await?.message;
        if question["method"] != "elicitation/create" {
            return Err(format!("no question: {question}").into());
        }
        let (answer, said) = self.client.chance.one_of(&[
            (r#"{"action":"accept","content":{"yes":true}}"#, Some("nut")),
            (
                r#"{"action":"accept","content":{"yes":false}}"#,
                Some("nothing"),
            ),
            (r#"{"action":"decline"}"#, None),
            (r#"{"action":"cancel"}"#, None),
        ]);
        let answer = Request::answer(&question["id"], serde_json::from_str(answer)?);
        let answer = answer.within(&session.id);
        self.client.expect(202, answer.clone()).await?;
        let result = stream.message().await?.message;
        let right = match said {
            Some(said) => says(&result, said),
            None => result["result"]["isError"] == true,
        };
        if !right {
            return Err(format!("{answer:?} comes to {result}").into());
        }
        is_over(&stream.events().await?)?;
        // Nobody waits for a second one.
        self.client.expect(202, answer).await
    }

    /// Takes a call back that has begun to say something.
    pub(super) async fn cancel(&mut self, session: &mut Session) -> Result<()> {
        let params = loud_call("wait", json!({}));
        let mut stream = self.stream(session, params).await?;
        let told = stream.message().await?;
        self.client.expect(202, session.cancellation()).await?;
        is_over(&stream.events().await?)?;
        // Nothing is left to come back for.
        let last = told.id.unwrap_or_default();
        let again = Request::get().within(&session.id);
        let again = again.header("last-event-id", &last);
        self.client.expect(400, again).await
    }

    /// Takes a call back that has said nothing yet.
    pub(super) async fn cancel_in_silence(&mut self, session: &mut Session) -> Result<()> {
        let request = session.request("tools/call", call("wait", json!({})));
        let mut connection = self.client.begin(request).await?;
        sleep(Duration::from_millis(self.client.chance.below(5))).await;
        // A message may overtake the one before, which came over another connection.
        let mut again = interval(Duration::from_millis(50));
        loop {
            tokio::select! {
                response = connection.response() => {
                    let response = response?;
                    return match response.head.status {
                        200 => is_over(&response.events),
                        _ => Err(format!("an odd end: {response:?}").into()),
                    };
                }
                _ = again.tick() => self.client.expect(202, session.cancellation()).await?,
            }
        }
    }

    /// Sends what is refused, or told to be wrong.
    pub(super) async fn garbage(&mut self, session: &mut Session) -> Result<()> {
        let id = session.id.clone();
        match self.client.chance.below(7) {
            0 => {
                self.client
                    .expect(400, Request::post("{").within(&id))
                    .await
            }
            1 => self.client.expect(400, Request::post("").within(&id)).await,
            2 => {
                let request = Request::get().header("mcp-protocol-version", "2025-06-18");
                self.client.expect(400, request.within(&id)).await
            }
            3 => {
                let request = Request::get().header("last-event-id", "1000000-0");
                self.client.expect(400, request.within(&id)).await
            }
            4 => {
                let request = session.request("ping", json!({})).within(&id);
                self.client.expect(400, request).await
            }
            5 => {
                let params = call("none", json!({}));
                let response = self.ask(session, "tools/call", params).await?;
                check(&response, |last| last["error"]["code"] == -32602)
            }
            _ => {
                let params = call("add", json!({ "a": "one" }));
                let response = self.ask(session, "tools/call", params).await?;
                check(&response, |last| last["result"]["isError"] == true)
            }
        }
    }

    /// Is gone in the middle of a request.
    pub(super) async fn hang_up(&mut self, session: &Session) -> Result<()> {
        let text = Request::legacy(1, "ping", json!({}))
            .within(&session.id)
            .text();
        let some = usize::try_from(self.client.chance.below(text.len() as u64))?;
        let mut connection = self.client.connect().await?;
        connection.write(&text[..some]).await?;
        self.client.chance.pause(5).await;
        Ok(())
    }
}

/// Nothing is said any more.
pub(super) fn is_over(events: &[Event]) -> Result<()> {
    if events.iter().all(|event| event.message == Value::Null) {
        return Ok(());
    }
    Err(format!("more than was expected: {events:?}").into())
}
