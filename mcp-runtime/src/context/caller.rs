//! What a transport knows of one request, whatever transport it is.

use rmcp::{
    Peer, RoleServer,
    model::{
        ClientCapabilities, Extensions, Implementation, ProgressNotificationParam, ProtocolVersion,
        RequestId, RequestMetaObject, ServerNotification,
    },
    service::RequestContext,
};
use tokio_util::sync::CancellationToken;

use super::Outbox;

/// One request and where its answers go.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) id: RequestId,
    /// The revision of the protocol that the request is served in.
    pub(crate) version: ProtocolVersion,
    pub(crate) meta: RequestMetaObject,
    pub(crate) client: Option<Implementation>,
    pub(crate) capabilities: ClientCapabilities,
    pub(crate) extensions: Extensions,
    /// Cancelled when the client takes its request back or goes away.
    pub(crate) cancel: CancellationToken,
    pub(crate) sink: Sink,
}

/// Where notifications of a request go.
#[derive(Clone, Debug)]
pub(crate) enum Sink {
    /// Nowhere.
    None,
    /// To the peer of an rmcp service.
    Peer(Peer<RoleServer>),
    /// Into the outbox of a connection of ours, which writes them in order before the answer.
    Outbox(Outbox),
}

impl Caller {
    /// The caller of a plain function.
    pub(crate) fn detached() -> Self {
        Self {
            id: RequestId::Number(0),
            version: ProtocolVersion::LATEST,
            meta: RequestMetaObject::default(),
            client: None,
            capabilities: ClientCapabilities::default(),
            extensions: Extensions::default(),
            cancel: CancellationToken::new(),
            sink: Sink::None,
        }
    }
}

impl From<RequestContext<RoleServer>> for Caller {
    fn from(context: RequestContext<RoleServer>) -> Self {
        Self {
            version: context
                .protocol_version()
                .unwrap_or(ProtocolVersion::LATEST_WITH_INITIALIZE),
            client: context.client_info(),
            capabilities: context.client_capabilities().unwrap_or_default(),
            id: context.id,
            meta: context.meta,
            extensions: context.extensions,
            cancel: context.ct,
            sink: Sink::Peer(context.peer),
        }
    }
}

impl Sink {
    /// Sends a progress notification. That the client is gone is noticed elsewhere.
    pub(crate) async fn progress(&self, progress: ProgressNotificationParam) {
        match self {
            Self::None => {}
            Self::Peer(peer) => {
                let _ = peer.notify_progress(progress).await;
            }
            Self::Outbox(outbox) => {
                let notification = rmcp::model::Notification::new(progress);
                outbox
                    .notify(ServerNotification::ProgressNotification(notification))
                    .await;
            }
        }
    }
}
