//! The ends of sessions: with a word and without.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use super::{InSession, Session, talking::is_over};
use crate::{
    Result,
    request::{Request, call, loud_call},
    server::{IDLE, LONGEST},
};

/// How much later than it should a session may end on a machine that is busy.
const LATE: Duration = Duration::from_secs(1);

/// How many sessions that may still be there a client leaves without a word: more of them on a fast machine would be more memory.
const MOST_LEFT: usize = 4;

impl InSession {
    /// Leaves a session, with a word or without, and looks whether those that were left before are gone.
    pub(super) async fn leave(&mut self, session: Session) -> Result<()> {
        while let Some((id, due)) = self.left.pop_front() {
            if due > Instant::now() {
                self.left.push_front((id, due));
                break;
            }
            self.is_gone(&id).await?;
            let expired = &self.client.shared.sessions.expired;
            expired.fetch_add(1, Ordering::Relaxed);
        }
        if self.left.len() < MOST_LEFT && self.client.chance.below(2) == 0 {
            self.abandon(session).await
        } else {
            self.delete(session).await
        }
    }

    /// Ends a session, now and then with streams open: they end with it.
    async fn delete(&mut self, mut session: Session) -> Result<()> {
        let delete = Request::delete().within(&session.id);
        if self.client.chance.below(2) == 0 {
            self.client.expect(204, delete).await?;
        } else {
            let params = loud_call("wait", json!({}));
            let mut calling = self.stream(&mut session, params).await?;
            calling.message().await?;
            let get = Request::get().within(&session.id);
            let mut listening = self.client.stream(get).await?;
            self.client.expect(204, delete).await?;
            is_over(&calling.events().await?)?;
            is_over(&listening.events().await?)?;
        }
        let deleted = &self.client.shared.sessions.deleted;
        deleted.fetch_add(1, Ordering::Relaxed);
        self.is_gone(&session.id).await
    }

    /// Is gone without a word, perhaps in the middle of something.
    async fn abandon(&mut self, mut session: Session) -> Result<()> {
        match self.client.chance.below(5) {
            0 => {}
            1 => {
                let get = Request::get().within(&session.id);
                self.client.stream(get).await?.event().await?;
            }
            2 => {
                let nap = loud_call("nap", json!({}));
                self.stream(&mut session, nap).await?.message().await?;
            }
            3 => {
                let order = call("order", json!({ "item": "nut" }));
                self.stream(&mut session, order).await?.message().await?;
            }
            _ => {
                let unconfirmed = self.initialize().await?;
                self.forget(unconfirmed);
            }
        }
        self.forget(session.id);
        Ok(())
    }

    fn forget(&mut self, id: String) {
        let due = Instant::now() + LONGEST + IDLE + LATE;
        self.left.push_back((id, due));
    }

    async fn is_gone(&mut self, id: &str) -> Result<()> {
        let request = match self.client.chance.below(3) {
            0 => Request::legacy(1, "ping", json!({})),
            1 => Request::get(),
            _ => Request::delete(),
        };
        self.client.expect(404, request.within(id)).await
    }
}
