//! Questions to the client, in both eras.

mod forms;
mod rounds;
mod sessions;

use std::sync::atomic::{AtomicU32, Ordering};

use mcp_runtime::{
    AskError, CallError, Context, PromptMessage, Server, State, handlers, prompt, resource,
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
    #[schemars(length(min = 1))]
    name: String,
}

/// How often handlers have begun.
#[derive(Default)]
struct Runs(AtomicU32);

impl Runs {
    fn count(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
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

/// Asks one question, and says how often it has run.
#[tool]
async fn ask(ctx: Context, runs: State<Runs>, topic: String) -> Result<String, CallError> {
    let run = runs.count();
    let answer: Name = ctx.elicit("name", format!("The name of {topic}?")).await?;
    Ok(format!("{} after {run}", answer.name))
}

/// Asks the same.
#[tool]
async fn ask_too(ctx: Context, topic: String) -> Result<String, CallError> {
    let answer: Name = ctx.elicit("name", format!("The name of {topic}?")).await?;
    Ok(answer.name)
}

/// Is called like a tool.
#[prompt(name = "ask")]
async fn ask_as_prompt(ctx: Context, topic: String) -> Result<PromptMessage, CallError> {
    let answer: Name = ctx.elicit("name", format!("The name of {topic}?")).await?;
    Ok(PromptMessage::user(answer.name))
}

/// Sends the user to a page.
#[tool]
async fn visit(ctx: Context) -> Result<String, CallError> {
    ctx.elicit_url("page", "Visit it.", "https://example.com/a")
        .await?;
    Ok("visited".to_owned())
}

/// Has the model of the client write something.
#[tool]
#[expect(deprecated, reason = "it works nevertheless")]
async fn sample(ctx: Context) -> Result<String, CallError> {
    Ok(ctx.sample("capital", "The capital?").await?.text())
}

/// Lists the folders of the user.
#[tool]
#[expect(deprecated, reason = "it works nevertheless")]
async fn roots(ctx: Context) -> Result<String, CallError> {
    let roots = ctx.list_roots().await?;
    Ok(roots.into_iter().map(|root| root.uri).collect())
}

/// A note about somebody.
#[resource("note://{id}")]
async fn note(ctx: Context, id: u32) -> Result<String, CallError> {
    let answer: Name = ctx.elicit("name", "Whose?").await?;
    Ok(format!("{id} of {}", answer.name))
}

/// A prompt about somebody.
#[prompt]
async fn about(ctx: Context) -> Result<PromptMessage, CallError> {
    let answer: Name = ctx.elicit("name", "Whom?").await?;
    Ok(PromptMessage::user(format!("about {}", answer.name)))
}

/// Goes on without an answer.
#[tool]
async fn try_ask(ctx: Context) -> String {
    match ctx.elicit::<Name>("name", "Who?").await {
        Ok(answer) => answer.name,
        Err(AskError::Declined) => "declined".to_owned(),
        Err(AskError::Cancelled) => "cancelled".to_owned(),
        Err(AskError::Unavailable { capability, .. }) => capability.to_owned(),
        Err(error) => error.to_string(),
    }
}

fn server() -> Server {
    Server::new("x", "1").state(Runs::default()).add(handlers![
        greet,
        ask,
        ask_too,
        ask_as_prompt,
        visit,
        sample,
        roots,
        note,
        about,
        try_ask
    ])
}

fn call(tool: &str, arguments: Value) -> Value {
    json!({ "name": tool, "arguments": arguments })
}

fn ada() -> Value {
    accept(json!({ "name": "Ada" }))
}

/// A question of each kind, the capability that it needs, and an answer to it.
fn kinds() -> [(&'static str, &'static str, Value, Value, &'static str); 4] {
    let written = json!({ "type": "text", "text": "Paris" });
    let sample = json!({ "role": "assistant", "model": "m", "content": written });
    let roots = json!({ "roots": [{ "uri": "file:///home" }] });
    let elicitation = |mode: &str| json!({ "elicitation": { mode: {} } });
    [
        ("try_ask", "name", elicitation("form"), ada(), "Ada"),
        (
            "visit",
            "page",
            elicitation("url"),
            accept(json!({})),
            "visited",
        ),
        (
            "sample",
            "capital",
            json!({ "sampling": {} }),
            sample,
            "Paris",
        ),
        (
            "roots",
            "roots",
            json!({ "roots": {} }),
            roots,
            "file:///home",
        ),
    ]
}

#[tokio::test]
async fn every_kind_of_question_works_in_both_eras() {
    for served in Loop::BOTH {
        for (tool, key, capabilities, answer, expected) in kinds() {
            let mut wire = Wire::new(server(), served);
            wire.capabilities = capabilities.clone();
            let call = call(tool, json!({}));
            let asked = wire.round(&call, &Round::default()).await;
            assert_eq!(keys(&asked), [key]);
            let round = Round::after(&asked).with(key, answer.clone());
            assert_eq!(text(&wire.round(&call, &round).await), expected);

            let mut wire = Wire::session(server(), served, capabilities).await;
            let id = wire.call(tool, json!({})).await;
            let question = wire.question().await;
            assert_eq!(question["params"]["_meta"]["mcp-runtime/key"], key);
            let of_round = &asked["result"]["inputRequests"][key];
            assert_eq!(question["method"], of_round["method"]);
            wire.answer(&question, answer).await;
            let answer = wire.receive().await;
            assert_eq!(answer["id"], id);
            assert_eq!(text(&answer), expected);
        }
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
    for (tool, _, required, _, _) in kinds() {
        if tool == "try_ask" {
            continue;
        }
        let mut wire = Wire::new(server(), Loop::Ours);
        wire.capabilities = json!({ "elicitation": {} });
        let refused = wire.round(&call(tool, json!({})), &Round::default()).await;
        assert_eq!(refused["error"]["code"], -32021, "{refused}");
        let told = &refused["error"]["data"]["requiredCapabilities"];
        assert_eq!(*told, required);

        let mut wire = Wire::session(server(), Loop::Ours, json!({})).await;
        let answer = wire.request("tools/call", call(tool, json!({}))).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(text(&answer).contains("cannot be asked"), "{answer}");
    }
}

#[tokio::test]
async fn a_form_needs_a_client_that_shows_forms() {
    let form = json!({ "elicitation": { "form": {} } });
    for (capabilities, can) in [
        (json!({ "elicitation": {} }), true),
        (json!({ "elicitation": { "form": {} } }), true),
        (json!({ "elicitation": { "url": {} } }), false),
        (json!({ "sampling": {}, "roots": {} }), false),
        (json!({}), false),
    ] {
        let mut wire = Wire::new(server(), Loop::Ours);
        wire.capabilities = capabilities;
        let answer = wire
            .round(&call("ask", json!({ "topic": "x" })), &Round::default())
            .await;
        if can {
            assert_eq!(keys(&answer), ["name"]);
        } else {
            assert_eq!(answer["error"]["code"], -32021, "{answer}");
            let told = &answer["error"]["data"]["requiredCapabilities"];
            assert_eq!(*told, form);
        }
        // What a handler catches is no error.
        let answer = wire
            .round(&call("try_ask", json!({})), &Round::default())
            .await;
        if !can {
            assert_eq!(text(&answer), "elicitation.form");
        }
    }
}

#[tokio::test]
async fn resources_and_prompts_ask_like_tools() {
    for served in Loop::BOTH {
        for (method, params, expected) in [
            ("resources/read", json!({ "uri": "note://7" }), "7 of Ada"),
            ("prompts/get", json!({ "name": "about" }), "about Ada"),
        ] {
            let mut wire = Wire::new(server(), served);
            let asked = wire.modern(method, params.clone()).await;
            assert_eq!(keys(&asked), ["name"]);
            let mut again = params.clone();
            again["requestState"] = asked["result"]["requestState"].clone();
            again["inputResponses"] = json!({ "name": ada() });
            let answer = wire.modern(method, again.clone()).await.to_string();
            assert!(answer.contains(expected), "{answer}");
            again["requestState"] = json!("");
            let refused = wire.modern(method, again).await;
            assert_eq!(refused["error"]["code"], -32602, "{refused}");
            wire.capabilities = json!({});
            let lacking = wire.modern(method, params.clone()).await;
            assert_eq!(lacking["error"]["code"], -32021, "{lacking}");

            let mut wire = Wire::session(server(), served, json!({ "elicitation": {} })).await;
            wire.start(method, params).await;
            let question = wire.question().await;
            wire.answer(&question, ada()).await;
            let answer = wire.receive().await.to_string();
            assert!(answer.contains(expected), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_user_may_decline_and_the_model_reads_it() {
    for (action, told, kind) in [
        ("decline", "the user declined to answer", "declined"),
        (
            "cancel",
            "the user put the question away without an answer",
            "cancelled",
        ),
    ] {
        let answer = json!({ "action": action });
        let mut wire = Wire::new(server(), Loop::Ours);
        let request = call("ask", json!({ "topic": "x" }));
        let asked = wire.round(&request, &Round::default()).await;
        let round = Round::after(&asked).with("name", answer.clone());
        let modern = wire.round(&request, &round).await;

        let mut wire = Wire::session(server(), Loop::Ours, json!({ "elicitation": {} })).await;
        wire.call("ask", json!({ "topic": "x" })).await;
        let question = wire.question().await;
        wire.answer(&question, answer).await;
        let legacy = wire.receive().await;
        for answer in [modern, legacy] {
            assert_eq!(answer["result"]["isError"], true, "{answer}");
            assert_eq!(text(&answer), told);
            let error = &answer["result"]["_meta"]["mcp-runtime/error"];
            assert_eq!(error["kind"], kind);
        }
    }
}

#[tokio::test]
async fn a_plain_function_cannot_ask() {
    assert_eq!(try_ask(Context::detached()).await, "elicitation.form");
}
