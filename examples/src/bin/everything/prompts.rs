//! Prompts: typed arguments, several messages, images and resources in them.

use mcp_runtime::{Content, Handlers, PromptMessage, ResourceContent, handlers, prompt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::PNG;

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_simple_prompt,
        test_prompt_with_arguments,
        test_prompt_with_embedded_resource,
        test_prompt_with_image,
        review,
    ]
}

/// A text.
#[prompt]
fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

/// A text with two arguments in it.
#[prompt]
fn test_prompt_with_arguments(
    /// The first argument.
    #[arg(complete = places)]
    arg1: String,
    /// The second argument.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

fn places() -> [&'static str; 3] {
    ["paris", "park", "party"]
}

/// A resource and what to do with it.
#[prompt]
fn test_prompt_with_embedded_resource(
    /// The URI of the resource.
    #[arg(rename = "resourceUri")]
    resource_uri: String,
) -> Vec<PromptMessage> {
    let resource = ResourceContent::text("Embedded resource content for testing.")
        .uri(resource_uri)
        .mime_type("text/plain");
    vec![
        PromptMessage::user(Content::resource(resource)),
        PromptMessage::user("Please process the embedded resource above."),
    ]
}

/// An image and what to do with it.
#[prompt]
fn test_prompt_with_image() -> Vec<PromptMessage> {
    vec![
        PromptMessage::user(Content::image(PNG, "image/png")),
        PromptMessage::user("Please analyze the image above."),
    ]
}

/// How much to say.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Style {
    Terse,
    Verbose,
}

/// Reviews code.
#[prompt]
fn review(
    /// The code to review.
    code: String,
    #[arg(default = Style::Terse)] style: Style,
) -> Vec<PromptMessage> {
    let manner = match style {
        Style::Terse => "I name the three worst problems, a line each.",
        Style::Verbose => "I explain every problem and show the better code.",
    };
    vec![
        PromptMessage::assistant(manner),
        PromptMessage::user(format!("Review this code:\n{code}")),
    ]
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Protocol, TestClient},
    };

    use crate::server;

    #[tokio::test]
    async fn prompts_are_rendered_with_their_arguments() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let simple = client.prompt("test_simple_prompt", ()).await;
            assert_eq!(simple.text(), "This is a simple prompt for testing.");
            let arguments = json!({ "arg1": "one", "arg2": "two" });
            let prompt = client.prompt("test_prompt_with_arguments", arguments).await;
            assert_eq!(
                prompt.text(),
                "Prompt with arguments: arg1='one', arg2='two'"
            );
            let review = client.prompt("review", json!({ "code": "x" })).await;
            assert_eq!(review.messages().len(), 2);
            let wrong = json!({ "code": "x", "style": "loud" });
            assert!(client.try_prompt("review", wrong).await.is_err());
        }
    }

    #[tokio::test]
    async fn prompts_hold_images_and_resources() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let image = client.prompt("test_prompt_with_image", ()).await;
            assert_eq!(image.messages()[0]["content"]["type"], "image");
            let uri = json!({ "resourceUri": "test://x" });
            let prompt = client
                .prompt("test_prompt_with_embedded_resource", uri)
                .await;
            assert_eq!(
                prompt.messages()[0]["content"]["resource"]["uri"],
                "test://x"
            );
        }
    }

    #[tokio::test]
    async fn arguments_are_completed_by_a_function_or_by_their_type() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let places = client
                .complete("test_prompt_with_arguments", "arg1", "par")
                .await;
            assert_eq!(places.values, ["paris", "park", "party"]);
            let styles = client.complete("review", "style", "v").await;
            assert_eq!(styles.values, ["verbose"]);
        }
    }
}
