//! The envelope of a message: JSON-RPC 2.0, without what is inside.

use std::{borrow::Cow, collections::HashSet, fmt};

use rmcp::model::RequestId;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    fields::{Given, ReadFields},
    json,
};
use crate::refusal::shown;

/// The longest id that is a string, in bytes.
const MAX_ID: usize = 1024;

/// A message of a client.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request(Request<'a>),
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    Response(Response<'a>),
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) id: RequestId,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: Given<'a>,
}

/// An answer to a request of ours.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    /// There is none if it cannot be known which request is answered.
    pub(crate) id: Option<RequestId>,
    /// The result or the error; `None` if there is doubt about which it is.
    pub(crate) outcome: Option<Result<&'a RawValue, &'a RawValue>>,
}

/// What is wrong with a line that is no message.
#[derive(Debug)]
pub(crate) enum Malformed {
    /// It is not JSON.
    Unparsable(&'static str),
    /// It is JSON, but not a message. The answer carries the id if there is no doubt about it.
    Invalid(Option<RequestId>, Cow<'static, str>),
}

impl<'a> Message<'a> {
    /// Reads a line of a client.
    ///
    /// Most of them are requests, and nothing is wrong with them: they are read in one go. Whatever is odd about one is found out
    /// in parts, where nothing is read before it is known what it means.
    pub(crate) fn read(line: &'a [u8]) -> Result<Self, Malformed> {
        match json::read_as(Whole, text(line)?) {
            Ok(request) => Ok(Self::Request(request)),
            Err(_) => Self::read_in_parts(line),
        }
    }

    /// Reads the envelope of a line.
    pub(crate) fn read_in_parts(line: &'a [u8]) -> Result<Self, Malformed> {
        let text = text(line)?;
        match serde_json::from_str::<Fields<'_>>(text) {
            Ok(fields) => fields.message(),
            // The visitor takes any object: this is another value, or it is the start of one and then nonsense.
            Err(error) if error.is_data() && serde_json::from_str::<IgnoredAny>(text).is_ok() => {
                Err(invalid(
                    None,
                    "a message is one JSON object: batches are not served",
                ))
            }
            Err(_) => Err(Malformed::Unparsable("the message is not JSON")),
        }
    }
}

fn text(line: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(line).map_err(|_| Malformed::Unparsable("the message is not UTF-8"))
}

fn invalid(id: Option<RequestId>, problem: impl Into<Cow<'static, str>>) -> Malformed {
    Malformed::Invalid(id, problem.into())
}

/// The fields of an object, each as it was written.
#[derive(Default)]
struct Fields<'a> {
    jsonrpc: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    method: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
    /// A key that stands more than once.
    twice: Option<String>,
    /// The id stands more than once.
    ids: bool,
}

impl<'a> Fields<'a> {
    fn message(self) -> Result<Message<'a>, Malformed> {
        let answers = self.result.is_some() || self.error.is_some();
        let known = self.id.filter(|_| !self.ids).and_then(id);
        if self.method.is_none() && answers {
            let outcome = match (self.twice, self.result, self.error) {
                (None, Some(result), None) => Some(Ok(result)),
                (None, None, Some(error)) => Some(Err(error)),
                _ => None,
            };
            return Ok(Message::Response(Response { id: known, outcome }));
        }
        if let Some(key) = self.twice {
            let problem = format!("the key `{}` stands twice", shown(&key));
            return Err(invalid(known, problem));
        }
        if self.jsonrpc.map(RawValue::get) != Some("\"2.0\"") {
            return Err(invalid(known, "`jsonrpc` must be \"2.0\""));
        }
        if answers {
            let problem = "a message has either `method`, or `result` or `error`";
            return Err(invalid(known, problem));
        }
        let Some(method) = self.method.and_then(string) else {
            return Err(invalid(known, "`method` must be a string"));
        };
        let params = self.params;
        match (self.id, known) {
            (None, _) => Ok(Message::Notification { method, params }),
            (Some(_), Some(id)) => {
                let params = params.map_or(Given::Nothing, Given::Text);
                Ok(Message::Request(Request { id, method, params }))
            }
            (Some(_), None) => Err(invalid(
                None,
                "`id` must be an integer of 64 bits or a string of at most 1024 bytes",
            )),
        }
    }

    fn slot(&mut self, key: &Key) -> Option<&mut Option<&'a RawValue>> {
        Some(match key {
            Key::Jsonrpc => &mut self.jsonrpc,
            Key::Id => &mut self.id,
            Key::Method => &mut self.method,
            Key::Params => &mut self.params,
            Key::Result => &mut self.result,
            Key::Error => &mut self.error,
            Key::Other(_) => return None,
        })
    }
}

/// An id as it is taken: an integer or a string, nothing that would come back changed.
pub(super) fn id(raw: &RawValue) -> Option<RequestId> {
    let text = raw.get();
    if text.starts_with('"') {
        let id = string(raw)?;
        return (id.len() <= MAX_ID).then(|| RequestId::String(id.into()));
    }
    let number = text.parse().ok()?;
    (text != "-0").then_some(RequestId::Number(number))
}

fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A key of the envelope.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Jsonrpc,
    Id,
    Method,
    Params,
    Result,
    Error,
    Other(String),
}

impl Key {
    fn name(self) -> String {
        match self {
            Self::Jsonrpc => "jsonrpc".into(),
            Self::Id => "id".into(),
            Self::Method => "method".into(),
            Self::Params => "params".into(),
            Self::Result => "result".into(),
            Self::Error => "error".into(),
            Self::Other(name) => name,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Envelope)
    }
}

struct Envelope;

impl<'de> Visitor<'de> for Envelope {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        let mut others = HashSet::new();
        while let Some(key) = object.next_key::<Key>()? {
            let value = object.next_value::<&RawValue>()?;
            let twice = match (&key, fields.slot(&key)) {
                (_, Some(slot)) => slot.replace(value).is_some(),
                (Key::Other(name), None) => !others.insert(name.clone()),
                (_, None) => false,
            };
            if twice {
                fields.ids |= matches!(key, Key::Id);
                fields.twice.get_or_insert(key.name());
            }
        }
        Ok(fields)
    }
}

/// Reads a request with its parameters. An error only says that there is anything else to be said about it.
struct Whole;

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = Request<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole {
    type Value = Request<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut jsonrpc, mut id, mut method, mut params) = (None, None, None, None);
        while let Some(key) = object.next_key::<Key>()? {
            let twice = match key {
                Key::Jsonrpc => jsonrpc.replace(object.next_value::<&str>()?).is_some(),
                Key::Id => id.replace(object.next_value_seed(Id)?).is_some(),
                Key::Method => method.replace(object.next_value::<&str>()?).is_some(),
                Key::Params => {
                    let fields = object.next_value_seed(ReadFields)?;
                    params.replace(Given::Fields(fields)).is_some()
                }
                Key::Result | Key::Error | Key::Other(_) => true,
            };
            if twice {
                return Err(A::Error::custom("not a plain request"));
            }
        }
        match (jsonrpc, id, method) {
            (Some("2.0"), Some(id), Some(method)) => Ok(Request {
                id,
                method: method.into(),
                params: params.unwrap_or(Given::Nothing),
            }),
            _ => Err(A::Error::custom("not a plain request")),
        }
    }
}

/// Reads an id that is written plainly.
struct Id;

impl<'de> DeserializeSeed<'de> for Id {
    type Value = RequestId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RequestId, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Id {
    type Value = RequestId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_i64<E>(self, id: i64) -> Result<RequestId, E> {
        Ok(RequestId::Number(id))
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<RequestId, E> {
        let id = i64::try_from(id).map_err(E::custom)?;
        Ok(RequestId::Number(id))
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<RequestId, E> {
        if id.len() > MAX_ID {
            return Err(E::custom("too long"));
        }
        Ok(RequestId::String(id.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> (Option<RequestId>, i32) {
        match Message::read(line.as_bytes()) {
            Err(Malformed::Unparsable(_)) => (None, -32700),
            Err(Malformed::Invalid(id, _)) => (id, -32600),
            Ok(message) => panic!("{line} is taken as {message:?}"),
        }
    }

    fn request(line: &str) -> Request<'_> {
        match Message::read(line.as_bytes()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{line} is taken as {other:?}"),
        }
    }

    #[test]
    fn a_request_is_read_without_a_copy() {
        let line =
            r#" {"params":{"a":[1]},"method":"tools/call","id":7,"jsonrpc":"2.0","extra":null} "#;
        let request = request(line);
        assert_eq!(request.id, RequestId::Number(7));
        assert!(matches!(request.method, Cow::Borrowed("tools/call")));
        let Given::Text(params) = request.params else {
            panic!("{:?}", request.params);
        };
        assert_eq!(params.get(), r#"{"a":[1]}"#);
    }

    #[test]
    fn a_request_says_the_same_whether_it_is_read_in_one_go_or_in_parts() {
        for line in [
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","arguments":{"b":[1,{}]}}}"#,
            r#"{"params":{"uri":"a:b","_meta":{"progressToken":1,"x":{}},"more":1},"method":"m","jsonrpc":"2.0","id":"x"}"#,
            r#"{"jsonrpc":"2.0","id":-1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":"\u0061","method":"ping","params":{}}"#,
        ] {
            let read = request(line);
            assert!(!matches!(read.params, Given::Text(_)), "{line}");
            let Ok(Message::Request(parts)) = Message::read_in_parts(line.as_bytes()) else {
                panic!("{line} is no request");
            };
            assert_eq!((&read.id, &read.method), (&parts.id, &parts.method));
            let fields = |given: Given<'_>| format!("{:?}", given.fields().unwrap().unwrap());
            assert_eq!(fields(read.params), fields(parts.params), "{line}");
        }
    }

    #[test]
    fn what_is_odd_about_the_parameters_is_found_out_when_they_are_looked_at() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(126), "]".repeat(126));
        for params in [
            "null",
            "[]",
            "7",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1e999}"#,
            &deep,
        ] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{params}}}"#);
            assert!(matches!(request(&line).params, Given::Text(_)), "{line}");
        }
    }

    #[test]
    fn integers_and_strings_are_ids() {
        for (id, read) in [
            ("-5", RequestId::Number(-5)),
            ("9223372036854775807", RequestId::Number(i64::MAX)),
            (r#""""#, RequestId::String("".into())),
            (r#""\u0061\"""#, RequestId::String("a\"".into())),
        ] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            assert_eq!(request(&line).id, read);
        }
    }

    #[test]
    fn anything_else_is_no_id() {
        let long = format!("{:?}", "x".repeat(MAX_ID + 1));
        for id in [
            "null",
            "true",
            "1.5",
            "2.0",
            "1e2",
            "-0",
            "9223372036854775808",
            "{}",
            "[]",
            &long,
            r#""\ud800""#,
        ] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            assert_eq!(refused(&line), (None, -32600), "{id}");
        }
    }

    #[test]
    fn what_is_not_a_single_object_is_not_a_message() {
        for line in ["null", "42", "\"\"", "[]", r#"[{"jsonrpc":"2.0"}]"#, "{}"] {
            assert_eq!(refused(line), (None, -32600), "{line}");
        }
    }

    #[test]
    fn what_is_not_json_cannot_be_parsed() {
        for line in ["{", "[1,", "{\"id\":NaN}", "nul", "{} {}", "{\"a\" 1}"] {
            assert_eq!(refused(line), (None, -32700), "{line}");
        }
    }

    #[test]
    fn the_id_is_told_unless_there_is_doubt_about_it() {
        let one = Some(RequestId::Number(1));
        for (line, id) in [
            (r#"{"id":1,"method":"ping"}"#, one.clone()),
            (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, one.clone()),
            (r#"{"jsonrpc":"2.0","id":1}"#, one.clone()),
            (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, one.clone()),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#,
                one.clone(),
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"a","x":1,"\u0078":1}"#,
                one.clone(),
            ),
            (r#"{"jsonrpc":"2.0","id":1,"method":"a","result":{}}"#, one),
            (r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"a"}"#, None),
        ] {
            assert_eq!(refused(line), (id, -32600), "{line}");
        }
    }

    #[test]
    fn answers_are_told_from_requests_and_never_refused() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"{"error":{"code":1},"error":null}"#,
        ] {
            let message = Message::read(line.as_bytes());
            assert!(matches!(message, Ok(Message::Response(_))), "{line}");
        }
    }

    #[test]
    fn an_answer_is_taken_only_if_there_is_no_doubt_about_it() {
        for (line, id, outcome) in [
            (
                r#"{"id":7,"result":{"a":1}}"#,
                Some(7),
                Some(Ok(r#"{"a":1}"#)),
            ),
            (r#"{"id":7,"error":{}}"#, Some(7), Some(Err("{}"))),
            (r#"{"id":7,"result":{},"error":{}}"#, Some(7), None),
            (r#"{"id":7,"result":{},"result":{}}"#, Some(7), None),
            (r#"{"id":7,"id":8,"result":{}}"#, None, None),
            (r#"{"id":null,"result":{}}"#, None, Some(Ok("{}"))),
        ] {
            let Ok(Message::Response(response)) = Message::read(line.as_bytes()) else {
                panic!("{line} is no answer");
            };
            assert_eq!(response.id, id.map(RequestId::Number), "{line}");
            let told = response.outcome.map(|outcome| match outcome {
                Ok(result) => Ok(result.get()),
                Err(error) => Err(error.get()),
            });
            assert_eq!(told, outcome, "{line}");
        }
    }
}
