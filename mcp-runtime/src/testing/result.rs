//! What a server answered, with expectations: one that fails ends the test and prints everything that was received.

use std::sync::OnceLock;

use data_encoding::BASE64;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::{
    Progress,
    capture::Told,
    error::{failure, problems},
    request::json,
};
use crate::Problem;

/// The result of a tool: [`TestClient::call`](super::TestClient::call).
#[derive(Clone, Debug)]
pub struct ToolResult {
    pub(super) received: Received,
    pub(super) progress: Vec<Progress>,
    /// Whether the revision wraps structured content that is not an object.
    pub(super) wraps: bool,
}

impl ToolResult {
    /// The structured content.
    ///
    /// Sessions before 2026-07-28 know objects only, and get anything else as `{"result": …}`. That is unwrapped here, if `T`
    /// cannot be read otherwise.
    ///
    /// # Panics
    ///
    /// If the tool failed, or if there is no structured content, or if it is not a `T`.
    #[track_caller]
    #[must_use]
    pub fn structured<T: DeserializeOwned>(&self) -> T {
        let Called { is_error, content } = self.called();
        if is_error {
            let text = self.received.text().unwrap_or_default();
            self.received.fail(&format!("with an error: {text}"));
        }
        let Some(content) = content else {
            self.received.fail("without structured content");
        };
        if let Ok(value) = serde_json::from_str(content.get()) {
            return value;
        }
        let wrapped = serde_json::from_str(content.get()).ok();
        if let Some(Wrapped { result }) = wrapped.filter(|_| self.wraps) {
            return result;
        }
        // Once more, from what has no lines and columns that an error could name.
        match T::deserialize(&self.received.json()["structuredContent"]) {
            Ok(value) => value,
            Err(error) => {
                let wanted = std::any::type_name::<T>();
                self.received.fail(&format!(
                    "with structured content that is no `{wanted}`: {error}"
                ))
            }
        }
    }

    /// What the model reads, a line for each text block; also if the tool failed.
    ///
    /// # Panics
    ///
    /// If there is no text.
    #[track_caller]
    #[must_use]
    pub fn text(&self) -> String {
        match self.received.text() {
            Some(text) => text,
            None => self.received.fail("without text"),
        }
    }

    /// The content blocks, as they went over the wire.
    #[must_use]
    pub fn contents(&self) -> &[Value] {
        self.received.list("content")
    }

    /// Whether the tool failed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.called().is_error
    }

    /// What the model is told about the failure.
    ///
    /// # Panics
    ///
    /// If the tool did not fail.
    #[track_caller]
    #[must_use]
    pub fn error(&self) -> String {
        if !self.is_error() {
            self.received.fail("without an error");
        }
        self.received.text().unwrap_or_default()
    }

    /// The kind of the failure for programs, such as `invalid_arguments`, `failed`, `timed_out` or `internal`; `None` if the
    /// tool did not fail.
    #[must_use]
    pub fn error_kind(&self) -> Option<&str> {
        failure(self.received.json())?.get("kind")?.as_str()
    }

    /// What is wrong with the arguments; nothing if they were not refused.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        failure(self.received.json())
            .map(problems)
            .unwrap_or_default()
    }

    /// What the server told about the call while it ran.
    #[must_use]
    pub fn progress(&self) -> &[Progress] {
        &self.progress
    }

    /// The text that the tool streamed while it ran: the messages of its progress.
    #[must_use]
    pub fn chunks(&self) -> Vec<&str> {
        let messages = self.progress.iter().map(|step| step.message.as_deref());
        messages.flatten().collect()
    }

    /// How often the client had to send the request: once, and once more for each round of questions that were the result
    /// of it. Questions in a session are asked in place, and need no further round.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.received.rounds
    }

    /// The whole result, as it went over the wire.
    #[must_use]
    pub fn raw(&self) -> &Value {
        self.received.json()
    }

    fn called(&self) -> Called<'_> {
        serde_json::from_str(self.received.text.get()).unwrap_or_default()
    }
}

/// The parts of the result of a tool that say how it ended.
#[derive(Default, Deserialize)]
struct Called<'a> {
    #[serde(default, rename = "isError")]
    is_error: bool,
    #[serde(borrow, rename = "structuredContent")]
    content: Option<&'a RawValue>,
}

/// Structured content that is not an object, as sessions get it.
#[derive(Deserialize)]
struct Wrapped<T> {
    result: T,
}

/// The content of a resource: [`TestClient::read`](super::TestClient::read).
#[derive(Clone, Debug)]
pub struct ReadResult {
    pub(super) received: Received,
}

impl ReadResult {
    /// The text.
    ///
    /// # Panics
    ///
    /// If there is not exactly one content, or if it is not text.
    #[track_caller]
    #[must_use]
    pub fn text(&self) -> &str {
        match self.only()["text"].as_str() {
            Some(text) => text,
            None => self.received.fail("without text"),
        }
    }

    /// The text, read as JSON.
    ///
    /// # Panics
    ///
    /// If there is not exactly one content, or if it is not the JSON of a `T`.
    #[track_caller]
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_str(self.text()) {
            Ok(value) => value,
            Err(error) => {
                let wanted = std::any::type_name::<T>();
                self.received.fail(&format!(
                    "with text that is no JSON of a `{wanted}`: {error}"
                ))
            }
        }
    }

    /// The bytes: those of the text, if it is text.
    ///
    /// # Panics
    ///
    /// If there is not exactly one content, or if it is neither text nor base64.
    #[track_caller]
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let content = self.only();
        if let Some(text) = content["text"].as_str() {
            return text.as_bytes().to_vec();
        }
        let Some(blob) = content["blob"].as_str() else {
            self.received.fail("with neither text nor bytes");
        };
        match BASE64.decode(blob.as_bytes()) {
            Ok(bytes) => bytes,
            Err(error) => self
                .received
                .fail(&format!("with bytes that are no base64: {error}")),
        }
    }

    /// The MIME type, if there is one.
    ///
    /// # Panics
    ///
    /// If there is not exactly one content.
    #[track_caller]
    #[must_use]
    pub fn mime_type(&self) -> Option<&str> {
        self.only()["mimeType"].as_str()
    }

    /// All contents, as they went over the wire.
    #[must_use]
    pub fn contents(&self) -> &[Value] {
        self.received.list("contents")
    }

    /// How often the client had to send the request: once, and once more for each round of questions that were the result
    /// of it. Questions in a session are asked in place, and need no further round.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.received.rounds
    }

    /// The whole result, as it went over the wire.
    #[must_use]
    pub fn raw(&self) -> &Value {
        self.received.json()
    }

    #[track_caller]
    fn only(&self) -> &Value {
        match self.contents() {
            [content] => content,
            contents => self
                .received
                .fail(&format!("with {} contents instead of one", contents.len())),
        }
    }
}

/// A rendered prompt: [`TestClient::prompt`](super::TestClient::prompt).
#[derive(Clone, Debug)]
pub struct PromptResult {
    pub(super) received: Received,
}

impl PromptResult {
    /// The texts of the messages with their roles, such as `("user", "Review this: …")`; of an embedded resource, its text.
    ///
    /// # Panics
    ///
    /// If a message has no text.
    #[track_caller]
    #[must_use]
    pub fn texts(&self) -> Vec<(&str, &str)> {
        let mut texts = Vec::new();
        for message in self.messages() {
            let content = &message["content"];
            let text = content["text"].as_str();
            let text = text.or_else(|| content["resource"]["text"].as_str());
            match (message["role"].as_str(), text) {
                (Some(role), Some(text)) => texts.push((role, text)),
                _ => self.received.fail("with a message without text"),
            }
        }
        texts
    }

    /// The text of the only message.
    ///
    /// # Panics
    ///
    /// If there is not exactly one message, or if it is not text.
    #[track_caller]
    #[must_use]
    pub fn text(&self) -> &str {
        match self.texts()[..] {
            [(_, text)] => text,
            ref texts => self
                .received
                .fail(&format!("with {} messages instead of one", texts.len())),
        }
    }

    /// The messages, as they went over the wire.
    #[must_use]
    pub fn messages(&self) -> &[Value] {
        self.received.list("messages")
    }

    /// What the prompt is for, if the server says so.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.received.json()["description"].as_str()
    }

    /// How often the client had to send the request: once, and once more for each round of questions that were the result
    /// of it. Questions in a session are asked in place, and need no further round.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.received.rounds
    }

    /// The whole result, as it went over the wire.
    #[must_use]
    pub fn raw(&self) -> &Value {
        self.received.json()
    }
}

/// A result, who sent it, and what was said meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Received {
    from: String,
    text: Box<RawValue>,
    /// The same, read when it is looked at.
    json: OnceLock<Value>,
    /// How often it was asked for.
    rounds: usize,
    /// What was said while it was made.
    told: Told,
}

impl Received {
    pub(super) fn new(from: String, text: Box<RawValue>, rounds: usize, told: Told) -> Self {
        Self {
            from,
            text,
            json: OnceLock::new(),
            rounds,
            told,
        }
    }

    pub(super) fn json(&self) -> &Value {
        self.json.get_or_init(|| json(&self.text))
    }

    pub(super) fn into_json(self) -> Value {
        json(&self.text)
    }

    /// The texts of the content blocks.
    fn text(&self) -> Option<String> {
        let blocks = self.list("content").iter();
        let texts: Vec<_> = blocks.filter_map(|block| block["text"].as_str()).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    fn list(&self, key: &str) -> &[Value] {
        self.json()[key].as_array().map_or(&[], Vec::as_slice)
    }

    /// Ends the test: the result is not what it expects.
    #[track_caller]
    pub(super) fn fail(&self, how: &str) -> ! {
        let (from, told, json) = (&self.from, &self.told, self.json());
        panic!("{from} answered {how}\n\nit answered: {json:#}{told}")
    }
}
