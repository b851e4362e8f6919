//! Answers to the questions of a server.

use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_runtime::{
    AskError, CallError, Context, Sampling, Server, handlers, prompt, resource,
    testing::{Answer, Protocol, QuestionKind, TestClient},
    tool,
};
use serde::Deserialize;
use serde_json::json;
use tokio::join;

use crate::{in_every_revision, panic_of};

#[derive(Deserialize, schemars::JsonSchema)]
struct Confirm {
    /// Go on?
    yes: bool,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Color {
    color: String,
}

/// Orders items.
#[tool]
async fn order(ctx: Context, quantity: u32) -> Result<String, CallError> {
    ctx.progress(1, 3, "looking").await;
    if quantity > 50 {
        let message = format!("{quantity} are many. Go on?");
        let sure: Confirm = ctx.elicit("big-order", message).await?;
        if !sure.yes {
            return Ok("nothing ordered".to_owned());
        }
    }
    ctx.progress(2, 3, "ordering").await;
    Ok(format!("{quantity} ordered"))
}

/// Paints a house.
#[tool]
async fn paint(ctx: Context) -> Result<String, CallError> {
    let (wall, roof) = join!(
        ctx.elicit::<Color>("wall", "Which color for the wall?"),
        ctx.elicit::<Color>("roof", "Which color for the roof?"),
    );
    let (wall, roof) = (wall?.color, roof?.color);
    ctx.elicit::<()>("sure", format!("{wall} and {roof}?"))
        .await?;
    Ok(format!("{wall} walls, a {roof} roof"))
}

/// Asks, and says what became of it.
#[tool]
async fn outcome(ctx: Context) -> String {
    match ctx.elicit::<Confirm>("sure", "Sure?").await {
        Ok(answer) if answer.yes => "yes".to_owned(),
        Ok(_) => "no".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// Connects an account.
#[tool]
async fn connect(ctx: Context) -> Result<String, AskError> {
    let url = "https://example.com/connect";
    ctx.elicit_url("connect", "Please sign in.", url).await?;
    Ok("connected".to_owned())
}

/// Makes a verse.
#[tool]
#[expect(deprecated, reason = "as long as there is sampling, it is tested")]
async fn verse(ctx: Context) -> Result<String, AskError> {
    let sample = ctx.sample("verse", Sampling::new("Make a verse.")).await?;
    Ok(format!("{} ({})", sample.text(), sample.model()))
}

/// Says where the client works.
#[tool]
#[expect(deprecated, reason = "as long as there are roots, they are tested")]
async fn places(ctx: Context) -> Result<String, AskError> {
    let roots = ctx.list_roots().await?;
    let uris: Vec<_> = roots.into_iter().map(|root| root.uri).collect();
    Ok(uris.join(" "))
}

/// Deletes a file.
#[tool]
fn delete(#[ask("Really delete {path}?")] sure: Confirm, path: String) -> String {
    format!("{path}: {}", sure.yes)
}

/// A secret.
#[resource("secret://one")]
async fn secret(ctx: Context) -> Result<String, AskError> {
    let sure: Confirm = ctx.elicit("read", "May it be read?").await?;
    Ok(format!("read: {}", sure.yes))
}

/// Reviews code.
#[prompt]
async fn review(ctx: Context) -> Result<String, AskError> {
    let color: Color = ctx.elicit("color", "Which color?").await?;
    Ok(format!("Review it in {}.", color.color))
}

fn server() -> Server {
    Server::new("warehouse", "1.0.0")
        .ask_timeout(Duration::from_secs(60))
        .add(handlers![
            order, paint, outcome, connect, verse, places, delete
        ])
        .add(handlers![secret, review])
}

fn keys(client: &TestClient) -> Vec<String> {
    client.questions().into_iter().map(|one| one.key).collect()
}

/// How many rounds a call has that asks this often.
fn rounds(client: &TestClient, asks: usize) -> usize {
    match client.protocol() {
        Protocol::V2026_07_28 => asks + 1,
        _ => 1,
    }
}

#[tokio::test]
async fn a_question_is_answered_by_its_key() {
    in_every_revision(server, async |client| {
        client.answer("big-order", json!({ "yes": true }));
        let result = client.call("order", json!({ "quantity": 60 })).await;
        assert_eq!(result.text(), "60 ordered");
        assert_eq!(result.rounds(), rounds(client, 1));
        let [question] = &client.questions()[..] else {
            panic!("one question");
        };
        assert_eq!(question.key, "big-order");
        assert_eq!(question.kind, QuestionKind::Form);
        assert_eq!(question.message, "60 are many. Go on?");
        assert_eq!(question.schema()["properties"]["yes"]["type"], "boolean");
        assert_eq!(question.url(), None);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_asks_nothing_has_one_round() {
    in_every_revision(server, async |client| {
        let result = client.call("order", json!({ "quantity": 6 })).await;
        assert_eq!((&*result.text(), result.rounds()), ("6 ordered", 1));
        assert!(client.questions().is_empty());
    })
    .await;
}

#[tokio::test]
async fn questions_that_are_asked_together_are_one_round() {
    in_every_revision(server, async |client| {
        client.answer("wall", json!({ "color": "white" }));
        client.answer("roof", json!({ "color": "red" }));
        client.answer("sure", ());
        let result = client.call("paint", ()).await;
        assert_eq!(result.text(), "white walls, a red roof");
        assert_eq!(result.rounds(), rounds(client, 2));
        let mut keys = keys(client);
        keys[..2].sort_unstable();
        assert_eq!(keys, ["roof", "wall", "sure"]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_holds_for_every_call() {
    in_every_revision(server, async |client| {
        client.answer("big-order", json!({ "yes": true }));
        for quantity in [60, 70, 80] {
            let result = client.call("order", json!({ "quantity": quantity })).await;
            assert_eq!(result.text(), format!("{quantity} ordered"));
        }
        client.answer("big-order", json!({ "yes": false }));
        let result = client.call("order", json!({ "quantity": 90 })).await;
        assert_eq!(result.text(), "nothing ordered");
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_followed_by_the_next_one() {
    in_every_revision(server, async |client| {
        client.answer("big-order", json!({ "yes": "perhaps" }));
        client.answer("big-order", json!({ "yes": true }));
        let result = client.call("order", json!({ "quantity": 60 })).await;
        assert_eq!(result.text(), "60 ordered");
        assert_eq!(keys(client), ["big-order", "big-order"]);
        assert_eq!(result.rounds(), rounds(client, 2));
    })
    .await;
}

#[tokio::test]
async fn a_user_may_decline_or_close_a_question() {
    in_every_revision(server, async |client| {
        client.decline("sure");
        assert_eq!(client.call("outcome", ()).await.text(), "Declined");
        client.dismiss("sure");
        assert_eq!(client.call("outcome", ()).await.text(), "Cancelled");
    })
    .await;
}

#[tokio::test]
async fn a_page_to_visit_is_answered_by_its_key() {
    for protocol in [Protocol::MODERN, Protocol::LEGACY] {
        let client = TestClient::connect_as(server(), protocol).await;
        client.answer("connect", ());
        assert_eq!(client.call("connect", ()).await.text(), "connected");
        let [question] = &client.questions()[..] else {
            panic!("one question");
        };
        assert_eq!(question.kind, QuestionKind::Url);
        assert_eq!(question.url(), Some("https://example.com/connect"));
        client.decline("connect");
        assert!(client.call("connect", ()).await.is_error());
    }
}

#[tokio::test]
async fn a_prompt_for_the_model_is_answered_by_its_key() {
    in_every_revision(server, async |client| {
        client.answer("verse", "Roses are red.");
        let verse = client.call("verse", ()).await.text();
        assert_eq!(verse, "Roses are red. (test-model)");
        let text = json!({ "type": "text", "text": "Violets." });
        client.answer("verse", json!({ "content": text, "model": "mine" }));
        let verse = client.call("verse", ()).await.text();
        assert_eq!(verse, "Violets. (mine)");
        assert_eq!(client.questions()[0].kind, QuestionKind::Sampling);
        assert_eq!(client.questions()[0].message, "Make a verse.");
    })
    .await;
}

#[tokio::test]
async fn the_folders_of_the_client_are_an_answer() {
    in_every_revision(server, async |client| {
        client.answer("roots", ["file:///a", "file:///b"]);
        let places = client.call("places", ()).await;
        assert_eq!(places.text(), "file:///a file:///b");
        assert_eq!(client.questions()[0].kind, QuestionKind::Roots);
    })
    .await;
}

#[tokio::test]
async fn a_session_may_refuse_what_is_no_question_to_the_user() {
    let client = TestClient::connect_as(server(), Protocol::LEGACY).await;
    client.decline("verse");
    assert!(client.call("verse", ()).await.is_error());
    let client = TestClient::connect(server()).await;
    client.decline("verse");
    let message = panic_of(client.call("verse", ())).await;
    assert!(
        message.starts_with("\"verse\" cannot be declined"),
        "{message}"
    );
}

#[tokio::test]
async fn a_parameter_asks_by_its_name() {
    in_every_revision(server, async |client| {
        client.answer("sure", json!({ "yes": true }));
        let deleted = client.call("delete", json!({ "path": "a.txt" })).await;
        assert_eq!(deleted.text(), "a.txt: true");
        assert_eq!(client.questions()[0].message, "Really delete a.txt?");
    })
    .await;
}

#[tokio::test]
async fn a_closure_answers_what_has_no_answer_of_its_own() {
    in_every_revision(server, async |client| {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        client.answer("roof", json!({ "color": "black" }));
        client.answer_with(move |question| {
            count.fetch_add(1, Ordering::Relaxed);
            match question.schema()["properties"].get("color") {
                Some(_) => Answer::accept(json!({ "color": question.key })),
                None => Answer::accept(()),
            }
        });
        let result = client.call("paint", ()).await;
        assert_eq!(result.text(), "wall walls, a black roof");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    })
    .await;
}

#[tokio::test]
async fn resources_and_prompts_ask_too() {
    in_every_revision(server, async |client| {
        client.answer("read", json!({ "yes": true }));
        client.answer("color", json!({ "color": "red" }));
        let secret = client.read("secret://one").await;
        assert_eq!(
            (secret.text(), secret.rounds()),
            ("read: true", rounds(client, 1))
        );
        let review = client.prompt("review", ()).await;
        assert_eq!(review.text(), "Review it in red.");
        assert_eq!(review.rounds(), rounds(client, 1));
    })
    .await;
}

#[tokio::test]
async fn a_question_that_was_not_foreseen_ends_the_test_and_says_what_to_add() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        let line = line!() + 1;
        let message = panic_of(client.call("order", json!({ "quantity": 60 }))).await;
        let (told, place) = message.split_once("\nasked for at ").expect("a place");
        assert!(
            place.starts_with(&format!("{}:{line}:", file!())),
            "{place}"
        );
        insta::allow_duplicates!(insta::assert_snapshot!(told, @r#"
        the server asked a question that the test has no answer to

        key: "big-order"
        kind: a form
        message: "60 are many. Go on?"
        schema: {
          "type": "object",
          "properties": {
            "yes": {
              "type": "boolean",
              "description": "Go on?"
            }
          },
          "required": [
            "yes"
          ]
        }

        add `client.answer("big-order", json!({"yes":true}))` before it is asked
        "#));
        // Everything else ends, too.
        let other = panic_of(client.call("order", json!({ "quantity": 6 }))).await;
        assert!(other.contains("that the test has no answer to"), "{other}");
        client.close().await;
    }
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_ends_the_test_at_its_end() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        let call = client.start("outcome", ()).await;
        client.next_question().await;
        drop(call);
        let here = Location::caller().file();
        let message = panic_of(client.close()).await;
        assert!(
            message.contains("client.answer(\"sure\", json!({\"yes\":true}))"),
            "{message}"
        );
        assert!(message.contains(here), "{message}");
    }
}

#[tokio::test]
async fn an_answer_that_panics_ends_the_test() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        client.answer_with(|question| panic!("{} is odd", question.key));
        let message = panic_of(client.call("outcome", ())).await;
        assert!(message.contains("sure is odd"), "{message}");
    }
}

#[tokio::test]
async fn the_progress_of_all_rounds_is_that_of_the_call() {
    in_every_revision(server, async |client| {
        client.answer("big-order", json!({ "yes": true }));
        let result = client.call("order", json!({ "quantity": 60 })).await;
        let expected: &[_] = match client.protocol() {
            Protocol::V2026_07_28 => &["looking", "looking", "ordering"],
            _ => &["looking", "ordering"],
        };
        assert_eq!(result.chunks(), expected);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_waits_for_an_answer_can_be_taken_back() {
    in_every_revision(server, async |client| {
        client.ignore("sure");
        let call = client.start("outcome", ()).await;
        let question = client.next_question().await;
        assert_eq!(question.key, "sure");
        call.cancel().await;
        client.answer("sure", json!({ "yes": true }));
        assert_eq!(client.call("outcome", ()).await.text(), "yes");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_session_waits_for_an_answer_as_long_as_the_server_says() {
    let client = TestClient::connect_as(server(), Protocol::LEGACY).await;
    client.ignore("sure");
    let begun = tokio::time::Instant::now();
    assert_eq!(client.call("outcome", ()).await.text(), "TimedOut");
    assert_eq!(begun.elapsed(), Duration::from_secs(60));
}

#[tokio::test]
async fn a_client_that_can_show_nothing_is_not_asked() {
    for protocol in Protocol::ALL {
        let options = TestClient::options().protocol(*protocol).capabilities(());
        let client = options.connect(server()).await;
        let text = client.call("outcome", ()).await.text();
        assert!(text.starts_with("Unavailable"), "{text}");
        assert!(client.questions().is_empty());
        let able = json!({ "elicitation": {} });
        let options = TestClient::options().protocol(*protocol).capabilities(able);
        let client = options.connect(server()).await;
        client.answer("sure", json!({ "yes": false }));
        assert_eq!(client.call("outcome", ()).await.text(), "no");
    }
}

#[tokio::test]
async fn a_raw_request_gets_the_questions_themselves() {
    let client = TestClient::connect(server()).await;
    let call = json!({ "name": "outcome", "arguments": {} });
    let result = client.request("tools/call", call).await.unwrap();
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"]["sure"]["method"],
        "elicitation/create"
    );
    assert!(client.questions().is_empty());
}

#[tokio::test]
async fn a_hostile_answer_goes_out_as_it_is() {
    in_every_revision(server, async |client| {
        let mut turn = 0;
        client.answer_with(move |_| {
            turn += 1;
            match turn {
                1 => Answer::raw(json!(7)),
                2 => Answer::raw(json!({ "action": "explode" })),
                _ => Answer::accept(json!({ "yes": true })),
            }
        });
        assert_eq!(client.call("outcome", ()).await.text(), "yes");
        assert_eq!(client.questions().len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_ask_side_by_side() {
    in_every_revision(server, async |client| {
        client.answer("big-order", json!({ "yes": true }));
        client.answer("wall", json!({ "color": "white" }));
        client.answer("roof", json!({ "color": "red" }));
        client.answer("sure", ());
        let (order, paint) = join!(
            client.call("order", json!({ "quantity": 60 })),
            client.call("paint", ()),
        );
        assert_eq!(order.text(), "60 ordered");
        assert_eq!(paint.text(), "white walls, a red roof");
        assert_eq!(
            (order.rounds(), paint.rounds()),
            (rounds(client, 1), rounds(client, 2))
        );
    })
    .await;
}
