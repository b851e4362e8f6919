//! Streams of a session that are read again, and the one of everything that belongs to no request.

use serde_json::{Value, json};

use super::{InSession, Session};
use crate::{
    Result,
    client::{check, is_count},
    connection::Connection,
    request::{Request, call, loud_call},
};

impl InSession {
    /// Loses the connection in the middle of a call, more than once perhaps, and goes on behind what it has read.
    pub(super) async fn resume(&mut self, session: &mut Session) -> Result<()> {
        let to = 1 + self.client.chance.below(200);
        let params = loud_call("count", json!({ "to": to }));
        let mut stream = self.stream(session, params).await?;
        let mut messages = Vec::new();
        let mut last = String::new();
        loop {
            let most = 1 + self.client.chance.below(to);
            for _ in 0..most {
                let Some(event) = stream.event().await? else {
                    return Err(format!("the stream ends behind {messages:?}").into());
                };
                last = event.id.ok_or("an event without an id")?;
                messages.push(event.message);
                if is_answer(messages.last()) {
                    return counted(&messages, to);
                }
            }
            drop(stream);
            stream = self.again(session, &last).await?;
        }
    }

    /// Listens to the changes of a resource, and misses one of them.
    pub(super) async fn listen(&mut self, session: &mut Session) -> Result<()> {
        let uri = format!("note://{}", self.client.number);
        self.subscribe(session, "resources/subscribe", &uri).await?;
        let get = Request::get().within(&session.id);
        let mut stream = self.client.stream(get).await?;
        let mut last = match stream.event().await? {
            Some(first) if first.message.is_null() => first.id,
            first => return Err(format!("it begins with {first:?}").into()),
        };
        self.edit(session).await?;
        last = hear(&mut stream, &uri).await?.or(last);
        drop(stream);
        self.edit(session).await?;
        let mut stream = self.again(session, &last.unwrap_or_default()).await?;
        hear(&mut stream, &uri).await?;
        self.subscribe(session, "resources/unsubscribe", &uri).await
    }

    /// Comes back to a stream.
    async fn again(&self, session: &Session, last: &str) -> Result<Connection> {
        let get = Request::get().within(&session.id);
        self.client.stream(get.header("last-event-id", last)).await
    }

    async fn subscribe(&mut self, session: &mut Session, method: &str, uri: &str) -> Result<()> {
        let response = self.ask(session, method, json!({ "uri": uri })).await?;
        check(&response, |last| last["result"] == json!({}))
    }

    async fn edit(&mut self, session: &mut Session) -> Result<()> {
        let params = call("edit", json!({ "id": self.client.number }));
        let response = self.ask(session, "tools/call", params).await?;
        check(&response, |last| last["result"].is_object())
    }
}

fn is_answer(message: Option<&Value>) -> bool {
    message.is_some_and(|message| message.get("id").is_some())
}

fn counted(messages: &[Value], to: u64) -> Result<()> {
    if is_count(messages.iter(), to) {
        return Ok(());
    }
    Err(format!("a count to {to}: {messages:?}").into())
}

/// Reads a change. Returns where to go on behind it.
async fn hear(stream: &mut Connection, uri: &str) -> Result<Option<String>> {
    let event = stream.message().await?;
    let params = &event.message["params"];
    if event.message["method"] == "notifications/resources/updated" && params["uri"] == uri {
        return Ok(event.id);
    }
    Err(format!("no change of {uri}: {event:?}").into())
}
