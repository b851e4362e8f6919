//! Questions before 2026-07-28: the handler waits.

use std::time::Duration;

use mcp_runtime::{CallError, Context, Server, State, handlers, serde_json::json, tool};
use tokio::time::{Instant, sleep};

use super::{Name, Runs, ada, server};
use crate::wire::{Loop, Wire, accept, text};

async fn session(server: Server, by: Loop) -> Wire {
    Wire::session(
        server,
        by,
        json!({ "elicitation": { "form": {}, "url": {} } }),
    )
    .await
}

#[tokio::test]
async fn a_handler_waits_for_each_answer_and_runs_once() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        let id = wire.call("greet", json!({ "greeting": "hi" })).await;
        for (key, content) in [
            ("first", json!({ "name": "Ada" })),
            ("last", json!({ "name": "L" })),
            ("sure", json!({})),
        ] {
            let question = wire.question().await;
            assert_eq!(question["method"], "elicitation/create");
            assert_eq!(question["params"]["_meta"]["mcp-runtime/key"], key);
            wire.answer(&question, accept(content)).await;
        }
        let answer = wire.receive().await;
        assert_eq!(answer["id"], id);
        assert_eq!(text(&answer), "hi, Ada L");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_asked_again() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        wire.call("ask", json!({ "topic": "x" })).await;
        for junk in [
            json!({}),
            json!({ "action": "hack" }),
            accept(json!({ "name": "" })),
            accept(json!({ "other": 1 })),
        ] {
            let question = wire.question().await;
            wire.answer(&question, junk).await;
        }
        let question = wire.question().await;
        wire.answer(&question, ada()).await;
        assert_eq!(text(&wire.receive().await), "Ada after 1");
    }
}

#[tokio::test]
async fn nobody_is_asked_for_ever() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        wire.call("ask", json!({ "topic": "x" })).await;
        for _ in 0..16 {
            let question = wire.question().await;
            wire.answer(&question, json!({ "action": "hack" })).await;
        }
        let answer = wire.receive().await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(text(&answer).contains("none of the answers"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_may_answer_with_an_error() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        wire.call("ask", json!({ "topic": "x" })).await;
        let question = wire.question().await;
        let error = json!({ "code": -1, "message": "the user\u{7} is away" });
        wire.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "error": error }))
            .await;
        let answer = wire.receive().await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(text(&answer).contains("the user\\u{7} is away"), "{answer}");
    }
}

#[tokio::test]
async fn a_page_has_an_id_of_its_own() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            wire.call("visit", json!({})).await;
            let question = wire.question().await;
            let params = &question["params"];
            assert_eq!(params["mode"], "url");
            assert_eq!(params["url"], "https://example.com/a");
            ids.push(params["elicitationId"].as_str().unwrap().to_owned());
            wire.answer(&question, json!({ "action": "accept" })).await;
            assert_eq!(text(&wire.receive().await), "visited");
        }
        assert_ne!(ids[0], ids[1]);
        assert_ne!(ids[0], "");
    }
}

#[tokio::test]
async fn a_call_that_is_taken_back_says_nothing_more() {
    for served in Loop::BOTH {
        let mut wire = session(server(), served).await;
        let id = wire.call("ask", json!({ "topic": "x" })).await;
        let question = wire.question().await;
        wire.send(&json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": id },
        }))
        .await;
        wire.is_silent().await;
        // Its answer, and one to a question that was never asked, are too late.
        wire.answer(&question, ada()).await;
        wire.answer(&json!({ "id": 12345 }), ada()).await;
        wire.is_silent().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_answers_is_told_that_nobody_waits() {
    for served in Loop::BOTH {
        let server = server().ask_timeout(Duration::from_secs(60));
        let mut wire = session(server, served).await;
        let begun = Instant::now();
        wire.call("ask", json!({ "topic": "x" })).await;
        let question = wire.question().await;
        let cancelled = wire.receive().await;
        assert_eq!(
            cancelled["method"], "notifications/cancelled",
            "{cancelled}"
        );
        assert_eq!(cancelled["params"]["requestId"], question["id"]);
        let answer = wire.receive().await;
        assert!(text(&answer).contains("in time"), "{answer}");
        assert_eq!(begun.elapsed().as_secs(), 60);
        wire.answer(&question, ada()).await;
        wire.is_silent().await;
    }
}

/// Waits for a second beside a question, and then for five more.
#[tool]
async fn races(ctx: Context) -> &'static str {
    let won = tokio::select! {
        _ = ctx.elicit::<()>("sure", "Sure?") => "answered",
        () = sleep(Duration::from_secs(1)) => "not answered",
    };
    sleep(Duration::from_secs(5)).await;
    won
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_dropped_is_taken_back() {
    for served in Loop::BOTH {
        let mut wire = session(Server::new("x", "1").add(handlers![races]), served).await;
        let begun = Instant::now();
        wire.call("races", json!({})).await;
        let question = wire.question().await;
        let cancelled = wire.receive().await;
        assert_eq!(
            cancelled["method"], "notifications/cancelled",
            "{cancelled}"
        );
        assert_eq!(cancelled["params"]["requestId"], question["id"]);
        assert_eq!(begun.elapsed().as_secs(), 1);
        assert_eq!(text(&wire.receive().await), "not answered");
    }
}

/// Asks, and then works for so many seconds. It has two seconds in all.
#[tool(timeout = "2s")]
async fn works(ctx: Context, before: u64, after: u64) -> Result<String, CallError> {
    let at_first = ctx.deadline();
    sleep(Duration::from_secs(before)).await;
    let answer: Name = ctx.elicit("name", "Who?").await?;
    let moved = ctx.deadline().zip(at_first).map(|(now, then)| now - then);
    sleep(Duration::from_secs(after)).await;
    Ok(format!("{} {:?}", answer.name, moved.unwrap_or_default()))
}

#[tokio::test(start_paused = true)]
async fn the_deadline_stands_still_while_a_question_is_open() {
    for served in Loop::BOTH {
        let mut wire = session(Server::new("x", "1").add(handlers![works]), served).await;
        for (before, after, in_time) in [(0, 1, true), (1, 0, true), (1, 2, false), (0, 3, false)] {
            wire.call("works", json!({ "before": before, "after": after }))
                .await;
            let question = wire.question().await;
            sleep(Duration::from_secs(100)).await;
            let answered = Instant::now();
            wire.answer(&question, ada()).await;
            let answer = wire.receive().await;
            let took = answered.elapsed().as_secs();
            if in_time {
                assert_eq!(text(&answer), "Ada 100s");
                assert_eq!(took, after);
            } else {
                assert!(text(&answer).contains("no answer within 2s"), "{answer}");
                // What was left of the two seconds.
                assert_eq!(took, 2 - before);
            }
        }
    }
}

/// Asks many things at once.
#[tool]
async fn many(ctx: Context, runs: State<Runs>) -> Result<String, CallError> {
    let asks = (0..20).map(|at| ctx.elicit::<Name>(format!("{at}"), "Who?"));
    let mut names = Vec::new();
    let tasks: Vec<_> = asks.map(tokio::spawn).collect();
    for task in tasks {
        names.push(task.await??.name);
    }
    names.dedup();
    Ok(format!("{} {}", names.concat(), runs.count()))
}

#[tokio::test]
async fn answers_may_come_in_any_order() {
    for served in Loop::BOTH {
        let server = Server::new("x", "1").state(Runs::default());
        let mut wire = session(server.add(handlers![many]), served).await;
        wire.call("many", json!({})).await;
        let mut questions = Vec::new();
        for _ in 0..20 {
            questions.push(wire.question().await);
        }
        let mut ids: Vec<_> = questions
            .iter()
            .map(|question| question["id"].to_string())
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20);
        for question in questions.iter().rev() {
            wire.answer(question, ada()).await;
        }
        assert_eq!(text(&wire.receive().await), "Ada 1");
    }
}

#[tokio::test]
async fn a_session_knows_nothing_of_rounds() {
    let mut wire = session(server(), Loop::Ours).await;
    let mut params = super::call("ask", json!({ "topic": "x" }));
    params["requestState"] = json!("nonsense");
    params["inputResponses"] = json!({ "name": ada() });
    wire.start("tools/call", params).await;
    let question = wire.question().await;
    wire.answer(&question, ada()).await;
    assert_eq!(text(&wire.receive().await), "Ada after 1");
}
