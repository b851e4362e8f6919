//! What is asked: the request as it goes to the client, and how its answer is read.

use data_encoding::BASE64URL_NOPAD;
use rmcp::model::ClientCapabilities;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{AskError, Root, Sample, Sampling, form::Form};
use crate::seal::random;

/// A question as it goes to the client.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputRequest {
    pub(crate) method: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) params: Map<String, Value>,
}

/// What a client must be able to do for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ability {
    Form,
    Url,
    Sampling,
    Roots,
}

/// A question, and how its answer is read.
pub(super) struct Question<T> {
    pub(super) ability: Ability,
    pub(super) request: InputRequest,
    pub(super) read: Read<T>,
}

/// Reads an answer; `None` if it is none, so that the question is asked again.
pub(super) type Read<T> = Box<dyn Fn(&Value) -> Option<Result<T, AskError>> + Send + Sync>;

impl<T> Question<T> {
    /// A form for the user.
    pub(super) fn form(message: &str) -> Result<Self, AskError>
    where
        T: schemars::JsonSchema + serde::de::DeserializeOwned,
    {
        let form = Form::of::<T>().map_err(AskError::misused)?;
        let params =
            json!({ "mode": "form", "message": message, "requestedSchema": form.requested });
        Ok(Self {
            ability: Ability::Form,
            request: InputRequest::new("elicitation/create", params),
            read: Box::new(move |answer| elicited(answer, |content| form.read(content))),
        })
    }
}

impl Question<()> {
    /// A page for the user to visit.
    pub(super) fn url(message: &str, url: &str) -> Result<Self, AskError> {
        let scheme = url.split_once("://").filter(|(_, rest)| !rest.is_empty());
        let is_web = scheme.is_some_and(|(scheme, _)| matches!(scheme, "https" | "http"));
        if !is_web
            || url.contains(|character: char| character.is_whitespace() || character.is_control())
        {
            return Err(AskError::misused(format!(
                "`{url}` is no URL of a page to visit"
            )));
        }
        let params = json!({ "mode": "url", "message": message, "url": url });
        Ok(Self {
            ability: Ability::Url,
            request: InputRequest::new("elicitation/create", params),
            read: Box::new(|answer| elicited(answer, |_| Some(()))),
        })
    }
}

impl Question<Sample> {
    /// A text for the model of the client.
    pub(super) fn sampling(sampling: &Sampling) -> Self {
        Self {
            ability: Ability::Sampling,
            request: InputRequest::new("sampling/createMessage", sampling.params()),
            read: Box::new(|answer| Sample::read(answer).map(Ok)),
        }
    }
}

impl Question<Vec<Root>> {
    /// The folders that the user works in.
    pub(super) fn roots() -> Self {
        Self {
            ability: Ability::Roots,
            request: InputRequest::new("roots/list", Value::Null),
            read: Box::new(|answer| Root::read(answer).map(Ok)),
        }
    }
}

impl InputRequest {
    /// The question as sessions want it.
    pub(super) fn in_session(mut self) -> Self {
        if self.params.contains_key("url") {
            let id = BASE64URL_NOPAD.encode(&random::<16>());
            self.params.insert("elicitationId".into(), id.into());
        }
        self
    }

    pub(super) fn new(method: &'static str, params: Value) -> Self {
        let params = match params {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        Self { method, params }
    }
}

impl Ability {
    /// Whether a client has declared it.
    pub(super) fn is_declared(self, capabilities: &ClientCapabilities) -> bool {
        let elicitation = capabilities.elicitation.as_ref();
        match self {
            // A client that names no mode means forms.
            Self::Form => {
                elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
            }
            Self::Url => elicitation.is_some_and(|modes| modes.url.is_some()),
            Self::Sampling => capabilities.sampling.is_some(),
            Self::Roots => capabilities.roots.is_some(),
        }
    }

    /// Where it stands among the capabilities of a client.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Form => "elicitation.form",
            Self::Url => "elicitation.url",
            Self::Sampling => "sampling",
            Self::Roots => "roots",
        }
    }
}

/// What the user did with an elicitation.
fn elicited<T>(
    answer: &Value,
    accept: impl FnOnce(Value) -> Option<T>,
) -> Option<Result<T, AskError>> {
    match answer.get("action")?.as_str()? {
        "accept" => {
            let content = answer.get("content").filter(|content| !content.is_null());
            accept(content.cloned().unwrap_or_else(|| json!({}))).map(Ok)
        }
        "decline" => Some(Err(AskError::Declined)),
        "cancel" => Some(Err(AskError::Cancelled)),
        _ => None,
    }
}
