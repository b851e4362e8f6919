//! Handlers to run, and what they come to.

use std::{panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt as _;
use rmcp::model::{
    CompleteRequestParams, ErrorData, MetaObject, ProtocolVersion, RequestId, ResultType,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::reply;
#[cfg(feature = "http")]
use crate::Kind;
use crate::{Service, compat, context::Caller, dispatch::Reply, outcome};

/// A handler to run.
#[derive(Debug)]
pub(in super::super) enum Work {
    Tool {
        name: String,
        arguments: Option<Map<String, Value>>,
    },
    Resource {
        uri: String,
    },
    Prompt {
        name: String,
        arguments: Option<Map<String, Value>>,
    },
    Completion(Box<CompleteRequestParams>),
}

/// A handler that runs, up to the line that answers; there is none if the client took the request back.
pub(in super::super) type Job = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>;

impl Work {
    /// What is called: a kind of handlers, and a name or a URI. A completion calls none.
    #[cfg(feature = "http")]
    pub(in super::super) fn target(&self) -> Option<(Kind, &str)> {
        match self {
            Self::Tool { name, .. } => Some((Kind::Tool, name)),
            Self::Resource { uri } => Some((Kind::Resource, uri)),
            Self::Prompt { name, .. } => Some((Kind::Prompt, name)),
            Self::Completion(_) => None,
        }
    }

    /// Runs the handler, up to the line that answers.
    pub(in super::super) fn run(self, service: Service, caller: Caller) -> Job {
        let id = caller.id.clone();
        Box::pin(self.outcome(service, caller).map(move |outcome| {
            outcome.map(|outcome| outcome.unwrap_or_else(|error| reply::error(Some(&id), &error)))
        }))
    }

    /// Runs the handler, up to the line with its result or the error that stands for one; there is neither if the client
    /// took the request back.
    ///
    /// Handlers are contained by the driver. What surrounds them is contained here, so that every request is answered.
    pub(in super::super) fn outcome(
        self,
        service: Service,
        caller: Caller,
    ) -> impl Future<Output = Option<Result<Vec<u8>, ErrorData>>> + Send + 'static {
        let contained = AssertUnwindSafe(self.answer(service, caller)).catch_unwind();
        contained
            .map(|outcome| outcome.unwrap_or_else(|panic| Some(Err(outcome::panicked(&*panic)))))
    }

    async fn answer(self, service: Service, caller: Caller) -> Option<Result<Vec<u8>, ErrorData>> {
        let (id, version) = (caller.id.clone(), caller.version.clone());
        let about = (&service, &id, &version);
        Some(match self {
            Self::Tool { name, arguments } => {
                let answer = service.call_tool(caller, &name, arguments).await?;
                written(about, answer, |result| {
                    (&mut result.result_type, &mut result.meta)
                })
            }
            Self::Resource { uri } => {
                let answer = service.read_resource(caller, &uri).await?;
                written(about, answer, |result| {
                    (&mut result.result_type, &mut result.meta)
                })
            }
            Self::Prompt { name, arguments } => {
                let answer = service.get_prompt(caller, &name, arguments).await?;
                written(about, answer, |result| {
                    (&mut result.result_type, &mut result.meta)
                })
            }
            Self::Completion(params) => {
                let answer = service.complete(caller, *params).await?;
                written(about, answer.map(Reply::Complete), |result| {
                    (&mut result.result_type, &mut result.meta)
                })
            }
        })
    }
}

/// The line with a result, which `parts` takes out what depends on the revision of.
fn written<R: Serialize>(
    (service, id, version): (&Service, &RequestId, &ProtocolVersion),
    answer: Result<Reply<R>, ErrorData>,
    parts: impl FnOnce(&mut R) -> (&mut Option<ResultType>, &mut Option<MetaObject>),
) -> Result<Vec<u8>, ErrorData> {
    let mut result = match answer? {
        Reply::Complete(result) => result,
        Reply::InputRequired(round) => return Ok(reply::result(id, &round)),
    };
    let (kind, meta) = parts(&mut result);
    compat::result_type(version, kind);
    if meta.is_none() && !version.has_initialize() {
        return Ok(reply::identified(id, &result, &service.parts().signature));
    }
    service.stamp(version, meta);
    Ok(reply::result(id, &result))
}
