//! Who asks: identity, scopes, and limits for each caller.

use mcp_runtime::{
    Context, Handlers, Principal,
    auth::{Auth, Jwt, JwtAlgorithm, JwtKey},
    handlers, tool,
};

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

/// Does something that each caller may have done five times a second.
#[tool(rate = "5/s")]
fn limited() -> &'static str {
    "done"
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            for _ in 0..5 {
                assert_eq!(client.call("limited", ()).await.text(), "done");
            }
            let refusal = client.call("limited", ()).await;
            assert_eq!(
                refusal.error(),
                "too many calls of `limited`: try again in 0.2 s"
            );
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    }
}
