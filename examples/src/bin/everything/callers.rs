//! Who asks: identity, scopes, and limits for each caller.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mcp_runtime::{
    CallError, Context, Handlers, Principal, State,
    auth::{Auth, Jwt, JwtAlgorithm, JwtKey},
    handlers, tool,
};
use tokio::time::Instant;

const CALLS: usize = 5;
const WINDOW: Duration = Duration::from_secs(1);

pub(crate) fn handlers() -> Handlers {
    handlers![whoami, admin_only, limited]
}

/// Lets in whoever has a token that is made for this endpoint, with a key that everybody knows.
pub(crate) fn auth(endpoint: &str) -> Auth {
    let key = JwtKey::secret(JwtAlgorithm::Hs256, "everything-test-key-everything-test");
    Auth::new(endpoint).verifier(Jwt::key(key).issuer("https://issuer.test"))
}

/// Says who asks.
#[tool(read_only)]
fn whoami(ctx: Context) -> String {
    subject(&ctx).to_owned()
}

fn subject(ctx: &Context) -> &str {
    ctx.principal().map_or("anonymous", Principal::subject)
}

/// Does something for administrators.
#[tool(scopes("admin"))]
fn admin_only() -> &'static str {
    "done"
}

/// The calls of the last second, by caller.
#[derive(Default)]
pub(crate) struct Recent(Mutex<HashMap<String, VecDeque<Instant>>>);

impl Recent {
    /// Notes a call, or says when the caller may call again.
    fn admit(&self, caller: &str) -> Result<(), Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, calls| calls.back().is_some_and(|last| last.elapsed() < WINDOW));
        let calls = all.entry(caller.to_owned()).or_default();
        while calls.front().is_some_and(|call| call.elapsed() >= WINDOW) {
            calls.pop_front();
        }
        match calls.front() {
            Some(first) if calls.len() == CALLS => Err(WINDOW.saturating_sub(first.elapsed())),
            _ => {
                calls.push_back(Instant::now());
                Ok(())
            }
        }
    }
}

/// Does something that each caller may have done five times a second.
#[tool]
fn limited(ctx: Context, recent: State<Recent>) -> Result<&'static str, CallError> {
    let admitted = recent.admit(subject(&ctx));
    admitted.map_err(|wait| CallError::new("at most 5 calls a second").retry_after(wait))?;
    Ok("done")
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};

    use super::*;
    use crate::server;

    #[tokio::test]
    async fn a_caller_is_known_by_its_principal() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            assert_eq!(client.call("whoami", ()).await.text(), "anonymous");
            let ada = server().principal(Principal::new("ada"));
            let client = TestClient::connect_as(ada, *protocol).await;
            assert_eq!(client.call("whoami", ()).await.text(), "ada");
        }
    }

    #[tokio::test]
    async fn a_scope_is_needed() {
        for protocol in Protocol::ALL {
            let ada = Principal::new("ada");
            let admin = server().principal(ada.clone().with_scope("admin"));
            for (server, refused) in [
                (server(), true),
                (server().principal(ada), true),
                (admin, false),
            ] {
                let client = TestClient::connect_as(server, *protocol).await;
                let called = client.try_call("admin_only", ()).await;
                assert_eq!(called.is_err(), refused);
                let tools = client.tools().await;
                let is_listed = tools.iter().any(|tool| tool["name"] == "admin_only");
                assert_eq!(is_listed, !refused);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_calls_a_second_are_admitted() {
        let client = TestClient::connect(server()).await;
        for _ in 0..2 {
            for _ in 0..CALLS {
                assert_eq!(client.call("limited", ()).await.text(), "done");
            }
            let refusal = client.call("limited", ()).await;
            assert_eq!(refusal.error(), "at most 5 calls a second");
            tokio::time::advance(WINDOW).await;
        }
    }
}
