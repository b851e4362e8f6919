//! [`Record`]: what is written of one call.

use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{chain::Hex, time::rfc3339};
use crate::{
    Kind, Principal,
    context::{Caller, trace_id},
    observe::{End, Subject, beginning},
};

/// The most that is written of a text that a client has made up, in bytes.
const MAX_TEXT: usize = 2048;

/// What is written of one call, but for its place in the chain.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    #[serde(serialize_with = "as_rfc3339")]
    time: SystemTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments_sha256: Option<Hex>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<Value>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    duration_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    protocol: String,
    request_id: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    nested: bool,
}

impl Record {
    /// The record of a call that begins.
    pub(super) fn new(
        subject: &Subject<'_>,
        caller: &Caller,
        principal: Option<&Principal>,
    ) -> Self {
        let info = caller.client.info.as_ref();
        let agent = info.map(|info| format!("{}/{}", info.name, info.version));
        let is_resource = subject.kind == Kind::Resource;
        let name = subject
            .name
            .or_else(|| (!is_resource).then_some(subject.asked));
        Self {
            time: SystemTime::now(),
            subject: principal.map(|principal| principal.subject().to_owned()),
            issuer: principal.and_then(Principal::issuer).map(ToOwned::to_owned),
            client: principal.and_then(Principal::client).map(ToOwned::to_owned),
            agent: agent.map(shortened),
            scope: None,
            kind: subject.kind_name(),
            name: name.map(|name| shortened(name.to_owned())),
            uri: is_resource.then(|| shortened(subject.asked.to_owned())),
            arguments_sha256: None,
            arguments: None,
            outcome: "cancelled",
            error: None,
            reference: None,
            duration_us: 0,
            trace_id: trace_id(caller),
            protocol: caller.version.as_str().to_owned(),
            request_id: shortened(caller.id.to_string()),
            nested: caller.parent.is_some(),
        }
    }

    /// How the call has ended.
    pub(super) fn end(&mut self, end: &End<'_>, duration: Duration) {
        self.outcome = end.name();
        if let End::Failed { kind, reference } = end {
            self.error = Some((*kind).to_owned());
            self.reference = reference.map(ToOwned::to_owned);
        }
        self.duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    }

    pub(super) fn to_json(&self) -> String {
        // All of it is plain data with string keys, which always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn as_rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*time))
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = beginning(&text, MAX_TEXT).len();
        text.truncate(end);
        text.push('…');
    }
    text
}
