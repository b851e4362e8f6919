//! [`Record`]: what is written of one call.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use rmcp::model::RequestId;
use serde::Serialize;

use super::time::rfc3339;
use crate::{
    Kind, Principal,
    context::{Caller, trace_id},
    observe::{End, Subject, beginning},
};

/// The most that is written of a text that a client has made up, in bytes.
const MAX_TEXT: usize = 2048;

/// How many bytes there is room for from the start.
const ROOM: usize = 640;

/// What is written of one call, but for its place in the chain: the fields as they stand on its line, with a comma before each.
#[derive(Clone, Debug)]
pub(super) struct Record(Vec<u8>);

impl Record {
    /// The record of a call that begins.
    pub(super) fn new(
        subject: &Subject<'_>,
        caller: &Caller,
        principal: Option<&Principal>,
    ) -> Self {
        let mut record = Self(Vec::with_capacity(ROOM));
        record.plain("time", &rfc3339(SystemTime::now()));
        if let Some(principal) = principal {
            record.text("subject", principal.subject());
            record.perhaps("issuer", principal.issuer());
            record.perhaps("client", principal.client());
        }
        if let Some(info) = &caller.client.info {
            let agent = format!("{}/{}", info.name, info.version);
            record.text("agent", &shortened(&agent));
        }
        record.plain("kind", subject.kind_name());
        let is_resource = subject.kind == Kind::Resource;
        match subject.name {
            Some(name) => record.text("name", name),
            None if !is_resource => record.text("name", &shortened(subject.asked)),
            None => {}
        }
        if is_resource {
            record.text("uri", &shortened(subject.asked));
        }
        record.perhaps("trace_id", trace_id(caller).as_deref());
        record.text("protocol", caller.version.as_str());
        match &caller.id {
            RequestId::Number(id) => record.plain("request_id", &id.to_string()),
            RequestId::String(id) => record.text("request_id", &shortened(id)),
        }
        if caller.parent.is_some() {
            record.field("nested", &true);
        }
        record
    }

    /// The digest of the arguments, in hexadecimal digits.
    pub(super) fn arguments_sha256(&mut self, digest: &str) {
        self.plain("arguments_sha256", digest);
    }

    /// The arguments, as JSON.
    pub(super) fn arguments(&mut self, json: &str) {
        self.name("arguments");
        self.0.extend_from_slice(json.as_bytes());
    }

    /// How the call has ended, and what it was about.
    pub(super) fn end(&mut self, end: &End<'_>, scope: Option<&str>, duration: Duration) {
        self.perhaps("scope", scope);
        self.plain("outcome", end.name());
        if let End::Failed { kind, reference } = end {
            self.text("error", kind);
            self.perhaps("reference", *reference);
        }
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.field("duration_us", &micros);
    }

    pub(super) fn fields(&self) -> &[u8] {
        &self.0
    }

    fn perhaps(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.field(name, text);
    }

    /// Writes a text of letters, digits and signs that mean nothing in JSON.
    fn plain(&mut self, name: &'static str, text: &str) {
        self.name(name);
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
    }

    fn field(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        self.name(name);
        // A scalar always has a JSON form, and memory takes everything.
        let _ = serde_json::to_writer(&mut self.0, value);
    }

    fn name(&mut self, name: &'static str) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}

/// A text that somebody else has made up.
fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() > MAX_TEXT {
        format!("{}…", beginning(text, MAX_TEXT)).into()
    } else {
        text.into()
    }
}
