//! [`Question`]: what a server asks its client, and [`Answer`]: what a test says to it.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// A question that a server asked: its form is the same in every revision of the protocol.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Question {
    /// The key under which the handler asks. A server that is not made with this crate may send none to clients with a
    /// session; then it is the method.
    pub key: String,
    /// What is asked for.
    pub kind: QuestionKind,
    /// What the user is told; of a prompt for the client's model, the texts of its messages.
    pub message: String,
    /// The parameters, as they went over the wire.
    pub params: Value,
}

/// What a server asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuestionKind {
    /// A form for the user: its content follows [`Question::schema`].
    Form,
    /// A visit of the user to [`Question::url`].
    Url,
    /// A prompt for the client's model.
    Sampling,
    /// The folders that the client works in.
    Roots,
}

impl Question {
    /// Reads the request of a server, or an entry of its `inputRequests`; `None` if it is no question.
    pub(super) fn read(key: Option<String>, mut request: Value) -> Option<Self> {
        let params = request["params"].take();
        let kind = match request["method"].as_str()? {
            "elicitation/create" if params["mode"] == "url" => QuestionKind::Url,
            "elicitation/create" => QuestionKind::Form,
            "sampling/createMessage" => QuestionKind::Sampling,
            "roots/list" => QuestionKind::Roots,
            _ => return None,
        };
        let key = key.or_else(|| Some(params["_meta"][KEY].as_str()?.to_owned()));
        let key = key.or_else(|| Some(request["method"].as_str()?.to_owned()))?;
        Some(Self {
            key,
            kind,
            message: message(&params),
            params,
        })
    }

    /// The schema of the form; `null` if none is asked for.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.params["requestedSchema"]
    }

    /// The page that the user shall visit, if that is what is asked for.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.params["url"].as_str()
    }

    /// What ends a test that has no answer to the question.
    pub(super) fn unforeseen(&self) -> String {
        let Self {
            key, kind, params, ..
        } = self;
        let shown = match kind {
            QuestionKind::Form => ("schema", self.schema()),
            QuestionKind::Url => ("url", &params["url"]),
            QuestionKind::Sampling | QuestionKind::Roots => ("params", params),
        };
        let (name, shown) = shown;
        let answer = match kind {
            QuestionKind::Form => format!("json!({})", sample(self.schema())),
            QuestionKind::Url => "()".to_owned(),
            QuestionKind::Sampling => "\"…\"".to_owned(),
            QuestionKind::Roots => "[\"file:///project\"]".to_owned(),
        };
        format!(
            "the server asked a question that the test has no answer to\n\nkey: {key:?}\nkind: {kind}\n\
             message: {:?}\n{name}: {shown:#}\n\nadd `client.answer({key:?}, {answer})` before it is asked",
            self.message
        )
    }
}

/// One line.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {}: {:?}", self.key, self.kind, self.message)
    }
}

/// Such as `a form`.
impl fmt::Display for QuestionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "a form",
            Self::Url => "a page to visit",
            Self::Sampling => "a prompt for the model",
            Self::Roots => "the folders of the client",
        })
    }
}

/// What a test says to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer(Words);

#[derive(Clone, Debug, PartialEq)]
enum Words {
    Accept(Value),
    Action(&'static str),
    Raw(Value),
    Nothing,
}

/// What goes over the wire.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    Result(Value),
    /// An error with this code and this message, where there is one: sessions alone can refuse a question.
    Refusal(i32, &'static str),
    Nothing,
}

impl Answer {
    /// Gives what is asked for.
    ///
    /// - A form: the content, a JSON object; `()` is an empty one.
    /// - A page to visit: `()`; the user has agreed to visit it.
    /// - A prompt for the model: a string is what the model says; an object with `content` is a whole
    ///   `CreateMessageResult`, of which the rest may be left out.
    /// - The folders of the client: a list of URIs, or of objects with `uri` and `name`.
    ///
    /// # Panics
    ///
    /// If the content has no JSON form.
    #[track_caller]
    #[must_use]
    pub fn accept(content: impl Serialize) -> Self {
        match serde_json::to_value(content) {
            Ok(content) => Self(Words::Accept(content)),
            Err(error) => panic!("the answer has no JSON form: {error}"),
        }
    }

    /// The user says no.
    #[must_use]
    pub fn decline() -> Self {
        Self(Words::Action("decline"))
    }

    /// The user closes the question without an answer.
    #[must_use]
    pub fn dismiss() -> Self {
        Self(Words::Action("cancel"))
    }

    /// No answer comes. With a session, the handler waits until its time is over; without one, the call never goes on.
    #[must_use]
    pub fn ignore() -> Self {
        Self(Words::Nothing)
    }

    /// A whole result, exactly as it is: for what a hostile client sends.
    #[must_use]
    pub fn raw(result: Value) -> Self {
        Self(Words::Raw(result))
    }

    /// What goes over the wire as the answer to this question.
    pub(super) fn to(&self, question: &Question) -> Reply {
        let kind = question.kind;
        match &self.0 {
            Words::Nothing => Reply::Nothing,
            Words::Raw(result) => Reply::Result(result.clone()),
            Words::Accept(content) => Reply::Result(accepted(kind, content.clone())),
            Words::Action(action) => match kind {
                QuestionKind::Form | QuestionKind::Url => {
                    Reply::Result(json!({ "action": action }))
                }
                QuestionKind::Sampling => Reply::Refusal(-1, "User rejected sampling request"),
                QuestionKind::Roots => Reply::Refusal(-1, "User rejected the request"),
            },
        }
    }
}

/// The entry of `_meta` by which a handler's question is known in a session.
const KEY: &str = "mcp-runtime/key";

fn accepted(kind: QuestionKind, content: Value) -> Value {
    match kind {
        QuestionKind::Form if content.is_null() => json!({ "action": "accept", "content": {} }),
        QuestionKind::Form => json!({ "action": "accept", "content": content }),
        QuestionKind::Url => json!({ "action": "accept" }),
        QuestionKind::Sampling => sampled(content),
        QuestionKind::Roots => match content {
            Value::Array(roots) => {
                json!({ "roots": roots.into_iter().map(root).collect::<Value>() })
            }
            other => other,
        },
    }
}

fn sampled(content: Value) -> Value {
    let mut result = json!({ "role": "assistant", "model": "test-model", "stopReason": "endTurn" });
    match content {
        Value::Object(given) if given.contains_key("content") => {
            for (name, value) in given {
                result[name] = value;
            }
        }
        Value::String(text) => result["content"] = json!({ "type": "text", "text": text }),
        block => result["content"] = block,
    }
    result
}

fn root(root: Value) -> Value {
    match root {
        Value::String(uri) => json!({ "uri": uri }),
        other => other,
    }
}

fn message(params: &Value) -> String {
    if let Some(message) = params["message"].as_str() {
        return message.to_owned();
    }
    let messages = params["messages"].as_array();
    let contents = messages.into_iter().flatten().map(|one| &one["content"]);
    let texts = contents.filter_map(|content| content["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// A content that a form may take.
fn sample(schema: &Value) -> Value {
    let fields = schema["properties"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, field)| (name.clone(), value_of(field)));
    fields.collect::<Map<_, _>>().into()
}

fn value_of(field: &Value) -> Value {
    let given = [
        &field["default"],
        &field["enum"][0],
        &field["oneOf"][0]["const"],
        &field["anyOf"][0]["const"],
    ];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        return given.clone();
    }
    match field["type"].as_str() {
        Some("boolean") => json!(true),
        Some("integer" | "number") => match &field["minimum"] {
            Value::Null => json!(1),
            minimum => minimum.clone(),
        },
        Some("array") => json!([value_of(&field["items"])]),
        _ => json!("…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(method: &str, params: &Value) -> Question {
        let request = json!({ "method": method, "params": params });
        Question::read(None, request).expect("a question")
    }

    #[test]
    fn a_question_is_known_by_its_key() {
        let params = json!({ "message": "Sure?", "_meta": { "mcp-runtime/key": "sure" } });
        let asked = question("elicitation/create", &params);
        assert_eq!((&*asked.key, asked.kind), ("sure", QuestionKind::Form));
        let request = json!({ "method": "elicitation/create", "params": params });
        let asked = Question::read(Some("other".to_owned()), request).unwrap();
        assert_eq!(asked.key, "other");
        let bare = question("roots/list", &Value::Null);
        assert_eq!((&*bare.key, bare.kind), ("roots/list", QuestionKind::Roots));
    }

    #[test]
    fn what_is_no_question_is_none() {
        for other in [json!({ "method": "ping" }), json!({}), json!(null)] {
            assert_eq!(Question::read(None, other), None);
        }
    }

    #[test]
    fn the_message_of_a_prompt_is_its_text() {
        let text = |text| json!({ "role": "user", "content": { "type": "text", "text": text } });
        let params = json!({ "messages": [text("one"), text("two")], "maxTokens": 9 });
        let asked = question("sampling/createMessage", &params);
        assert_eq!((&*asked.message, asked.url()), ("one\ntwo", None));
        assert_eq!(
            asked.to_string(),
            "\"sampling/createMessage\", a prompt for the model: \"one\\ntwo\""
        );
    }

    #[test]
    fn an_answer_has_the_form_that_its_question_wants() {
        let form = question("elicitation/create", &json!({}));
        let url = question(
            "elicitation/create",
            &json!({ "mode": "url", "url": "https://a.b" }),
        );
        let sampling = question("sampling/createMessage", &json!({}));
        let roots = question("roots/list", &json!({}));
        let result = |answer: Answer, question: &Question| match answer.to(question) {
            Reply::Result(result) => result,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            result(Answer::accept(()), &form),
            json!({ "action": "accept", "content": {} })
        );
        assert_eq!(
            result(Answer::accept(()), &url),
            json!({ "action": "accept" })
        );
        assert_eq!(
            result(Answer::dismiss(), &url),
            json!({ "action": "cancel" })
        );
        let said = result(Answer::accept("hi"), &sampling);
        assert_eq!(said["content"], json!({ "type": "text", "text": "hi" }));
        let block = json!({ "type": "text", "text": "ho" });
        let said = result(
            Answer::accept(json!({ "content": block, "model": "m" })),
            &sampling,
        );
        assert_eq!((&said["content"], &said["model"]), (&block, &json!("m")));
        assert_eq!(said["role"], "assistant");
        assert_eq!(
            result(Answer::accept(["file:///a"]), &roots),
            json!({ "roots": [{ "uri": "file:///a" }] })
        );
        assert!(matches!(Answer::decline().to(&roots), Reply::Refusal(..)));
        assert_eq!(Answer::ignore().to(&form), Reply::Nothing);
        assert_eq!(result(Answer::raw(json!(7)), &roots), json!(7));
    }

    #[test]
    fn an_unforeseen_question_says_what_to_add() {
        let properties = json!({
            "sure": { "type": "boolean" },
            "color": { "type": "string", "enum": ["red", "green"] },
            "size": { "type": "string", "oneOf": [{ "const": "l", "title": "Large" }] },
            "count": { "type": "integer", "minimum": 3 },
            "many": { "type": "array", "items": { "type": "string", "enum": ["a"] } },
            "name": { "type": "string" },
            "given": { "type": "number", "default": 1.5 },
        });
        let schema = json!({ "type": "object", "properties": properties });
        assert_eq!(
            sample(&schema),
            json!({
                "sure": true, "color": "red", "size": "l", "count": 3, "many": ["a"],
                "name": "…", "given": 1.5,
            })
        );
        let params = json!({ "message": "Go on?", "requestedSchema": { "properties": {} } });
        let text = question("elicitation/create", &params).unforeseen();
        assert!(
            text.ends_with(
                "add `client.answer(\"elicitation/create\", json!({}))` before it is asked"
            ),
            "{text}"
        );
        assert!(text.contains("message: \"Go on?\"\nschema: {\n"), "{text}");
    }
}
