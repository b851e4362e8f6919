//! What is seen of a call from outside, whatever way it takes and however it ends: its span, its record, and its numbers.

#![cfg_attr(
    not(all(feature = "audit", feature = "otel", feature = "prometheus")),
    allow(dead_code, reason = "each of those who watch looks at something else")
)]

use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::Span;

use crate::{
    Kind, Principal, Service,
    context::{CallSpan, Caller},
    dispatch::{Output, Reply, Target},
    outcome::Failure,
};

/// What a call is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: Kind,
    /// The name of the handler, if there is one.
    pub(crate) name: Option<&'static str>,
    /// The name or the URI that the request names.
    pub(crate) asked: &'a str,
    /// The schema of the arguments, if there is a handler.
    pub(crate) schema: Option<&'a Value>,
    #[cfg(feature = "prometheus")]
    pub(crate) numbers: Option<&'a crate::metrics::Numbers>,
}

impl<'a> Subject<'a> {
    /// What a handler is called for.
    pub(crate) fn of(target: &'a Target) -> Self {
        Self {
            kind: target.definition().kind(),
            name: Some(target.common().name),
            asked: target.subject(),
            schema: Some(target.input().validator.schema()),
            #[cfg(feature = "prometheus")]
            numbers: Some(&target.common().numbers),
        }
    }

    /// Something that is not there, at least for who asks.
    pub(crate) fn absent(kind: Kind, asked: &'a str) -> Self {
        Self {
            kind,
            name: None,
            asked,
            schema: None,
            #[cfg(feature = "prometheus")]
            numbers: None,
        }
    }

    /// The method that it is called by.
    pub(crate) fn method(&self) -> &'static str {
        match self.kind {
            Kind::Tool => "tools/call",
            Kind::Resource => "resources/read",
            Kind::Prompt => "prompts/get",
        }
    }

    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Tool => "tool",
            Kind::Resource => "resource",
            Kind::Prompt => "prompt",
        }
    }
}

/// The beginning of a text that a client may have made up, of so many bytes at most.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rfind(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

/// How a call has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a> {
    Answered,
    /// The client has to answer questions first.
    Asks,
    Failed {
        kind: &'a str,
        reference: Option<&'a str>,
    },
    Cancelled,
}

impl<'a> End<'a> {
    fn of(ran: Option<&'a Result<Reply<Output>, Failure>>) -> Self {
        match ran {
            None => Self::Cancelled,
            Some(Ok(Reply::InputRequired(_))) => Self::Asks,
            Some(Ok(Reply::Complete(Output::Tool(result)))) if result.is_error == Some(true) => {
                Self::failed("failed")
            }
            Some(Ok(Reply::Complete(_))) => Self::Answered,
            Some(Err(failure)) => Self::Failed {
                kind: match failure.value["kind"].as_str() {
                    // There is one: it is not there for who asks.
                    Some("unknown") => "forbidden",
                    kind => kind.unwrap_or("failed"),
                },
                reference: failure.value["reference"].as_str(),
            },
        }
    }

    pub(crate) fn failed(kind: &'a str) -> Self {
        Self::Failed {
            kind,
            reference: None,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Answered => "ok",
            Self::Asks => "input_required",
            Self::Failed { .. } => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What watches over one call. If it is dropped, the call was taken back.
#[derive(Debug)]
pub(crate) struct Watch {
    span: CallSpan,
    #[cfg(feature = "audit")]
    record: Option<crate::audit::Pending>,
    #[cfg(feature = "prometheus")]
    count: Option<crate::metrics::Counted>,
}

impl Watch {
    pub(crate) fn new(
        service: &Service,
        subject: &Subject<'_>,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Self {
        #[cfg(not(feature = "audit"))]
        let _ = arguments;
        #[cfg(not(any(feature = "audit", feature = "prometheus")))]
        let _ = service;
        Self {
            span: CallSpan::new(subject, caller),
            #[cfg(feature = "audit")]
            record: service.parts().audit.as_ref().map(|audit| {
                let principal = service.principal(caller);
                crate::audit::Pending::new(audit, subject, caller, principal, arguments)
            }),
            #[cfg(feature = "prometheus")]
            count: (service.parts().settings.metrics)
                .then(|| crate::metrics::Counted::new(subject)),
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.span().clone()
    }

    /// Why a call of the handler `name` is not to be made.
    #[cfg_attr(
        not(feature = "audit"),
        expect(clippy::unused_async, reason = "only the audit makes a call wait")
    )]
    pub(crate) async fn refusal(&mut self, name: &str, caller: &Arc<Caller>) -> Option<Failure> {
        #[cfg(feature = "audit")]
        if let Some(record) = &mut self.record
            && !record.admit(caller).await
        {
            return Some(unrecorded(name));
        }
        #[cfg(not(feature = "audit"))]
        let _ = (name, caller);
        None
    }

    /// Takes note of the end of a call; if it cannot be told as it is, what is told instead.
    #[cfg_attr(
        not(feature = "audit"),
        expect(clippy::unused_async, reason = "only the audit makes a call wait")
    )]
    pub(crate) async fn end(
        self,
        name: &str,
        ran: Option<&Result<Reply<Output>, Failure>>,
    ) -> Option<Failure> {
        let end = End::of(ran);
        self.span.end(&end);
        #[cfg(feature = "prometheus")]
        if let Some(count) = self.count {
            count.end(&end);
        }
        #[cfg(feature = "audit")]
        if let Some(record) = self.record
            && !record.end(&end).await
        {
            return Some(withheld(name));
        }
        #[cfg(not(feature = "audit"))]
        let _ = name;
        None
    }

    /// The call was refused before a handler was asked.
    fn refuse(self, kind: &str) {
        let end = End::failed(kind);
        self.span.end(&end);
        #[cfg(feature = "prometheus")]
        if let Some(count) = self.count {
            count.end(&end);
        }
        #[cfg(feature = "audit")]
        if let Some(record) = self.record {
            record.refuse(&end);
        }
    }
}

impl Service {
    /// Who asks.
    pub(crate) fn principal<'a>(&'a self, caller: &'a Caller) -> Option<&'a Principal> {
        let of_server = self.parts().settings.principal.as_ref();
        caller.principal.as_ref().or(of_server)
    }

    /// Takes note of a call of something that is not there for who asks; `exists` says whether it is there for others.
    pub(crate) fn note_absent(
        &self,
        subject: &Subject<'_>,
        caller: &Caller,
        arguments: &Map<String, Value>,
        exists: bool,
    ) {
        let watch = Watch::new(self, subject, caller, arguments);
        watch.refuse(if exists { "forbidden" } else { "unknown" });
    }
}

#[cfg(feature = "audit")]
use self::told::{unrecorded, withheld};

/// What clients are told when there can be no record.
#[cfg(feature = "audit")]
mod told {
    use serde_json::json;

    use crate::outcome::Failure;

    pub(super) fn unrecorded(name: &str) -> Failure {
        let text = format!(
            "`{name}` was not called: this server cannot record calls at the moment. Try it again later."
        );
        let value = json!({ "kind": "unrecorded", "retryable": true });
        Failure::told(text, value)
    }

    pub(super) fn withheld(name: &str) -> Failure {
        let text = format!(
            "`{name}` has run, but this server could not record it, and keeps the result back. Calling it again runs it again."
        );
        let value = json!({ "kind": "unrecorded", "retryable": false });
        Failure::told(text, value)
    }
}
