//! Whatever a prompt may return.

use mcp_runtime::{CallError, Content, PromptMessage, Server, handlers, prompt};

/// Text.
#[prompt]
fn text() -> String {
    String::new()
}

/// Text that is always the same.
#[prompt]
fn fixed() -> &'static str {
    ""
}

/// A message.
#[prompt]
async fn message() -> PromptMessage {
    PromptMessage::assistant(Content::text("hello"))
}

/// Messages.
#[prompt]
fn messages() -> Vec<PromptMessage> {
    vec![PromptMessage::user("hello")]
}

/// Messages, or an error.
#[prompt]
async fn failing() -> Result<Vec<PromptMessage>, CallError> {
    Err(CallError::new("no"))
}

#[test]
fn all_of_them_are_accepted() {
    let list = handlers![text, fixed, message, messages, failing];
    let built = Server::new("results", "1.0.0").add(list).build();
    assert!(built.is_ok(), "{built:?}");
}
