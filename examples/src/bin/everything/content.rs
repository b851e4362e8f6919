//! What a tool may return: text, images, audio, resources, several of them, an error.

use std::time::Duration;

use mcp_runtime::{
    CallError, Content, Contents, Context, Handlers, ResourceContent, handlers, serde_json::json,
    tool,
};

pub(crate) const PNG: &[u8] = include_bytes!("logo.png");
const WAV: &[u8] = include_bytes!("beep.wav");

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_error_handling,
        test_reconnection,
        echo,
        big,
        stdout,
    ]
}

/// Answers with a text.
#[tool(read_only)]
fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Answers with an image.
#[tool(read_only)]
fn test_image_content() -> Content {
    Content::image(PNG, "image/png")
}

/// Answers with a sound.
#[tool(read_only)]
fn test_audio_content() -> Content {
    Content::audio(WAV, "audio/wav")
}

/// Answers with a resource.
#[tool(read_only)]
fn test_embedded_resource() -> Content {
    Content::resource(
        ResourceContent::text("This is an embedded resource content.")
            .uri("test://embedded-resource")
            .mime_type("text/plain"),
    )
}

/// Answers with a text, an image and a resource.
#[tool(read_only)]
fn test_multiple_content_types() -> Contents {
    let json = json!({ "test": "data", "value": 123 }).to_string();
    let resource = ResourceContent::text(json)
        .uri("test://mixed-content-resource")
        .mime_type("application/json");
    Contents::from_iter([
        Content::text("Multiple content types test:"),
        Content::image(PNG, "image/png"),
        Content::resource(resource),
    ])
}

/// Answers with an error.
#[tool(read_only)]
fn test_error_handling() -> Result<(), CallError> {
    Err(CallError::new(
        "This tool intentionally returns an error for testing",
    ))
}

/// Has the client come back for the answer, where it can.
#[tool(read_only)]
async fn test_reconnection(ctx: Context) -> &'static str {
    ctx.close_stream();
    tokio::time::sleep(Duration::from_millis(100)).await;
    "Reconnection test completed successfully"
}

/// Answers with what it was given.
#[tool(read_only)]
fn echo(payload: String) -> String {
    payload
}

/// Answers with a text of some length.
#[tool(read_only)]
fn big(bytes: usize) -> String {
    "x".repeat(bytes)
}

/// Prints a line, which does not get in the way of the protocol.
#[tool]
fn stdout(line: String) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::Value,
        testing::{Protocol, TestClient},
    };

    use super::*;
    use crate::server;

    #[tokio::test]
    async fn every_kind_of_content_comes_as_it_was_made() {
        let (png, wav) = ("iVBORw0KGgo", "UklGR");
        let begins =
            |value: &Value, start| value.as_str().is_some_and(|text| text.starts_with(start));
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let image = client.call("test_image_content", ()).await;
            assert_eq!(image.contents()[0]["mimeType"], "image/png");
            assert!(begins(&image.contents()[0]["data"], png));
            let audio = client.call("test_audio_content", ()).await;
            assert_eq!(audio.contents()[0]["mimeType"], "audio/wav");
            assert!(begins(&audio.contents()[0]["data"], wav));
            let resource = client.call("test_embedded_resource", ()).await;
            let expected = json!({
                "uri": "test://embedded-resource",
                "mimeType": "text/plain",
                "text": "This is an embedded resource content.",
            });
            assert_eq!(resource.contents()[0]["resource"], expected);
            let several = client.call("test_multiple_content_types", ()).await;
            let kinds: Vec<&Value> = several.contents().iter().map(|one| &one["type"]).collect();
            assert_eq!(kinds, ["text", "image", "resource"]);
        }
    }

    #[tokio::test]
    async fn a_failure_is_a_result_that_says_why() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let failure = client.call("test_error_handling", ()).await;
            let text = "This tool intentionally returns an error for testing";
            assert_eq!(failure.error(), text);
        }
    }

    #[tokio::test]
    async fn the_first_tool_needs_no_arguments() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            assert_eq!(client.tools().await[0]["name"], "test_simple_text");
            let text = client.call("test_simple_text", ()).await.text();
            assert_eq!(text, "This is a simple text response for testing.");
        }
    }
}
