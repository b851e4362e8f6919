//! What a client is like, and what it waits for.

use std::time::Duration;

use mcp_runtime::{
    Context, Principal, Server, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{in_every_revision, panic_of};

/// Says who asks.
#[tool]
fn whoami(principal: Principal) -> String {
    principal.subject().to_owned()
}

/// Says what the client can do.
#[tool]
fn capabilities(ctx: Context) -> Value {
    ctx.client_capabilities()
}

/// Says which log the client wants.
#[tool]
fn level(ctx: Context) -> Option<String> {
    let level = ctx.meta("io.modelcontextprotocol/logLevel")?;
    level.as_str().map(str::to_owned)
}

/// Streams two words, with a pause.
#[tool]
async fn stream(ctx: Context) {
    ctx.progress(1, 2, "one").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ctx.progress(2, 2, "two").await;
}

/// Reviews code.
#[prompt]
fn review(code: String, thorough: bool) -> String {
    format!("Review {code} {thorough}.")
}

/// A street.
#[resource("place://{city}/{lit}")]
fn street(city: String, lit: bool) -> String {
    format!("{city} {lit}")
}

fn server() -> Server {
    Server::new("example", "1.0.0")
        .add(handlers![whoami, capabilities, level, stream])
        .add(handlers![review, street])
}

#[tokio::test]
async fn a_client_may_have_a_user() {
    for protocol in Protocol::ALL {
        let options = TestClient::options().protocol(*protocol);
        let alice = options.clone().principal(Principal::new("alice"));
        let client = alice.connect(server()).await;
        assert_eq!(client.call("whoami", ()).await.text(), "alice");
        let nobody = options.connect(server()).await;
        assert!(nobody.call("whoami", ()).await.is_error());
    }
}

#[tokio::test]
async fn the_user_of_the_client_comes_before_that_of_the_server() {
    let server = server().principal(Principal::new("operator"));
    let alice = TestClient::options().principal(Principal::new("alice"));
    let client = alice.connect(server).await;
    assert_eq!(client.call("whoami", ()).await.text(), "alice");
}

#[tokio::test]
async fn a_client_can_do_everything_unless_told_otherwise() {
    in_every_revision(server, async |client| {
        let all: Value = client.call("capabilities", ()).await.structured();
        for name in ["elicitation", "sampling", "roots"] {
            assert!(all[name].is_object(), "{name}: {all}");
        }
        assert_eq!(
            all["elicitation"]["url"].is_object(),
            client.protocol() != Protocol::V2025_06_18
        );
        let raw = client.request("tools/call", json!({ "name": "capabilities" }));
        assert_eq!(raw.await.unwrap()["structuredContent"], all);
    })
    .await;
}

#[tokio::test]
async fn a_client_can_do_no_more_than_it_is_told() {
    for protocol in Protocol::ALL {
        for able in [json!({ "sampling": {} }), json!({})] {
            let options = TestClient::options()
                .protocol(*protocol)
                .capabilities(&able);
            let client = options.connect(server()).await;
            let said: Value = client.call("capabilities", ()).await.structured();
            assert_eq!(said, able);
        }
    }
}

#[tokio::test]
async fn capabilities_that_are_none_end_the_test() {
    let message = panic_of(async { TestClient::options().capabilities("all") }).await;
    assert!(
        message.starts_with("no capabilities of a client: "),
        "{message}"
    );
}

#[tokio::test]
async fn every_request_without_a_session_says_which_log_it_wants() {
    for protocol in Protocol::ALL {
        let options = TestClient::options().protocol(*protocol).log_level("debug");
        let client = options.connect(server()).await;
        let wanted: Option<String> = client.call("level", ()).await.structured();
        let raw = client.request("tools/call", json!({ "name": "level" }));
        let raw = raw.await.unwrap()["structuredContent"].clone();
        if *protocol == Protocol::MODERN {
            assert_eq!((wanted.as_deref(), raw), (Some("debug"), json!("debug")));
        } else {
            assert_eq!(wanted, None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_text_of_a_call_is_read_while_it_is_streamed() {
    in_every_revision(server, async |client| {
        let mut call = client.start("stream", ()).await;
        assert_eq!(call.next_chunk().await.as_deref(), Some("one"));
        assert_eq!(call.next_chunk().await.as_deref(), Some("two"));
        assert_eq!(call.next_chunk().await, None);
        assert_eq!(call.await.chunks(), ["one", "two"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn notifications_are_waited_for_one_by_one() {
    in_every_revision(server, async |client| {
        let call = client.start("stream", ()).await;
        let first = client.next_notification("notifications/progress").await;
        assert_eq!(first.progress().unwrap().message.as_deref(), Some("one"));
        let second = client.next_notification("notifications/progress").await;
        assert_eq!(second.progress().unwrap().message.as_deref(), Some("two"));
        call.await;
        assert_eq!(client.notifications(), [first, second]);
        assert!(client.logs().is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_does_not_come_ends_the_test_with_all_that_came() {
    let options = TestClient::options().patience(Duration::from_secs(3));
    let client = options.connect(server()).await;
    client.call("stream", ()).await;
    let begun = Instant::now();
    let line = line!() + 1;
    let message = panic_of(client.next_notification("notifications/message")).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    let (told, place) = message.split_once("\n\nwaited for at ").unwrap();
    assert!(
        place.starts_with(&format!("{}:{line}:", file!())),
        "{place}"
    );
    insta::assert_snapshot!(told, @r#"
    `notifications/message` did not come within 3s

    it told:
    - notifications/progress {"progressToken":1000000,"progress":1.0,"total":2.0,"message":"one"}
    - notifications/progress {"progressToken":1000000,"progress":2.0,"total":2.0,"message":"two"}
    "#);
    let message = panic_of(client.next_question()).await;
    assert!(
        message.starts_with("a question did not come within 3s"),
        "{message}"
    );
}

#[tokio::test]
async fn arguments_of_prompts_and_resources_are_completed() {
    in_every_revision(server, async |client| {
        let thorough = client.complete("review", "thorough", "t").await;
        assert_eq!(thorough.values, ["true"]);
        assert_eq!((thorough.total, thorough.has_more), (Some(1), false));
        let lit = client
            .complete("place://{city}/{lit}", "lit", "")
            .given("city", "Rome");
        assert_eq!(lit.await.values.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_completion_may_be_refused() {
    in_every_revision(server, async |client| {
        let error = client
            .complete("rewiev", "code", "")
            .result()
            .await
            .unwrap_err();
        assert_eq!(error.code, -32602);
        let line = line!() + 1;
        let refused = async { client.complete("rewiev", "code", "").await };
        let message = panic_of(refused).await;
        let told = "the completion of `code` of `rewiev` was refused: ";
        assert!(message.starts_with(told), "{message}");
        assert!(
            message.contains(&format!("{}:{line}:", file!())),
            "{message}"
        );
    })
    .await;
}
