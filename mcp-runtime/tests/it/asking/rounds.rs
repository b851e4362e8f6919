//! Questions since 2026-07-28: the call is made again.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_runtime::{
    AskError, CallError, Context, Principal, Server, State, handlers,
    serde_json::{Value, json},
    tool,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{Name, Runs, ada, call, server};
use crate::wire::{Loop, Round, Wire, accept, keys, text};

const TOPIC: &str = "x";

fn ask() -> Value {
    call("ask", json!({ "topic": TOPIC }))
}

/// The text of an error for the model.
#[track_caller]
fn failed(answer: &Value) -> &str {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    text(answer)
}

#[tokio::test]
async fn questions_made_together_are_one_round() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(server(), served);
        let call = call("greet", json!({ "greeting": "hi" }));
        let one = wire.round(&call, &Round::default()).await;
        assert_eq!(keys(&one), ["first", "last"]);
        let round = Round::after(&one)
            .with("first", ada())
            .with("last", accept(json!({ "name": "L" })));
        let two = wire.round(&call, &round).await;
        assert_eq!(keys(&two), ["sure"]);
        assert_ne!(one["result"]["requestState"], two["result"]["requestState"]);
        let round = Round::after(&two).with("sure", accept(json!({})));
        assert_eq!(text(&wire.round(&call, &round).await), "hi, Ada L");
    }
}

#[tokio::test]
async fn a_question_that_is_left_open_is_asked_again_alone() {
    let mut wire = Wire::new(server(), Loop::Ours);
    let call = call("greet", json!({ "greeting": "hi" }));
    let one = wire.round(&call, &Round::default()).await;
    let two = wire
        .round(&call, &Round::after(&one).with("last", ada()))
        .await;
    assert_eq!(keys(&two), ["first"]);
}

#[tokio::test]
async fn what_the_client_is_asked_is_what_the_protocol_says() {
    let mut wire = Wire::new(server(), Loop::Ours);
    let asked = wire.round(&ask(), &Round::default()).await;
    let result = asked["result"].as_object().unwrap();
    let fields: Vec<_> = result.keys().map(String::as_str).collect();
    let expected = ["resultType", "inputRequests", "requestState", "_meta"];
    assert_eq!(fields, expected);
    let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(server["name"], "x");
    let form = json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": "The name of x?",
            "requestedSchema": {
                "type": "object",
                "properties": { "name": { "type": "string", "minLength": 1 } },
                "required": ["name"],
            },
        },
    });
    assert_eq!(result["inputRequests"]["name"], form);
    let asked = wire
        .round(&call("visit", json!({})), &Round::default())
        .await;
    let page = json!({
        "method": "elicitation/create",
        "params": { "mode": "url", "message": "Visit it.", "url": "https://example.com/a" },
    });
    assert_eq!(asked["result"]["inputRequests"]["page"], page);
    let asked = wire
        .round(&call("roots", json!({})), &Round::default())
        .await;
    let roots = &asked["result"]["inputRequests"]["roots"];
    assert_eq!(*roots, json!({ "method": "roots/list" }));
}

#[tokio::test]
async fn a_state_is_good_for_the_same_request_only() {
    let key = [7; 32];
    let principal = |name: &str| {
        server()
            .request_state_key(key)
            .principal(Principal::new(name))
    };
    let mut wire = Wire::new(principal("ada"), Loop::Ours);
    let asked = wire.round(&ask(), &Round::default()).await;
    let good = Round::after(&asked).with("name", ada());
    let state = asked["result"]["requestState"].as_str().unwrap();
    let mut flipped = state.to_owned();
    let last = if flipped.pop() == Some('A') { 'E' } else { 'A' };
    flipped.push(last);
    let with = |state: &str| Round {
        state: Some(json!(state)),
        ..good.clone()
    };
    let mut refusals = Vec::new();
    for state in [
        &flipped,
        "",
        &state[..state.len() - 4],
        &format!("{state}-TAMPERED"),
        &"A".repeat(1 << 20),
    ] {
        refusals.push(wire.round(&ask(), &with(state)).await);
    }
    let other = call("ask", json!({ "topic": "y" }));
    refusals.push(wire.round(&other, &good).await);
    let other = call("ask_too", json!({ "topic": TOPIC }));
    refusals.push(wire.round(&other, &good).await);
    let mut prompt = ask();
    prompt["requestState"] = json!(state);
    refusals.push(wire.modern("prompts/get", prompt).await);
    let mut bob = Wire::new(principal("bob"), Loop::Ours);
    refusals.push(bob.round(&ask(), &good).await);
    let elsewhere = Principal::new("ada").with_issuer("https://other.test");
    let elsewhere = server().request_state_key(key).principal(elsewhere);
    refusals.push(Wire::new(elsewhere, Loop::Ours).round(&ask(), &good).await);
    let nobody = server().request_state_key(key);
    refusals.push(Wire::new(nobody, Loop::Ours).round(&ask(), &good).await);
    let rekeyed = principal("ada").request_state_key([8; 32]);
    let mut same = Wire::new(rekeyed, Loop::Ours);
    let other_key = server()
        .request_state_key([8; 32])
        .principal(Principal::new("ada"));
    refusals.push(Wire::new(other_key, Loop::Ours).round(&ask(), &good).await);
    for refused in &refusals {
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        assert_eq!(refused["error"]["message"], refusals[0]["error"]["message"]);
    }
    // None of them has run the handler.
    assert_eq!(text(&wire.round(&ask(), &good).await), "Ada after 2");
    // And a state can be taken up by another process with the same key.
    assert_eq!(text(&same.round(&ask(), &good).await), "Ada after 1");
}

#[tokio::test]
async fn a_key_can_be_replaced_without_a_break() {
    let mut old = Wire::new(server().request_state_key([1; 32]), Loop::Ours);
    let asked = old.round(&ask(), &Round::default()).await;
    let good = Round::after(&asked).with("name", ada());
    let rotated = server()
        .request_state_key([2; 32])
        .request_state_key([1; 32]);
    let mut rotated = Wire::new(rotated, Loop::Ours);
    assert_eq!(text(&rotated.round(&ask(), &good).await), "Ada after 1");
    // What it seals itself, it seals with the new key.
    let asked = rotated.round(&ask(), &Round::default()).await;
    let newer = Round::after(&asked).with("name", ada());
    let refused = old.round(&ask(), &newer).await;
    assert_eq!(refused["error"]["code"], -32602);
}

#[tokio::test]
async fn the_order_of_arguments_makes_no_difference() {
    /// Adds with a question.
    #[tool]
    async fn add(ctx: Context, a: i64, b: i64) -> Result<i64, AskError> {
        ctx.elicit::<()>("sure", "Sure?").await?;
        Ok(a + b)
    }
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![add]), Loop::Ours);
    let asked = wire
        .round(&call("add", json!({ "a": 1, "b": 2 })), &Round::default())
        .await;
    let round = Round::after(&asked).with("sure", accept(json!({})));
    let answer = wire
        .round(&call("add", json!({ "b": 2.0, "a": 1 })), &round)
        .await;
    assert_eq!(text(&answer), "3");
}

#[tokio::test]
async fn what_is_no_answer_is_asked_again() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(server(), served);
        let mut asked = wire.round(&ask(), &Round::default()).await;
        for junk in [
            json!(12345),
            json!(null),
            json!({}),
            json!({ "action": "hack", "content": { "name": "Ada" } }),
            json!({ "action": "accept" }),
            accept(json!({ "name": "" })),
            accept(json!({ "name": 7 })),
            accept(json!("Ada")),
        ] {
            let round = Round::after(&asked).with("name", junk.clone());
            asked = wire.round(&ask(), &round).await;
            assert_eq!(keys(&asked), ["name"], "{junk}");
        }
        let round = Round::after(&asked).with("name", ada());
        assert_eq!(text(&wire.round(&ask(), &round).await), "Ada after 10");
    }
}

#[tokio::test]
async fn answers_without_a_state_are_taken_and_other_keys_ignored() {
    let mut wire = Wire::new(server(), Loop::Ours);
    let answer = wire
        .round(&ask(), &Round::default().with("name", ada()))
        .await;
    assert_eq!(text(&answer), "Ada after 1");
    let asked = wire
        .round(&ask(), &Round::default().with("other", ada()))
        .await;
    assert_eq!(keys(&asked), ["name"]);
    let round = Round::after(&asked)
        .with("name", ada())
        .with("other", ada());
    assert_eq!(text(&wire.round(&ask(), &round).await), "Ada after 3");
    let mut params = ask();
    params["inputResponses"] = json!(null);
    assert_eq!(keys(&wire.modern("tools/call", params).await), ["name"]);
}

#[tokio::test]
async fn an_answer_to_a_question_that_was_not_asked_is_none() {
    let mut wire = Wire::new(server(), Loop::Ours);
    let call = call("greet", json!({ "greeting": "hi" }));
    let one = wire.round(&call, &Round::default()).await;
    // `sure` is asked in the next round only.
    let round = Round::after(&one)
        .with("first", ada())
        .with("last", ada())
        .with("sure", accept(json!({})));
    assert_eq!(keys(&wire.round(&call, &round).await), ["sure"]);
}

#[tokio::test]
async fn an_answer_that_was_accepted_stays() {
    let mut wire = Wire::new(server(), Loop::Ours);
    let call = call("greet", json!({ "greeting": "hi" }));
    let one = wire.round(&call, &Round::default()).await;
    let round = Round::after(&one).with("first", ada()).with("last", ada());
    let two = wire.round(&call, &round).await;
    let round = Round::after(&two)
        .with("first", accept(json!({ "name": "Eve" })))
        .with("sure", accept(json!({})));
    assert_eq!(text(&wire.round(&call, &round).await), "hi, Ada Ada");
}

/// Asks with words that change from run to run.
#[tool]
async fn fickle(ctx: Context, runs: State<Runs>) -> Result<String, CallError> {
    let run = runs.count().min(2);
    let answer: Name = ctx.elicit("name", format!("Question {run}?")).await?;
    Ok(answer.name)
}

#[tokio::test]
async fn an_answer_to_another_message_is_none() {
    let server = Server::new("x", "1")
        .state(Runs::default())
        .add(handlers![fickle]);
    let mut wire = Wire::new(server, Loop::Ours);
    let fickle = call("fickle", json!({}));
    let one = wire.round(&fickle, &Round::default()).await;
    let two = wire
        .round(&fickle, &Round::after(&one).with("name", ada()))
        .await;
    let message = &two["result"]["inputRequests"]["name"]["params"]["message"];
    assert_eq!(*message, "Question 2?");
    let round = Round::after(&two).with("name", ada());
    assert_eq!(text(&wire.round(&fickle, &round).await), "Ada");
}

/// Asks with words that change after the answer was taken.
#[tool]
async fn moody(ctx: Context, runs: State<Runs>) -> Result<String, CallError> {
    let mood = runs.count() > 2;
    let answer: Name = ctx.elicit("name", format!("Mood {mood}?")).await?;
    ctx.elicit::<()>("sure", "Sure?").await?;
    Ok(answer.name)
}

#[tokio::test]
async fn an_answer_that_was_taken_is_none_to_another_message_either() {
    let server = Server::new("x", "1")
        .state(Runs::default())
        .add(handlers![moody]);
    let mut wire = Wire::new(server, Loop::Ours);
    let moody = call("moody", json!({}));
    let one = wire.round(&moody, &Round::default()).await;
    let two = wire
        .round(&moody, &Round::after(&one).with("name", ada()))
        .await;
    assert_eq!(keys(&two), ["sure"]);
    let round = Round::after(&two).with("sure", accept(json!({})));
    let three = wire.round(&moody, &round).await;
    assert_eq!(keys(&three), ["name"]);
}

/// Charges once, however often it asks.
#[tool]
async fn order(ctx: Context, runs: State<Runs>) -> Result<String, CallError> {
    let before = ctx.idempotency_key();
    let receipt = ctx
        .once("charge", async {
            // Nested, and not ready at once.
            sleep(Duration::from_millis(1)).await;
            ctx.once("count", async { runs.count() }).await
        })
        .await;
    let mut keys = vec![before];
    for round in 0..3 {
        ctx.elicit::<()>(format!("round {round}"), "Go on?").await?;
        keys.push(ctx.idempotency_key());
    }
    keys.dedup();
    let runs = runs.count();
    Ok(format!("{receipt} {runs} {}", keys.join(" ")))
}

#[tokio::test(start_paused = true)]
async fn once_is_once_over_all_rounds() {
    let server = || {
        let server = Server::new("x", "1").state(Runs::default());
        server.add(handlers![order])
    };
    let mut wire = Wire::new(server(), Loop::Ours);
    let order = call("order", json!({}));
    let mut asked = wire.round(&order, &Round::default()).await;
    for key in ["round 0", "round 1", "round 2"] {
        assert_eq!(keys(&asked), [key]);
        let round = Round::after(&asked).with(key, accept(json!({})));
        asked = wire.round(&order, &round).await;
    }
    let told: Vec<_> = text(&asked).split(' ').collect();
    assert_eq!(told.len(), 3, "one key in all rounds: {told:?}");
    assert_eq!(told[..2], ["1", "2"]);

    let mut wire = Wire::session(server(), Loop::Ours, json!({ "elicitation": {} })).await;
    wire.call("order", json!({})).await;
    for _ in 0..3 {
        let question = wire.question().await;
        wire.answer(&question, accept(json!({}))).await;
    }
    let other: Vec<_> = text(&wire.receive().await)
        .split(' ')
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(other.len(), 3);
    assert_eq!(other[..2], ["1", "2"]);
    assert_ne!(told[2], other[2]);
}

/// Fails the first time.
#[tool]
async fn stubborn(ctx: Context, runs: State<Runs>) -> Result<u32, CallError> {
    let tried = ctx
        .try_once("try", async {
            match runs.count() {
                1 => Err(()),
                run => Ok(run),
            }
        })
        .await;
    ctx.elicit::<()>(format!("{tried:?}"), "Go on?").await?;
    tried.map_err(|()| CallError::new("not yet"))
}

#[tokio::test]
async fn what_fails_is_tried_again() {
    let server = Server::new("x", "1")
        .state(Runs::default())
        .add(handlers![stubborn]);
    let mut wire = Wire::new(server, Loop::Ours);
    let stubborn = call("stubborn", json!({}));
    let one = wire.round(&stubborn, &Round::default()).await;
    assert_eq!(keys(&one), ["Err(())"]);
    let two = wire.round(&stubborn, &Round::after(&one)).await;
    assert_eq!(keys(&two), ["Ok(2)"]);
    let round = Round::after(&two).with("Ok(2)", accept(json!({})));
    assert_eq!(text(&wire.round(&stubborn, &round).await), "2");
}

/// Charges while it asks.
#[tool]
async fn both(ctx: Context, runs: State<Runs>) -> Result<u32, CallError> {
    let charge = ctx.once("charge", async {
        let run = runs.count();
        sleep(Duration::from_secs(1)).await;
        run
    });
    let (charged, asked) = tokio::join!(charge, ctx.elicit::<()>("sure", "Sure?"));
    asked?;
    Ok(charged)
}

#[tokio::test(start_paused = true)]
async fn what_has_begun_is_finished_before_the_handler_is_dropped() {
    let server = Server::new("x", "1")
        .state(Runs::default())
        .add(handlers![both]);
    let mut wire = Wire::new(server, Loop::Ours);
    let both = call("both", json!({}));
    let asked = wire.round(&both, &Round::default()).await;
    let round = Round::after(&asked).with("sure", accept(json!({})));
    assert_eq!(text(&wire.round(&both, &round).await), "1");
}

/// Charges in another task while it asks.
#[tool]
async fn apart(ctx: Context, runs: State<Runs>) -> Result<u32, CallError> {
    let inner = ctx.clone();
    let charge = async move {
        let charge = async {
            let run = runs.count();
            sleep(Duration::from_secs(1)).await;
            run
        };
        inner.once("charge", charge).await
    };
    let charged = tokio::spawn(charge);
    tokio::task::yield_now().await;
    ctx.elicit::<()>("sure", "Sure?").await?;
    Ok(charged.await?)
}

#[tokio::test(start_paused = true)]
async fn what_has_begun_in_another_task_is_finished_too_and_no_later() {
    let server = Server::new("x", "1")
        .state(Runs::default())
        .add(handlers![apart]);
    let mut wire = Wire::new(server, Loop::Ours);
    let apart = call("apart", json!({}));
    let begun = Instant::now();
    let asked = wire.round(&apart, &Round::default()).await;
    assert_eq!(begun.elapsed().as_secs(), 1);
    let round = Round::after(&asked).with("sure", accept(json!({})));
    assert_eq!(text(&wire.round(&apart, &round).await), "1");
}

/// Asks where it must not.
#[tool]
async fn within(ctx: Context) -> Result<(), CallError> {
    ctx.try_once("x", ctx.elicit::<()>("sure", "Sure?")).await?;
    Ok(())
}

/// Asks two things under one key.
#[tool]
async fn twice(ctx: Context) -> Result<(), CallError> {
    let one = ctx.elicit::<()>("key", "One?");
    let other = ctx.elicit::<()>("key", "Other?");
    tokio::try_join!(one, other)?;
    Ok(())
}

/// A page that is none.
#[tool]
async fn no_page(ctx: Context) -> Result<(), AskError> {
    ctx.elicit_url("page", "Visit it.", "javascript:alert(1)")
        .await
}

#[tokio::test]
async fn a_mistake_of_the_author_is_no_ones_business() {
    let server = || Server::new("x", "1").add(handlers![within, twice, no_page]);
    for tool in ["within", "twice", "no_page"] {
        let mut wire = Wire::new(server(), Loop::Ours);
        let modern = wire.round(&call(tool, json!({})), &Round::default()).await;
        assert!(failed(&modern).contains("internal error"), "{modern}");
        let mut wire = Wire::session(server(), Loop::Ours, crate::wire::capabilities()).await;
        let legacy = wire.request("tools/call", call(tool, json!({}))).await;
        assert!(failed(&legacy).contains("internal error"), "{legacy}");
    }
}

/// The same question from two places.
#[tool]
async fn same(ctx: Context) -> Result<(), AskError> {
    let ask = || ctx.elicit::<()>("sure", "Sure?");
    let dropped = ask();
    let (one, other) = (ask(), ask());
    drop(dropped);
    tokio::try_join!(one, other)?;
    ask().await
}

#[tokio::test]
async fn the_same_question_is_asked_once() {
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![same]), Loop::Ours);
    let same = call("same", json!({}));
    let asked = wire.round(&same, &Round::default()).await;
    assert_eq!(keys(&asked), ["sure"]);
    let round = Round::after(&asked).with("sure", accept(json!({})));
    assert_eq!(wire.round(&same, &round).await["result"]["isError"], false);
}

/// Does not wait for what it asks.
#[tool]
async fn impatient(ctx: Context) -> String {
    let dropped = ctx.elicit::<()>("dropped", "Sure?");
    drop(dropped);
    tokio::task::yield_now().await;
    let _unused = ctx.elicit::<()>("unused", "Sure?");
    "done".to_owned()
}

#[tokio::test]
async fn a_handler_that_does_not_wait_is_done() {
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![impatient]), Loop::Ours);
    let answer = wire
        .round(&call("impatient", json!({})), &Round::default())
        .await;
    assert_eq!(text(&answer), "done");
}

/// Asks in another task.
#[tool]
async fn spawns(ctx: Context) -> Result<String, CallError> {
    let asked = tokio::spawn(async move {
        sleep(Duration::from_millis(1)).await;
        ctx.elicit::<Name>("name", "Who?").await
    });
    Ok(asked.await??.name)
}

#[tokio::test(start_paused = true)]
async fn a_question_of_another_task_is_asked() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(Server::new("x", "1").add(handlers![spawns]), served);
        let spawns = call("spawns", json!({}));
        let begun = Instant::now();
        let asked = wire.round(&spawns, &Round::default()).await;
        assert_eq!(begun.elapsed().as_secs(), 0);
        let round = Round::after(&asked).with("name", ada());
        assert_eq!(text(&wire.round(&spawns, &round).await), "Ada");
    }
}

type Left = Arc<Mutex<Option<oneshot::Sender<Vec<AskError>>>>>;

/// Leaves tasks behind that ask: one waits when the call ends, one begins then.
#[tool]
async fn leaves(ctx: Context, left: State<Left>) -> Result<(), CallError> {
    let left = left.lock().unwrap().take().unwrap();
    let other = ctx.clone();
    tokio::spawn(async move {
        let waiting = other.elicit::<()>("sure", "Sure?").await.unwrap_err();
        let late = other.elicit::<()>("late", "Sure?").await.unwrap_err();
        left.send(vec![waiting, late]).unwrap();
    });
    ctx.elicit::<()>("name", "Who?").await?;
    Ok(())
}

#[tokio::test]
async fn who_asks_after_the_end_learns_that_it_has_ended() {
    let (sender, left) = oneshot::channel();
    let state: Left = Arc::new(Mutex::new(Some(sender)));
    let server = Server::new("x", "1").state(state).add(handlers![leaves]);
    let mut wire = Wire::new(server, Loop::Ours);
    let asked = wire
        .round(&call("leaves", json!({})), &Round::default())
        .await;
    assert!(keys(&asked).contains(&"name"));
    assert_eq!(left.await.unwrap(), [AskError::Ended, AskError::Ended]);
}

/// Asks so many questions at once, or so many after each other, of some size.
#[tool]
async fn insists(ctx: Context, at_once: u32, rounds: u32, bytes: usize) -> Result<(), CallError> {
    ctx.once("large", async { "x".repeat(bytes) }).await;
    let asks: Vec<_> = (0..at_once)
        .map(|at| ctx.elicit::<Name>(format!("at once {at}"), "More?"))
        .collect();
    for ask in asks {
        ask.await?;
    }
    for round in 0..rounds {
        ctx.elicit::<()>(format!("round {round}"), "More?").await?;
    }
    Ok(())
}

fn insists_on(at_once: u32, rounds: u32, bytes: usize) -> Value {
    call(
        "insists",
        json!({ "at_once": at_once, "rounds": rounds, "bytes": bytes }),
    )
}

#[tokio::test]
async fn limits_are_told_in_words() {
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![insists]), Loop::Ours);
    let eight = wire.round(&insists_on(8, 0, 0), &Round::default()).await;
    assert_eq!(keys(&eight).len(), 8);
    let nine = wire.round(&insists_on(9, 0, 0), &Round::default()).await;
    assert!(failed(&nine).contains("more than 8 questions"), "{nine}");
    let small = wire
        .round(&insists_on(1, 0, 20_000), &Round::default())
        .await;
    assert_eq!(keys(&small).len(), 1);
    let large = wire
        .round(&insists_on(1, 0, 30_000), &Round::default())
        .await;
    assert!(failed(&large).contains("32768 bytes"), "{large}");
}

#[tokio::test]
async fn rounds_come_to_an_end() {
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![insists]), Loop::Ours);
    let call = insists_on(1, 0, 0);
    let mut asked = wire.round(&call, &Round::default()).await;
    for _ in 1..16 {
        let junk = Round::after(&asked).with("at once 0", json!(null));
        asked = wire.round(&call, &junk).await;
    }
    let junk = Round::after(&asked).with("at once 0", json!(null));
    let ended = wire.round(&call, &junk).await;
    assert!(failed(&ended).contains("16 times"), "{ended}");
    let good = Round::after(&asked).with("at once 0", accept(json!({ "name": "x" })));
    let done = wire.round(&call, &good).await;
    assert_eq!(done["result"]["isError"], false, "{done}");
}

#[derive(Debug)]
struct Wrapped(AskError);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("secret words")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Wraps the error of its question.
#[tool]
async fn wraps(ctx: Context) -> Result<(), Wrapped> {
    ctx.elicit::<()>("sure", "Sure?").await.map_err(Wrapped)
}

#[tokio::test]
async fn the_reason_is_told_also_if_an_error_of_the_author_wraps_it() {
    let mut wire = Wire::new(Server::new("x", "1").add(handlers![wraps]), Loop::Ours);
    let declined = Round::default().with("sure", json!({ "action": "decline" }));
    let answer = wire.round(&call("wraps", json!({})), &declined).await;
    assert_eq!(failed(&answer), "the user declined to answer");
    wire.capabilities = json!({});
    let lacking = wire
        .round(&call("wraps", json!({})), &Round::default())
        .await;
    assert_eq!(lacking["error"]["code"], -32021, "{lacking}");
}
