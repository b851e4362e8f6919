//! What a transport knows of one request, whatever transport it is.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rmcp::{
    Peer, RoleServer,
    model::{
        ClientCapabilities, Extensions, Implementation, ProtocolVersion, RequestId,
        RequestMetaObject,
    },
    service::RequestContext,
};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{AskError, Cancel, InputRequest, Notice, Outbox, Parent, ask, log::Least};
use crate::Principal;

/// The key in `_meta` of a question in place under which its key stands.
const KEY: &str = "mcp-runtime/key";

/// One request and where its answers go.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) id: RequestId,
    /// The revision of the protocol that the request is served in.
    pub(crate) version: ProtocolVersion,
    pub(crate) meta: RequestMetaObject,
    pub(crate) client: Arc<Client>,
    /// Who asks, if the transport or the server knows it.
    pub(crate) principal: Option<Principal>,
    /// What the call is about as a whole, once it is known: for those who watch it from outside.
    pub(crate) scope: OnceLock<String>,
    pub(crate) resumed: Resumed,
    /// The call that this one is a part of.
    pub(crate) parent: Option<Box<Parent>>,
    pub(crate) extensions: Extensions,
    /// The HTTP request that the request came by.
    #[cfg(feature = "http")]
    pub(crate) parts: Option<Arc<http::request::Parts>>,
    /// Cancelled when the client takes its request back or goes away.
    pub(crate) cancel: Cancel,
    pub(crate) sink: Sink,
    /// What the call comes to is for this call alone.
    #[cfg(feature = "cache")]
    pub(crate) personal: std::sync::atomic::AtomicBool,
}

/// What a client says about itself.
#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) info: Option<Implementation>,
    pub(crate) capabilities: ClientCapabilities,
    /// What the client of a session of ours wants to be told.
    pub(crate) log_level: Least,
    /// What it says about itself with each request; of a request that only repeats it, `meta` lacks this.
    pub(crate) told: Map<String, Value>,
}

/// What a request brings of an earlier round: the client's answers, and the sealed state that it was given with the questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resumed {
    pub(crate) answers: BTreeMap<String, Value>,
    pub(crate) state: Option<String>,
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
    /// Into the response of the HTTP request that asks.
    #[cfg(feature = "http")]
    Feed(Arc<super::Feed>),
}

impl Caller {
    /// The caller of a plain function.
    pub(crate) fn detached() -> Self {
        Self {
            id: RequestId::Number(0),
            version: ProtocolVersion::LATEST,
            meta: RequestMetaObject::default(),
            client: Arc::default(),
            principal: None,
            scope: OnceLock::new(),
            resumed: Resumed::default(),
            parent: None,
            extensions: Extensions::default(),
            #[cfg(feature = "http")]
            parts: None,
            cancel: Cancel::default(),
            sink: Sink::None,
            #[cfg(feature = "cache")]
            personal: false.into(),
        }
    }

    /// The same caller for a call that the handler of this request makes. The progress is that of the request alone, and so is what
    /// it brings of an earlier round.
    pub(super) fn nested(&self, parent: Parent) -> Self {
        let mut meta = self.meta.clone();
        meta.remove("progressToken");
        Self {
            id: self.id.clone(),
            version: self.version.clone(),
            meta,
            client: Arc::clone(&self.client),
            principal: self.principal.clone(),
            scope: OnceLock::new(),
            resumed: Resumed::default(),
            parent: Some(Box::new(parent)),
            extensions: self.extensions.clone(),
            #[cfg(feature = "http")]
            parts: self.parts.clone(),
            cancel: self.cancel.token().clone().into(),
            sink: self.sink.clone(),
            #[cfg(feature = "cache")]
            personal: false.into(),
        }
    }

    /// Who asks, without a way back: for what outlives the request.
    pub(crate) fn onlooker(&self) -> Self {
        Self {
            id: self.id.clone(),
            version: self.version.clone(),
            meta: self.meta.clone(),
            client: Arc::clone(&self.client),
            principal: self.principal.clone(),
            extensions: self.extensions.clone(),
            #[cfg(feature = "http")]
            parts: self.parts.clone(),
            ..Self::detached()
        }
    }

    /// What a transport or a middleware has added to the request.
    pub(crate) fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        #[cfg(feature = "http")]
        if let Some(parts) = &self.parts
            && let Some(parts) = <dyn std::any::Any>::downcast_ref(&**parts)
        {
            return Some(parts);
        }
        self.extensions.get()
    }

    /// The request, for the transport to say what only it knows.
    ///
    /// # Panics
    ///
    /// If the request is shared already, which it is as soon as it runs.
    pub(crate) fn unshared(self: &mut Arc<Self>) -> &mut Self {
        Arc::get_mut(self).expect("a transport has a request to itself until it runs")
    }

    /// The same request with what it brings of an earlier round.
    pub(crate) fn resuming(
        mut self,
        answers: Option<BTreeMap<String, Value>>,
        state: Option<String>,
    ) -> Self {
        let answers = answers.unwrap_or_default();
        self.resumed = Resumed { answers, state };
        self
    }
}

impl From<RequestContext<RoleServer>> for Caller {
    fn from(context: RequestContext<RoleServer>) -> Self {
        Self {
            version: context
                .protocol_version()
                .unwrap_or(ProtocolVersion::LATEST_WITH_INITIALIZE),
            client: Arc::new(Client {
                info: context.client_info(),
                capabilities: context.client_capabilities().unwrap_or_default(),
                ..Client::default()
            }),
            principal: context.extensions.get().cloned(),
            scope: OnceLock::new(),
            resumed: Resumed::default(),
            parent: None,
            id: context.id,
            meta: context.meta,
            extensions: context.extensions,
            #[cfg(feature = "http")]
            parts: None,
            cancel: context.ct.into(),
            sink: Sink::Peer(context.peer),
            #[cfg(feature = "cache")]
            personal: false.into(),
        }
    }
}

impl Client {
    /// Whether there is anything that it can be asked.
    pub(crate) fn can_be_asked(&self) -> bool {
        let ClientCapabilities {
            elicitation,
            sampling,
            roots,
            ..
        } = &self.capabilities;
        elicitation.is_some() || sampling.is_some() || roots.is_some()
    }
}

impl Sink {
    /// Sends a notification. That the client is gone is noticed elsewhere.
    pub(crate) async fn notify(&self, notice: impl Notice) {
        match self {
            Self::None => {}
            Self::Peer(peer) => {
                let _ = peer.send_notification(notice.into()).await;
            }
            Self::Outbox(outbox) => outbox.notify(notice).await,
            #[cfg(feature = "http")]
            Self::Feed(feed) => feed.notify(notice).await,
        }
    }

    /// Asks the client of a session, and waits for its answer for as long as `limit`. `cancel` says that the client has taken
    /// the call back.
    pub(crate) async fn ask(
        &self,
        request: &InputRequest,
        key: &str,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Value, AskError> {
        match self {
            #[cfg(feature = "http")]
            Self::Feed(feed) => {
                let mut params = request.params.clone();
                params.insert("_meta".into(), json!({ KEY: key }));
                feed.ask(request.method, params, limit, cancel).await
            }
            Self::None => Err(AskError::failed("there is no way to the client")),
            Self::Outbox(outbox) => {
                let mut params = request.params.clone();
                params.insert("_meta".into(), json!({ KEY: key }));
                outbox.ask(request.method, params, limit, cancel).await
            }
            Self::Peer(peer) => {
                let mut meta = RequestMetaObject::default();
                meta.insert(KEY.into(), key.into());
                ask::over_peer(peer, request, meta, limit, cancel).await
            }
        }
    }
}
