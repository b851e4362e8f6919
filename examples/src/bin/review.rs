//! Prompts: typed arguments, several messages, an embedded resource.

use mcp_runtime::{Content, PromptMessage, ResourceContent, Server, handlers, prompt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much to say.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Style {
    Terse,
    Verbose,
}

/// Reviews code.
#[prompt(title = "Code review")]
async fn review(
    /// The code to review.
    code: String,
    /// How much to say.
    #[arg(default = Style::Terse)]
    style: Style,
) -> Vec<PromptMessage> {
    let manner = match style {
        Style::Terse => "I name the three worst problems, a line each.",
        Style::Verbose => "I explain every problem and show the better code.",
    };
    vec![
        PromptMessage::assistant(manner),
        PromptMessage::user(Content::resource(
            ResourceContent::text(code).uri("code://to-review"),
        )),
    ]
}

/// Writes a commit message for a change.
#[prompt]
fn commit_message(
    /// The change, as a diff.
    diff: String,
    /// The longest line, in characters.
    #[arg(range(min = 40, max = 120))]
    width: Option<u8>,
) -> String {
    let width = width.unwrap_or(72);
    format!(
        "Write a commit message for this change, with lines of at most {width} characters:\n\n{diff}"
    )
}

fn server() -> Server {
    Server::new("review", env!("CARGO_PKG_VERSION")).add(handlers![review, commit_message])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_review_is_terse_unless_asked_otherwise() {
        let client = TestClient::connect(server()).await;
        let terse = client.prompt("review", json!({ "code": "x" })).await;
        let verbose = client
            .prompt("review", json!({ "code": "x", "style": "verbose" }))
            .await;
        let code = ("user", "x");
        let terse_manner = "I name the three worst problems, a line each.";
        let verbose_manner = "I explain every problem and show the better code.";
        assert_eq!(terse.texts(), [("assistant", terse_manner), code]);
        assert_eq!(verbose.texts(), [("assistant", verbose_manner), code]);
    }

    #[tokio::test]
    async fn numbers_arrive_as_text_and_are_checked() {
        let client = TestClient::connect(server()).await;
        let prompt = client
            .prompt("commit_message", json!({ "diff": "+x", "width": "50" }))
            .await;
        assert!(prompt.text().contains("at most 50"), "{}", prompt.text());
        let refusal = client
            .try_prompt("commit_message", json!({ "diff": "+x", "width": "7" }))
            .await
            .unwrap_err();
        assert!(
            refusal.message.contains("an integer from 40 to 120"),
            "{}",
            refusal.message
        );
    }
}
