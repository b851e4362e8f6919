//! `#[ask]`.

use mcp_runtime::{
    AskError, CallError, Context, Server, State, group, handlers, prompt, resource, tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Stock, connect, named, server,
    wire::{Loop, Round, Wire, accept, keys, text},
};

#[derive(Debug, Deserialize, JsonSchema)]
struct Sure {
    really: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Reason {
    /// In a few words.
    reason: String,
}

/// Deletes files.
#[tool]
async fn delete(
    ctx: Context,
    #[ask("Really delete {pattern} ({pattern:?}, {count:>width$})? {{no}}")] sure: Sure,
    #[arg(length(min = 2))] pattern: String,
    #[arg(default = 7)] count: u8,
    #[arg(rename = "columns", default = 3)] width: usize,
    #[ask("Why?")] r#why: Result<Reason, AskError>,
) -> Result<String, CallError> {
    let _ = (ctx, count, width);
    let why = why.map_or_else(|error| error.to_string(), |why| why.reason);
    Ok(format!("{pattern} {} {why}", sure.really))
}

/// Empties the stock.
#[tool]
fn empty(#[ask("Empty it?")] _consent: (), stock: State<Stock>) -> u32 {
    stock.0
}

/// A note.
#[resource("note://{id}")]
fn note(id: u64, #[ask("Show note {id}?")] sure: Sure) -> Option<String> {
    sure.really.then(|| format!("note {id}"))
}

/// Reviews code.
#[prompt]
async fn review(code: String, #[ask("How strictly?")] reason: Reason) -> String {
    format!("{code} {}", reason.reason)
}

struct Shop(&'static str);

#[group]
impl Shop {
    /// Closes the shop.
    #[tool]
    async fn close(&self, #[ask("Close at {at}?")] sure: Sure, at: u8) -> String {
        format!("{} closes at {at}: {}", self.0, sure.really)
    }

    /// Opens the shop.
    #[tool]
    fn open(&self, #[ask("Open?")] sure: Result<(), AskError>) -> Result<&'static str, CallError> {
        sure?;
        Ok(self.0)
    }

    /// Says where the shop is.
    #[tool]
    fn place(#[ask("Tell?")] sure: Sure) -> bool {
        sure.really
    }
}

#[group]
mod rooms {
    use mcp_runtime::tool;

    use super::Sure;

    /// Books a room.
    #[tool]
    pub(super) fn book(#[ask("Book?")] sure: Sure) -> bool {
        sure.really
    }
}

fn all() -> Server {
    server(handlers![delete, empty, note, review])
        .add(rooms::handlers())
        .add(Shop("the shop"))
}

/// The question of that key in an answer of 2026-07-28.
fn message<'a>(answer: &'a Value, key: &str) -> &'a Value {
    &answer["result"]["inputRequests"][key]["params"]["message"]
}

#[tokio::test]
async fn clients_do_not_see_what_the_user_is_asked() {
    let client = connect(handlers![delete, review, note]).await;
    let tools = client.tools().await;
    let schema = &named(&tools, "delete")["inputSchema"];
    let properties = schema["properties"].as_object().unwrap();
    let names: Vec<&String> = properties.keys().collect();
    assert_eq!(names, ["pattern", "count", "columns"]);
    assert_eq!(schema["required"], json!(["pattern"]));
    let prompts = client.prompts().await;
    let arguments = &named(&prompts, "review")["arguments"];
    assert_eq!(arguments.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_questions_are_one_round_with_the_arguments_in_their_text() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(all(), served);
        let call = json!({ "name": "delete", "arguments": { "pattern": "*.o" } });
        let asked = wire.round(&call, &Round::default()).await;
        assert_eq!(keys(&asked), ["sure", "why"]);
        let expected = r#"Really delete *.o ("*.o",   7)? {no}"#;
        assert_eq!(message(&asked, "sure"), expected);
        let form = &asked["result"]["inputRequests"]["why"]["params"]["requestedSchema"];
        assert_eq!(
            form["properties"]["reason"]["description"],
            "In a few words."
        );
        let round = Round::after(&asked)
            .with("sure", accept(json!({ "really": true })))
            .with("why", accept(json!({ "reason": "old" })));
        assert_eq!(text(&wire.round(&call, &round).await), "*.o true old");
    }
}

#[tokio::test]
async fn arguments_are_checked_before_anybody_is_asked() {
    let mut wire = Wire::new(all(), Loop::Ours);
    let call = json!({ "name": "delete", "arguments": { "pattern": "x" } });
    let refused = wire.round(&call, &Round::default()).await;
    assert_eq!(refused["result"]["isError"], true, "{refused}");
}

#[tokio::test]
async fn an_outcome_is_handed_over_and_a_missing_answer_ends_the_call() {
    let call = json!({ "name": "delete", "arguments": { "pattern": "*.o" } });
    let sure = || accept(json!({ "really": false }));
    let (decline, cancel) = (
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
    );
    for served in Loop::BOTH {
        let mut wire = Wire::new(all(), served);
        let asked = wire.round(&call, &Round::default()).await;
        let declined = AskError::Declined.to_string();
        let round = Round::after(&asked)
            .with("sure", sure())
            .with("why", decline.clone());
        let answer = wire.round(&call, &round).await;
        assert_eq!(text(&answer), format!("*.o false {declined}"));
        for (action, told) in [
            (&decline, &declined),
            (&cancel, &AskError::Cancelled.to_string()),
        ] {
            let round = Round::after(&asked)
                .with("sure", action.clone())
                .with("why", sure());
            let answer = wire.round(&call, &round).await;
            assert_eq!(answer["result"]["isError"], true, "{answer}");
            assert_eq!(text(&answer), told);
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_again() {
    let mut wire = Wire::new(all(), Loop::Ours);
    let call = json!({ "name": "book", "arguments": {} });
    let asked = wire.round(&call, &Round::default()).await;
    let round = Round::after(&asked).with("sure", accept(json!({ "really": "yes" })));
    let again = wire.round(&call, &round).await;
    assert_eq!(keys(&again), ["sure"]);
    let round = Round::after(&again).with("sure", accept(json!({ "really": true })));
    let answer = wire.round(&call, &round).await;
    assert_eq!(answer["result"]["structuredContent"], true);
}

#[tokio::test]
async fn a_client_that_cannot_be_asked_is_told_so() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(all(), served);
        wire.capabilities = json!({});
        let call = json!({ "name": "book", "arguments": {} });
        let refused = wire.round(&call, &Round::default()).await;
        assert_eq!(refused["error"]["code"], -32021, "{refused}");
        let call = json!({ "name": "open", "arguments": {} });
        let refused = wire.round(&call, &Round::default()).await;
        assert_eq!(refused["error"]["code"], -32021, "{refused}");
    }
}

#[tokio::test]
async fn functions_and_methods_of_all_kinds_ask() {
    let yes = || accept(json!({ "really": true }));
    for served in Loop::BOTH {
        let mut wire = Wire::new(all(), served);
        for (tool, arguments, key, answer, expected) in [
            ("empty", json!({}), "consent", accept(json!({})), "7"),
            (
                "close",
                json!({ "at": 9 }),
                "sure",
                yes(),
                "the shop closes at 9: true",
            ),
            ("open", json!({}), "sure", accept(json!({})), "the shop"),
            ("place", json!({}), "sure", yes(), "true"),
            ("book", json!({}), "sure", yes(), "true"),
        ] {
            let call = json!({ "name": tool, "arguments": arguments });
            let asked = wire.round(&call, &Round::default()).await;
            assert_eq!(keys(&asked), [key], "{tool}");
            let answer = wire
                .round(&call, &Round::after(&asked).with(key, answer))
                .await;
            assert_eq!(text(&answer), expected, "{tool}");
        }
    }
}

#[tokio::test]
async fn resources_and_prompts_ask() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(all(), served);
        let read = json!({ "uri": "note://7" });
        let asked = wire.modern("resources/read", read.clone()).await;
        assert_eq!(message(&asked, "sure"), "Show note 7?");
        let mut again = read;
        again["requestState"] = asked["result"]["requestState"].clone();
        again["inputResponses"] = json!({ "sure": accept(json!({ "really": true })) });
        let answer = wire.modern("resources/read", again).await;
        assert_eq!(answer["result"]["contents"][0]["text"], "note 7");
        let get = json!({ "name": "review", "arguments": { "code": "x" } });
        let asked = wire.modern("prompts/get", get.clone()).await;
        let mut again = get;
        again["requestState"] = asked["result"]["requestState"].clone();
        again["inputResponses"] = json!({ "reason": accept(json!({ "reason": "mild" })) });
        let answer = wire.modern("prompts/get", again).await;
        assert_eq!(answer["result"]["messages"][0]["content"]["text"], "x mild");
    }
}

#[tokio::test]
async fn a_session_is_asked_in_place_one_question_after_the_other() {
    for served in Loop::BOTH {
        let mut wire = Wire::session(all(), served, json!({ "elicitation": {} })).await;
        let id = wire.call("delete", json!({ "pattern": "*.o" })).await;
        let sure = wire.question().await;
        assert_eq!(sure["params"]["_meta"]["mcp-runtime/key"], "sure");
        wire.answer(&sure, accept(json!({ "really": true }))).await;
        let why = wire.question().await;
        assert_eq!(why["params"]["_meta"]["mcp-runtime/key"], "why");
        wire.answer(&why, json!({ "action": "cancel" })).await;
        let answer = wire.receive().await;
        assert_eq!(answer["id"], id);
        assert_eq!(text(&answer), format!("*.o true {}", AskError::Cancelled));
        let id = wire.call("close", json!({ "at": 9 })).await;
        let sure = wire.question().await;
        assert_eq!(sure["params"]["message"], "Close at 9?");
        wire.answer(&sure, json!({ "action": "decline" })).await;
        let answer = wire.receive().await;
        assert_eq!(
            (&answer["id"], &answer["result"]["isError"]),
            (&id, &json!(true))
        );
        assert_eq!(text(&answer), AskError::Declined.to_string());
    }
}

#[test]
fn they_are_still_functions() {
    assert!(rooms::book(Sure { really: true }));
    let shop = Shop("here");
    assert_eq!(shop.open(Ok(())).unwrap(), "here");
    assert!(shop.open(Err(AskError::Declined)).is_err());
}
