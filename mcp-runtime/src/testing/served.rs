//! The server's side: rmcp's service loop around a [`Service`].

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use rmcp::{
    ErrorData, RoleServer, ServiceExt,
    model::{ClientNotification, ClientRequest, InitializeResult, ProtocolVersion, ServerResult},
    service::{NotificationContext, RequestContext},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::line::ServerEnd;
use crate::{Error, Principal, Service, hub::listening_as};

/// Serves until the client is gone, and ends the server then.
pub(super) async fn serve(
    service: Service,
    principal: Arc<Mutex<Option<Principal>>>,
    line: ServerEnd,
) -> Result<(), Error> {
    let served = Served {
        service: service.clone(),
        principal,
    };
    // A client that goes away before its first request is no error of the server, and there is no other one.
    if let Ok(running) = served.serve(line).await {
        // The loop contains what its tasks do, and ends with the line.
        let _ = running.waiting().await;
    }
    // The streams of other clients of the same service go on.
    service.stop().await
}

/// Tells a client in the same process that its request has ended, also when no answer is sent: an extension of the request.
#[derive(Clone, Debug)]
pub(super) struct Ended(
    #[expect(dead_code, reason = "it counts when it is dropped")] Arc<DropGuard>,
);

impl Ended {
    /// The extension, and the token that is cancelled when the request has ended.
    pub(super) fn new() -> (Self, CancellationToken) {
        let token = CancellationToken::new();
        (Self(Arc::new(token.clone().drop_guard())), token)
    }
}

/// A service that tells its requests who asks, as a transport that has verified it does, and that drops the [`Ended`] of a
/// request with the handler: the context of a call may live on in other tasks.
struct Served {
    service: Service,
    /// Who uses the client at the moment.
    principal: Arc<Mutex<Option<Principal>>>,
}

impl rmcp::Service<RoleServer> for Served {
    async fn handle_request(
        &self,
        request: ClientRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let _ended = context.extensions.remove::<Ended>();
        let principal = self.principal.lock();
        let principal = principal.unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(principal) = &principal {
            context.extensions.insert(principal.clone());
        }
        let answer = rmcp::Service::handle_request(&self.service, request, context);
        listening_as(principal, answer).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        rmcp::Service::handle_notification(&self.service, notification, context).await
    }

    fn get_info(&self) -> InitializeResult {
        rmcp::Service::get_info(&self.service)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        rmcp::Service::supported_protocol_versions(&self.service)
    }
}
