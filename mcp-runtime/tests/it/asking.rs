//! Questions to the client, in both eras.

use mcp_runtime::{
    AskError, CallError, Context, Server, handlers,
    schemars::JsonSchema,
    serde::Deserialize,
    serde_json::{Value, json},
    tool,
};

use crate::wire::{Loop, Round, Wire, accept, keys, text};

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde")]
#[schemars(crate = "mcp_runtime::schemars")]
struct Name {
    name: String,
}

/// Greets by two names.
#[tool]
async fn greet(ctx: Context, greeting: String) -> Result<String, CallError> {
    let first = ctx.elicit::<Name>("first", "The first name?");
    let last = ctx.elicit::<Name>("last", "The last name?");
    let (first, last) = (first.await?.name, last.await?.name);
    ctx.elicit::<()>("sure", format!("Greet {first} {last}?"))
        .await?;
    Ok(format!("{greeting}, {first} {last}"))
}

fn server() -> Server {
    Server::new("x", "1").add(handlers![greet])
}

#[tokio::test]
async fn questions_made_together_are_one_round() {
    for served in Loop::BOTH {
        let mut wire = Wire::new(server(), served);
        let call = json!({ "name": "greet", "arguments": { "greeting": "hi" } });
        let one = wire.round(&call, &Round::default()).await;
        assert_eq!(keys(&one), ["first", "last"]);
        let round = Round::after(&one)
            .with("first", accept(json!({ "name": "Ada" })))
            .with("last", accept(json!({ "name": "L" })));
        let two = wire.round(&call, &round).await;
        assert_eq!(keys(&two), ["sure"]);
        let round = Round::after(&two).with("sure", accept(json!({})));
        let three = wire.round(&call, &round).await;
        assert_eq!(text(&three), "hi, Ada L");
    }
}

#[tokio::test]
async fn a_session_is_asked_in_place() {
    for served in [Loop::Rmcp] {
        let mut wire = Wire::session(server(), served, json!({ "elicitation": {} })).await;
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
