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
    arg1: String,
    /// The second argument.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
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
