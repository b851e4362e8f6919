//! [`Sampling`]: what the model of a client is to write, and [`Sample`], what it wrote.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// How much the model may write, unless the handler says otherwise, in tokens.
const MAX_TOKENS: u32 = 1024;

/// What the model of the client is to write.
///
/// ```
/// use mcp_runtime::Sampling;
///
/// let sampling = Sampling::new("What is the capital of France?").system("Answer in one word.").max_tokens(10);
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Context::sample`"]
pub struct Sampling {
    messages: Vec<Value>,
    max_tokens: u32,
    options: Map<String, Value>,
}

impl Sampling {
    /// The answer to a message of the user, of at most 1024 tokens.
    pub fn new(prompt: impl Into<String>) -> Self {
        let sampling = Self {
            messages: Vec::new(),
            max_tokens: MAX_TOKENS,
            options: Map::new(),
        };
        sampling.user(prompt)
    }

    /// Adds a message of the user.
    pub fn user(self, text: impl Into<String>) -> Self {
        self.message("user", &text.into())
    }

    /// Adds a message of the model.
    pub fn assistant(self, text: impl Into<String>) -> Self {
        self.message("assistant", &text.into())
    }

    /// How much the model may write, in tokens.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }

    /// The system prompt. The client may change it or leave it out.
    pub fn system(self, prompt: impl Into<String>) -> Self {
        self.option("systemPrompt", prompt.into())
    }

    /// How freely the model chooses its words.
    pub fn temperature(self, temperature: f64) -> Self {
        self.option("temperature", temperature)
    }

    /// Texts that end what the model writes.
    pub fn stop_sequences(self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts = texts.into_iter().map(Into::into);
        self.option("stopSequences", texts.collect::<Vec<String>>())
    }

    /// Names of models to take, the most wanted first. A part of a name will do, and the client may take another one.
    pub fn models(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let hint = |name: String| json!({ "name": name });
        let hints: Vec<Value> = names.into_iter().map(Into::into).map(hint).collect();
        self.option("modelPreferences", json!({ "hints": hints }))
    }

    /// The parameters of the request.
    pub(super) fn params(&self) -> Value {
        let mut params = self.options.clone();
        params.insert("messages".into(), self.messages.clone().into());
        params.insert("maxTokens".into(), self.max_tokens.into());
        params.into()
    }

    fn message(mut self, role: &str, text: &str) -> Self {
        let content = json!({ "type": "text", "text": text });
        self.messages
            .push(json!({ "role": role, "content": content }));
        self
    }

    fn option(mut self, name: &str, value: impl Serialize) -> Self {
        // Texts, lists of them and numbers all have a JSON form.
        self.options.insert(name.into(), json!(value));
        self
    }
}

impl From<&str> for Sampling {
    fn from(prompt: &str) -> Self {
        Self::new(prompt)
    }
}

impl From<String> for Sampling {
    fn from(prompt: String) -> Self {
        Self::new(prompt)
    }
}

/// What the model of the client wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    content: Vec<Value>,
    model: String,
    stop_reason: Option<String>,
}

impl Sample {
    /// The text; that of several blocks is joined.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self
            .content
            .iter()
            .filter_map(|block| block["text"].as_str());
        texts.collect()
    }

    /// The blocks of content, as the protocol has them.
    #[must_use]
    pub fn content(&self) -> &[Value] {
        &self.content
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Why the model stopped, if the client tells, such as `endTurn` or `maxTokens`.
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        self.stop_reason.as_deref()
    }

    /// The sample of an answer.
    pub(super) fn read(answer: &Value) -> Option<Self> {
        let text = |name: &str| {
            answer
                .get(name)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        let content = match answer.get("content")? {
            Value::Array(blocks) => blocks.clone(),
            block => vec![block.clone()],
        };
        let is_block = |block: &Value| block.get("type").is_some_and(Value::is_string);
        if text("role")? != "assistant" || !content.iter().all(is_block) {
            return None;
        }
        Some(Self {
            content,
            model: text("model")?,
            stop_reason: text("stopReason"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_the_author_said() {
        let sampling = Sampling::new("one")
            .assistant("two")
            .user("three")
            .system("briefly")
            .temperature(0.5)
            .stop_sequences(["."])
            .models(["claude"])
            .max_tokens(9);
        let text = |role: &str, text: &str| json!({ "role": role, "content": { "type": "text", "text": text } });
        let expected = json!({
            "messages": [text("user", "one"), text("assistant", "two"), text("user", "three")],
            "maxTokens": 9,
            "systemPrompt": "briefly",
            "temperature": 0.5,
            "stopSequences": ["."],
            "modelPreferences": { "hints": [{ "name": "claude" }] },
        });
        assert_eq!(sampling.params(), expected);
    }

    #[test]
    fn a_sample_has_one_block_or_several() {
        let block = |text: &str| json!({ "type": "text", "text": text });
        let answer =
            |content: Value| json!({ "role": "assistant", "model": "m", "content": content });
        let one = Sample::read(&answer(block("a"))).unwrap();
        assert_eq!(
            (one.text().as_str(), one.model(), one.stop_reason()),
            ("a", "m", None)
        );
        let image = json!({ "type": "image", "data": "", "mimeType": "image/png" });
        let several = Sample::read(&answer(json!([block("a"), image, block("b")]))).unwrap();
        assert_eq!(several.text(), "ab");
        assert_eq!(several.content().len(), 3);
    }

    #[test]
    fn anything_else_is_no_answer() {
        let block = json!({ "type": "text", "text": "a" });
        for answer in [
            json!(12345),
            json!({ "role": "assistant", "content": block }),
            json!({ "role": "user", "model": "m", "content": block }),
            json!({ "role": "assistant", "model": "m", "content": "a" }),
            json!({ "role": "assistant", "model": "m" }),
        ] {
            assert_eq!(Sample::read(&answer), None, "{answer}");
        }
    }
}
