//! `#[prompt]`.

use mcp_runtime::{Context, PromptMessage, handlers, prompt};
use serde_json::json;

use crate::{connect, named};

const fn styles() -> [&'static str; 2] {
    ["plain", "verbose"]
}

/// Reviews code.
#[prompt(
    name = "code.review",
    title = "Code review",
    icons("https://example.com/a.png"),
    meta("example.com/a" = 1),
    tags("t"),
    timeout = "1h"
)]
async fn review(
    _ctx: Context,
    /// The code.
    code: String,
    #[arg(default = 3)] findings: u8,
    #[arg(complete = styles, description = "The style.")] style: Option<String>,
) -> Vec<PromptMessage> {
    let style = style.unwrap_or_default();
    vec![PromptMessage::user(format!(
        "{findings} findings in {code} {style}"
    ))]
}

#[tokio::test]
async fn every_option_reaches_the_client() {
    let client = connect(handlers![review]).await;
    let prompts = client.prompts().await;
    let prompt = named(&prompts, "code.review");
    assert_eq!(prompt["title"], "Code review");
    assert_eq!(prompt["description"], "Reviews code.");
    assert_eq!(prompt["icons"][0]["src"], "https://example.com/a.png");
    assert_eq!(prompt["_meta"]["example.com/a"], 1);
    let arguments = prompt["arguments"].as_array().unwrap();
    let names: Vec<_> = arguments
        .iter()
        .map(|argument| argument["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["code", "findings", "style"]);
    assert_eq!(arguments[0]["description"], "The code.");
    assert_eq!(arguments[0]["required"], true);
    assert_ne!(arguments[1]["required"], true);
}

#[tokio::test]
async fn arguments_are_read_from_strings() {
    let client = connect(handlers![review]).await;
    let rendered = client
        .prompt("code.review", json!({ "code": "x", "findings": "5" }))
        .await;
    assert_eq!(rendered.text(), "5 findings in x ");
}

#[tokio::test]
async fn an_argument_completes_by_its_function() {
    let client = connect(handlers![review]).await;
    let completed = client
        .peer()
        .complete_prompt_simple("code.review", "style", "ver")
        .await;
    assert_eq!(completed.unwrap(), ["verbose"]);
}
