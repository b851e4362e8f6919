//! Handlers to run, and what they come to.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use rmcp::model::{
    CallToolResult, CompleteRequestParams, CompleteResult, ErrorData, GetPromptResult, MetaObject,
    ReadResourceResult, ResultType,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{super::reply, called};
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

    /// Runs the handler, up to the line that answers; there is none if the client took the request back.
    pub(in super::super) async fn run(
        self,
        service: Service,
        caller: Arc<Caller>,
    ) -> Option<Vec<u8>> {
        let id = caller.id.clone();
        let outcome = self.outcome(service, caller).await?;
        Some(outcome.unwrap_or_else(|error| reply::error(Some(&id), &error)))
    }

    /// Runs the handler, up to the line with its result or the error that stands for one; there is neither if the client
    /// took the request back.
    ///
    /// Handlers are contained by the driver. What surrounds them is contained here, so that every request is answered.
    pub(in super::super) async fn outcome(
        self,
        service: Service,
        caller: Arc<Caller>,
    ) -> Option<Result<Vec<u8>, ErrorData>> {
        let answer = self.answer(&service, caller);
        let contained = AssertUnwindSafe(answer).catch_unwind().await;
        contained.unwrap_or_else(|panic| Some(Err(outcome::panicked(&*panic))))
    }

    async fn answer(
        self,
        service: &Service,
        caller: Arc<Caller>,
    ) -> Option<Result<Vec<u8>, ErrorData>> {
        let of = Arc::clone(&caller);
        let about = (service, &*of);
        Some(match self {
            Self::Tool { name, arguments } => {
                let answer = service.call_tool(caller, &name, arguments).await?;
                written(about, answer)
            }
            Self::Resource { uri } => {
                let answer = service.read_resource(caller, &uri).await?;
                written(about, answer)
            }
            Self::Prompt { name, arguments } => {
                let answer = service.get_prompt(caller, &name, arguments).await?;
                written(about, answer)
            }
            Self::Completion(params) => {
                let answer = service.complete(caller, *params).await?;
                written(about, answer.map(Reply::Complete))
            }
        })
    }
}

/// The line with a result.
fn written(
    (service, caller): (&Service, &Caller),
    answer: Result<Reply<impl Outcome>, ErrorData>,
) -> Result<Vec<u8>, ErrorData> {
    let mut result = match answer? {
        Reply::Complete(result) => result,
        Reply::InputRequired(round) => return Ok(reply::result(&caller.id, &round)),
    };
    let (id, version) = (&caller.id, &caller.version);
    let (kind, meta) = result.parts();
    compat::result_type(version, kind);
    let mut signature = "";
    if meta.is_none() && !version.has_initialize() {
        signature = &service.parts().signature;
    } else {
        service.stamp(version, meta);
    }
    Ok(reply::signed(id, signature, |line| result.write(line)))
}

/// What a handler comes to.
trait Outcome: Serialize {
    /// What depends on the revision.
    fn parts(&mut self) -> (&mut Option<ResultType>, &mut Option<MetaObject>);

    fn write(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(line, self)
    }
}

impl Outcome for CallToolResult {
    fn parts(&mut self) -> (&mut Option<ResultType>, &mut Option<MetaObject>) {
        (&mut self.result_type, &mut self.meta)
    }

    fn write(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        called::write(self, line)
    }
}

impl Outcome for ReadResourceResult {
    fn parts(&mut self) -> (&mut Option<ResultType>, &mut Option<MetaObject>) {
        (&mut self.result_type, &mut self.meta)
    }
}

impl Outcome for GetPromptResult {
    fn parts(&mut self) -> (&mut Option<ResultType>, &mut Option<MetaObject>) {
        (&mut self.result_type, &mut self.meta)
    }
}

impl Outcome for CompleteResult {
    fn parts(&mut self) -> (&mut Option<ResultType>, &mut Option<MetaObject>) {
        (&mut self.result_type, &mut self.meta)
    }
}
