//! Clients of 2025-11-25 with a session.
//!
//! Such a client opens a session, does one thing after the other in it, and leaves it some day, politely or not; then it opens
//! another one. `talking` is what it calls and answers, `streams` what it reads again and listens to, `ending` how it leaves, and
//! `intruding` what it tries in sessions that are not its own.

mod ending;
mod intruding;
mod streams;
mod talking;

use std::{collections::VecDeque, sync::atomic::Ordering};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    Result,
    client::{Client, Kind},
    connection::{Connection, Response},
    request::Request,
};

/// A client of 2025-11-25 with a session.
#[derive(Debug)]
pub(crate) struct InSession {
    client: Client,
    /// The one it is in.
    session: Option<Session>,
    /// Those that it has left without a word, with the time at which each must be gone.
    left: VecDeque<(String, Instant)>,
}

/// A session that is open.
#[derive(Debug)]
struct Session {
    id: String,
    /// The id of the last request.
    last: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Add,
    Ping,
    Follow,
    Answer,
    Cancel,
    CancelInSilence,
    Listen,
    Resume,
    Garbage,
    HangUp,
    Intrude,
    AskForNone,
    Leave,
}

impl Kind for InSession {
    type Action = Action;

    const NAME: &'static str = "2025-11-25 in a session";

    const MIX: &'static [(Action, u64)] = &[
        (Action::Add, 12),
        (Action::Ping, 3),
        (Action::Follow, 5),
        (Action::Answer, 5),
        (Action::Cancel, 3),
        (Action::CancelInSilence, 2),
        (Action::Listen, 4),
        (Action::Resume, 5),
        (Action::Garbage, 4),
        (Action::HangUp, 2),
        (Action::Intrude, 3),
        (Action::AskForNone, 2),
        (Action::Leave, 2),
    ];

    fn new(client: Client) -> Self {
        Self {
            client,
            session: None,
            left: VecDeque::new(),
        }
    }

    fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    async fn act(&mut self, action: Action) -> Result<()> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.open().await?,
        };
        // A session in which something was odd is not used again.
        match action {
            Action::Add => self.add(&mut session).await?,
            Action::Ping => self.ping(&mut session).await?,
            Action::Follow => self.follow(&mut session).await?,
            Action::Answer => self.answer(&mut session).await?,
            Action::Cancel => self.cancel(&mut session).await?,
            Action::CancelInSilence => self.cancel_in_silence(&mut session).await?,
            Action::Listen => self.listen(&mut session).await?,
            Action::Resume => self.resume(&mut session).await?,
            Action::Garbage => self.garbage(&mut session).await?,
            Action::HangUp => self.hang_up(&session).await?,
            Action::Intrude => self.intrude().await?,
            Action::AskForNone => self.ask_for_none().await?,
            Action::Leave => return self.leave(session).await,
        }
        self.session = Some(session);
        Ok(())
    }
}

impl InSession {
    /// Opens a session, and lets the others know which.
    async fn open(&mut self) -> Result<Session> {
        let id = self.initialize().await?;
        let initialized = Request::notification("notifications/initialized", json!({}));
        self.client.expect(202, initialized.within(&id)).await?;
        self.client.shared.sessions.publish(self.client.number, &id);
        Ok(Session { id, last: 0 })
    }

    /// Opens a session, no more. Returns its id.
    async fn initialize(&mut self) -> Result<String> {
        let response = self.client.send(Request::initialize()).await?;
        let Some(id) = response.head.session.clone() else {
            return Err(format!("no session: {response:?}").into());
        };
        self.client
            .shared
            .sessions
            .opened
            .fetch_add(1, Ordering::Relaxed);
        Ok(id)
    }

    /// Sends a request in a session, and reads the response.
    async fn ask(
        &mut self,
        session: &mut Session,
        method: &str,
        params: Value,
    ) -> Result<Response> {
        self.client.send(session.request(method, params)).await
    }

    /// Makes a call whose response is a stream.
    async fn stream(&self, session: &mut Session, params: Value) -> Result<Connection> {
        self.client
            .stream(session.request("tools/call", params))
            .await
    }
}

impl Session {
    fn request(&mut self, method: &str, params: Value) -> Request {
        self.last += 1;
        Request::legacy(self.last, method, params).within(&self.id)
    }

    /// The request that takes the last one back.
    fn cancellation(&self) -> Request {
        let params = json!({ "requestId": self.last });
        Request::notification("notifications/cancelled", params).within(&self.id)
    }
}
