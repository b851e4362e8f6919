//! The headers of the protocol: what they say must be what the body says, because proxies read only them.

use std::borrow::Cow;

use data_encoding::BASE64;
use http::{HeaderMap, HeaderName};
use rmcp::model::{ErrorData, ProtocolVersion, RequestMetaObject};
use serde_json::{Map, Value};

use super::super::session::{Work, supported};
use crate::{Service, argument::HeaderParameter, refusal::shown};

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// The revision that is assumed of a request that does not say.
const UNSAID: &str = "2025-03-26";

/// The headers of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers<'a> {
    map: &'a HeaderMap,
    version: Option<&'a str>,
}

impl<'a> Headers<'a> {
    pub(super) fn read(map: &'a HeaderMap) -> Result<Self, ErrorData> {
        let version = single(map, &VERSION)?;
        Ok(Self { map, version })
    }

    /// The same, of a request in a session, which knows its revision. Some clients name the one in all of them that is assumed of
    /// a request that does not say, and say no more by that.
    pub(super) fn in_session(self) -> Self {
        let version = self.version.filter(|version| *version != UNSAID);
        Self { version, ..self }
    }

    /// The name of the revision that the request says it is of.
    pub(super) fn told(&self) -> Option<&'a str> {
        self.version
    }

    /// The revision that the request is of; `None` if it does not say.
    pub(super) fn version(&self, service: &Service) -> Result<Option<ProtocolVersion>, ErrorData> {
        let version = self.version.map(|version| supported(service, version));
        version.transpose()
    }

    /// Refuses a revision that is another one in the body, or that is not served.
    pub(super) fn agree_on_version(
        &self,
        service: &Service,
        meta: &RequestMetaObject,
    ) -> Result<(), ErrorData> {
        let told = meta.get(RequestMetaObject::DRAFT_REQUIRED_KEYS[0]);
        match (self.version, told.and_then(Value::as_str)) {
            (Some(version), Some(told)) if version != told => Err(differs(&VERSION, version, told)),
            (None, Some(_)) => Err(missing(&VERSION)),
            _ => self.version(service).map(drop),
        }
    }

    /// Refuses a method that is another one in the body.
    pub(super) fn agree_on_method(&self, method: &str) -> Result<(), ErrorData> {
        match single(self.map, &METHOD)? {
            None => Err(missing(&METHOD)),
            Some(told) if told != method => Err(differs(&METHOD, told, method)),
            Some(_) => Ok(()),
        }
    }

    /// Refuses a call that is one of another name in the headers, or one with other arguments; `parameters` says which of
    /// them have headers.
    pub(super) fn agree_on_call(
        &self,
        work: &Work,
        parameters: &[HeaderParameter],
    ) -> Result<(), ErrorData> {
        let name = match work {
            Work::Tool { name, .. } | Work::Prompt { name, .. } => name,
            Work::Resource { uri } => uri,
            Work::Completion(_) => return Ok(()),
        };
        let told = decoded(self.map, &NAME)?.ok_or_else(|| missing(&NAME))?;
        if told != *name {
            return Err(differs(&NAME, &told, name));
        }
        let Work::Tool { arguments, .. } = work else {
            return Ok(());
        };
        let mut parameters = parameters.iter();
        parameters.try_for_each(|parameter| self.agree_on_argument(parameter, arguments.as_ref()))
    }

    fn agree_on_argument(
        &self,
        parameter: &HeaderParameter,
        arguments: Option<&Map<String, Value>>,
    ) -> Result<(), ErrorData> {
        let Ok(header) = HeaderName::try_from(format!("mcp-param-{}", parameter.name)) else {
            return Ok(());
        };
        let told = decoded(self.map, &header)?;
        let argument = argument(parameter, arguments);
        match (told, argument) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(missing(&header)),
            (Some(told), None) => Err(differs(&header, &told, "nothing")),
            (Some(told), Some(argument)) if same(&told, argument) => Ok(()),
            (Some(told), Some(argument)) => Err(differs(&header, &told, &argument.to_string())),
        }
    }
}

/// The argument that a header repeats: `null` is as good as none.
fn argument<'a>(
    parameter: &HeaderParameter,
    arguments: Option<&'a Map<String, Value>>,
) -> Option<&'a Value> {
    let (first, rest) = parameter.path.split_first()?;
    let mut value = arguments?.get(first)?;
    for name in rest {
        value = value.get(name)?;
    }
    Some(value).filter(|value| !value.is_null())
}

/// Whether a header says the same as an argument: numbers are the same however they are written.
fn same(told: &str, argument: &Value) -> bool {
    match argument {
        Value::String(text) => told == text,
        Value::Bool(yes) => told == if *yes { "true" } else { "false" },
        Value::Number(number) => {
            told == number.to_string()
                || told
                    .parse::<f64>()
                    .is_ok_and(|told| Some(told) == number.as_f64())
        }
        // It has no form as a header: what is wrong with it is told by the schema.
        _ => true,
    }
}

/// The value of a header that stands once, if it stands at all.
fn single<'a>(map: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ErrorData> {
    let mut values = map.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(mismatch(format!("the header `{name}` stands twice")));
    }
    match value.to_str() {
        Ok(value) => Ok(Some(value.trim())),
        Err(_) => Err(mismatch(format!(
            "the header `{name}` has characters that do not belong there: use `=?base64?…?=`"
        ))),
    }
}

/// The same, as it was before it was encoded: as `=?base64?…?=`, where a header could not carry it.
fn decoded<'a>(map: &'a HeaderMap, name: &HeaderName) -> Result<Option<Cow<'a, str>>, ErrorData> {
    let Some(value) = single(map, name)? else {
        return Ok(None);
    };
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|value| value.strip_suffix("?="));
    let Some(encoded) = encoded else {
        return Ok(Some(value.into()));
    };
    let bytes = BASE64.decode(encoded.as_bytes()).ok();
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => Ok(Some(text.into())),
        None => Err(mismatch(format!(
            "the header `{name}` is not what it was encoded from: it is no Base64 of UTF-8"
        ))),
    }
}

fn missing(name: &HeaderName) -> ErrorData {
    mismatch(format!("the header `{name}` is missing"))
}

fn differs(name: &HeaderName, told: &str, body: &str) -> ErrorData {
    mismatch(format!(
        "the header `{name}` says `{}`, the body says `{}`",
        shown(told),
        shown(body)
    ))
}

fn mismatch(problem: String) -> ErrorData {
    ErrorData::header_mismatch(problem, None)
}
