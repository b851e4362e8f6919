//! Sessions that are those of somebody else, or nobody's.

use serde_json::json;

use super::InSession;
use crate::{Result, client::Client, request::Request};

impl InSession {
    /// Tries to use the session of another client.
    pub(super) async fn intrude(&mut self) -> Result<()> {
        let Client { shared, number, .. } = &self.client;
        let all = shared.sessions.of_others(*number);
        if all.is_empty() {
            return Ok(());
        }
        let at = self.client.chance.below(all.len() as u64);
        self.try_each(&all[usize::try_from(at)?]).await
    }

    /// Names a session that has never been there.
    pub(super) async fn ask_for_none(&mut self) -> Result<()> {
        let id = self.client.chance.one_of(&[
            "",
            "x",
            "../x",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ]);
        self.try_each(id).await
    }

    async fn try_each(&mut self, id: &str) -> Result<()> {
        let requests = [
            Request::legacy(1, "ping", json!({})),
            Request::initialize(),
            Request::notification("notifications/cancelled", json!({ "requestId": 1 })),
            Request::answer(
                &json!(1),
                json!({ "action": "accept", "content": { "yes": true } }),
            ),
            Request::get(),
            Request::delete(),
        ];
        for request in requests {
            self.client.expect(404, request.within(id)).await?;
        }
        Ok(())
    }
}
