//! Questions in place, over the peer of an rmcp service.

use std::time::Duration;

use futures_util::FutureExt as _;
use rmcp::{
    Peer, RoleServer, ServiceError,
    model::{
        self, CancelledNotification, CancelledNotificationParam, ClientResult, RequestMetaObject,
        ServerRequest,
    },
    service::{PeerRequestOptions, RequestHandle},
};
use serde_json::{Value, json};
use tokio::{task::unconstrained, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{AskError, InputRequest};

/// Asks the client of a session.
pub(crate) async fn ask(
    peer: &Peer<RoleServer>,
    request: &InputRequest,
    meta: RequestMetaObject,
    limit: Duration,
    cancel: &CancellationToken,
) -> Result<Value, AskError> {
    let options = PeerRequestOptions::no_options().with_meta(meta);
    let sent = peer
        .send_request_with_option(typed(request)?, options)
        .await;
    let handle = sent.map_err(|error| failed(&error))?;
    let mut open = Open {
        handle: Some(handle),
        cancel,
    };
    let answer = timeout(limit, open.answer()).await;
    let handle = open.handle.take();
    let Ok(answer) = answer else {
        if let Some(handle) = handle {
            // That the client is gone is noticed elsewhere.
            let _ = handle.cancel(None).await;
        }
        return Err(AskError::TimedOut);
    };
    match answer {
        Ok(result) => {
            serde_json::to_value(result).map_err(|error| AskError::failed(error.to_string()))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// A question on its way. Dropped before the answer, it is taken back, unless the client has taken back the call.
struct Open<'a> {
    handle: Option<RequestHandle<RoleServer>>,
    cancel: &'a CancellationToken,
}

impl Open<'_> {
    async fn answer(&mut self) -> Result<ClientResult, ServiceError> {
        let answer = match &mut self.handle {
            Some(handle) => (&mut handle.rx).await.ok(),
            None => None,
        };
        answer.unwrap_or(Err(ServiceError::TransportClosed))
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Some(handle) = self.handle.take() else {
            return;
        };
        if self.cancel.is_cancelled() {
            return;
        }
        let params = CancelledNotificationParam::new(Some(handle.id), None);
        let notification = CancelledNotification::new(params).into();
        // Its first poll puts it into the queue; nothing waits for the rest.
        let _ = unconstrained(handle.peer.send_notification(notification)).now_or_never();
    }
}

/// The question as rmcp has it.
fn typed(request: &InputRequest) -> Result<ServerRequest, AskError> {
    Ok(match input_request(request)? {
        model::InputRequest::CreateMessage(request) => ServerRequest::CreateMessageRequest(request),
        model::InputRequest::Elicitation(request) => ServerRequest::ElicitRequest(request),
        model::InputRequest::ListRoots(request) => ServerRequest::ListRootsRequest(request),
        _ => return Err(AskError::misused("a question that rmcp does not know")),
    })
}

/// The question as rmcp has it in a round.
pub(crate) fn input_request(request: &InputRequest) -> Result<model::InputRequest, AskError> {
    let mut whole = json!({ "method": request.method });
    if !request.params.is_empty() {
        whole["params"] = request.params.clone().into();
    }
    serde_json::from_value(whole)
        .map_err(|error| AskError::misused(format!("a question that rmcp cannot send: {error}")))
}

fn failed(error: &ServiceError) -> AskError {
    match error {
        ServiceError::McpError(error) => AskError::refused(&error.message),
        _ => AskError::failed("the client is gone"),
    }
}
