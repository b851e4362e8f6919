//! Requests that are refused before a handler is asked: what the client is told.

use rmcp::model::{
    CallToolResult, ContentBlock, ErrorCode, ErrorData, ProtocolVersion, Reference,
    ResourceContents,
};
use serde_json::{Value, json};

use crate::{CallError, Service, compat, guard::View, hub::MAX_URIS};

/// The longest part of a client's own text that is repeated to it, in characters.
const SHOWN: usize = 60;

/// A tool that is not served.
pub(crate) fn unknown_tool(name: &str, view: &View<'_, '_>) -> ErrorData {
    unknown("tool", name, view.closest_tool(name))
}

/// A prompt that is not served.
pub(crate) fn unknown_prompt(name: &str, view: &View<'_, '_>) -> ErrorData {
    unknown("prompt", name, view.closest_prompt(name))
}

/// A URI that no resource and no template has.
pub(crate) fn unknown_resource(
    uri: &str,
    view: &View<'_, '_>,
    version: &ProtocolVersion,
) -> ErrorData {
    let (text, data) = sentence("resource", "uri", uri, view.closest_resource(uri));
    compat::resource_not_found(version, text, data)
}

/// A prompt or a template that is not served, as what an argument belongs to.
pub(crate) fn unknown_reference(reference: &Reference, view: &View<'_, '_>) -> ErrorData {
    match reference {
        Reference::Prompt(prompt) => {
            unknown("prompt", &prompt.name, view.closest_prompt(&prompt.name))
        }
        Reference::Resource(template) => {
            let uri = &template.uri;
            let (text, data) = sentence("template", "uri", uri, view.closest_template(uri));
            ErrorData::invalid_params(text, Some(data))
        }
        _ => params("completion/complete", "`ref` is of an unknown kind"),
    }
}

/// An argument that a prompt or a template does not have.
pub(crate) fn unknown_argument(name: &str, closest: Option<&str>) -> ErrorData {
    unknown("argument", name, closest)
}

/// A method that is not served.
pub(crate) fn method(method: &str) -> ErrorData {
    let message = format!("this server does not serve the method `{}`", shown(method));
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)
}

/// A known method whose parameters do not have its shape.
pub(crate) fn params(method: &str, problem: &str) -> ErrorData {
    ErrorData::invalid_params(
        format!("invalid parameters for `{method}`: {problem}"),
        None,
    )
}

/// A cursor that this server did not issue for this list.
pub(crate) fn cursor(method: &str) -> ErrorData {
    let message = format!("this cursor was not issued for `{method}`: leave it out to start again");
    ErrorData::invalid_params(message, None)
}

/// A sealed state that cannot be taken back, whatever the reason is.
pub(crate) fn state() -> ErrorData {
    let message = "this `requestState` was not given out for this request, or not lately: leave it out to start again";
    ErrorData::invalid_params(message, None)
}

/// A client that wants to hear of more resources than it may.
pub(crate) fn too_many_uris() -> ErrorData {
    let problem = format!("at most {MAX_URIS} resources can be subscribed to");
    ErrorData::invalid_params(problem, None)
}

impl Service {
    /// The error for a request that cannot be read: -32602 if its method is served, -32601 if not.
    pub(crate) fn refuse(&self, name: &str) -> ErrorData {
        if self.serves(name) {
            params(name, "they do not have the shape that the protocol defines")
        } else {
            method(name)
        }
    }

    /// The error for something that is not there, or for a method of which there is nothing at all.
    pub(crate) fn absent(&self, name: &str, absent: ErrorData) -> ErrorData {
        if self.serves(name) {
            absent
        } else {
            method(name)
        }
    }

    /// Whether a method with parameters of its own is served.
    pub(crate) fn serves(&self, method: &str) -> bool {
        if matches!(method, "initialize" | "server/discover" | "ping") {
            return true;
        }
        let registry = self.registry();
        let dynamic = self.parts().live.is_dynamic();
        match method {
            "tools/call" | "tools/list" => dynamic || registry.has_tools(),
            "resources/read" | "resources/list" | "resources/templates/list" => {
                dynamic || registry.has_resources()
            }
            "prompts/get" | "prompts/list" => dynamic || registry.has_prompts(),
            "completion/complete" => registry.completes(),
            "subscriptions/listen" | "resources/subscribe" | "resources/unsubscribe" => dynamic,
            "logging/setLevel" => self.parts().settings.client_logging,
            _ => false,
        }
    }
}

fn unknown(kind: &str, name: &str, closest: Option<&str>) -> ErrorData {
    let (text, data) = sentence(kind, kind, name, closest);
    ErrorData::invalid_params(text, Some(data))
}

fn sentence(kind: &str, key: &str, name: &str, closest: Option<&str>) -> (String, Value) {
    let name = shown(name);
    let mut text = format!("Unknown {kind} `{name}`.");
    if let Some(closest) = closest {
        text.extend([" Did you mean `", closest, "`?"]);
    }
    let suggestions: Vec<&str> = closest.into_iter().collect();
    (text, json!({ key: name, "suggestions": suggestions }))
}

/// A client's own text, cut and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(visible).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(character: char) -> impl Iterator<Item = char> {
    let escaped = character.is_control().then(|| character.escape_default());
    let plain = (!character.is_control()).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

/// The error of a tool whose result is too large.
pub(crate) fn too_large(limit: usize) -> CallError {
    CallError::new(format!(
        "the result is larger than {limit} bytes: ask for less"
    ))
}

/// The size of what a result holds, in bytes: its texts, its encoded data and its structured content.
pub(crate) fn size(result: &CallToolResult) -> usize {
    size_of(&result.content)
}

/// The size of what blocks hold, in bytes.
pub(crate) fn size_of(blocks: &[ContentBlock]) -> usize {
    let blocks = blocks.iter().map(|block| match block {
        ContentBlock::Text(text) => text.text.len(),
        ContentBlock::Image(image) => image.data.len(),
        ContentBlock::Audio(audio) => audio.data.len(),
        ContentBlock::Resource(resource) => match &resource.resource {
            ResourceContents::TextResourceContents { text, .. } => text.len(),
            ResourceContents::BlobResourceContents { blob, .. } => blob.len(),
            _ => 0,
        },
        _ => 0,
    });
    blocks.sum()
}
