//! [`RateLayer`]: limits how often.

use std::{borrow::Cow, panic::Location, sync::Arc};

use tower_layer::Layer;

use super::{Decision, Rate, Share, Store, share::sharing, store::Buckets};
use crate::{
    CallError,
    layer::{CallRequest, standing_around},
};

/// Limits how often handlers are called: of the whole server, of a group or of one handler, depending on where the layer
/// stands; of all callers together or of [each](Self::per_caller).
///
/// ```
/// use mcp_runtime::{Server, handlers, limit::{Rate, RateLayer}, tool};
///
/// /// Searches the archive.
/// #[tool(read_only, rate = "2/s")]
/// async fn search(words: String) -> Vec<String> {
///     vec![words]
/// }
///
/// let server = Server::new("archive", "1.0.0")
///     .add(handlers![search])
///     .layer(RateLayer::new(Rate::per_second(100)))
///     .layer(RateLayer::new(Rate::per_minute(60).with_burst(20)).per_caller());
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// `#[tool(rate = "2/s")]` is this layer, per caller, around one handler.
///
/// A call that goes over the limit is refused with a text that says when to try again, and with the same as `retry_after`, in seconds, in
/// `mcp-runtime/error` of its `_meta`. Lists and discovery do not count. Each round of a call that asks questions in rounds does, and so
/// does each call that a handler makes.
#[derive(Clone, Debug)]
#[must_use = "give it to `Server::layer` or `Handlers::layer`"]
pub struct RateLayer {
    /// What tells its buckets from those of other layers, in all processes of a program.
    name: Cow<'static, str>,
    rate: Rate,
    cost: u32,
    share: Share,
    /// `None` is the store of the server.
    store: Option<Buckets>,
}

/// The service of [`RateLayer`].
#[derive(Clone, Debug)]
pub struct RateLimited<S> {
    layer: Arc<RateLayer>,
    inner: S,
}

impl RateLayer {
    /// A limit for all calls together.
    ///
    /// Its buckets are its own: they are told from those of other layers by the place in the program where this is called, or by a
    /// [name](Self::named).
    #[track_caller]
    pub fn new(rate: Rate) -> Self {
        Self {
            name: Location::caller().to_string().into(),
            rate,
            cost: 1,
            share: Share::default(),
            store: None,
        }
    }

    sharing!();

    /// A name by which its buckets are told from those of other layers. Those of one name share them, if the rate is the same.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// How many tokens a call takes, if not one.
    pub fn cost(mut self, tokens: u32) -> Self {
        self.cost = tokens;
        self
    }

    /// Where its buckets are, if not in the store of the server.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Buckets::new(store));
        self
    }

    /// The error of a call that must not go on.
    async fn refusal(&self, request: &CallRequest) -> Option<CallError> {
        let of_server = || Some(&request.context().service()?.parts().settings.buckets);
        let buckets = self.store.as_ref().or_else(of_server)?;
        let key = self.share.key(&self.name, request);
        match buckets.take(key, self.rate, self.cost).await {
            Decision::Allowed => None,
            Decision::Refused { retry_after } => {
                let problem = format!("too many calls of `{}`", request.name());
                Some(CallError::busy("rate_limited", &problem, Some(retry_after)))
            }
            Decision::Unavailable { retry_after } => {
                let problem = "nobody can say at the moment how many calls there have been";
                Some(CallError::busy("rate_unknown", problem, Some(retry_after)))
            }
        }
    }
}

impl<S> Layer<S> for RateLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> RateLimited<S> {
        RateLimited {
            layer: Arc::new(self.clone()),
            inner,
        }
    }
}

standing_around!(RateLimited, |mut ready, request| {
    if let Some(error) = ready.layer.refusal(&request).await {
        return Ok(request.refuse(error));
    }
    ready.inner.call(request).await.map_err(Into::into)
});
