//! [`CacheLayer`]: keeps what handlers answer.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use moka::future::Cache;
use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse, standing_around};
use crate::fingerprint::{Fingerprint, Print};

/// How much a cache holds, unless something else is said, in bytes.
const MOST: u64 = 16 * 1024 * 1024;

/// What a result takes besides its bytes.
const ENTRY: usize = 256;

/// Keeps what handlers answer for a time, and gives it to calls that are the same: by the handler, its arguments as it reads them,
/// and the caller with its rights.
///
/// `#[tool(read_only, idempotent, cache = "30s")]` and `#[resource("…", cache = "30s")]` are this layer around one handler, where the
/// compiler knows that nothing is changed. The layer itself keeps only what [such](crate::Definition::read_only) handlers
/// answer, and lets all other calls pass:
///
/// ```
/// use std::time::Duration;
///
/// use mcp_runtime::{Server, layer::CacheLayer};
///
/// let server = Server::new("example", "1.0.0")
///     .layer(CacheLayer::new(Duration::from_secs(30)).max_bytes(64 * 1024 * 1024));
/// ```
///
/// Of several calls at once that are the same, the handler runs for one, and the others wait for it. When it fails, or its client goes
/// away, the others go on by themselves.
///
/// Never kept: failures, questions and what came of their answers, what was told piece by piece, and results with a `_meta` of their own.
/// Whoever is not allowed to make the call is not given what is kept either. What a handler reads of its call besides its
/// arguments and the principal, such as headers, is not looked at: do not cache such a handler.
#[derive(Clone, Copy, Debug)]
#[must_use = "give it to `Server::layer` or `Handlers::layer`"]
pub struct CacheLayer {
    ttl: Duration,
    most: u64,
    public: bool,
}

/// The service of [`CacheLayer`].
#[derive(Clone)]
pub struct Cached<S> {
    public: bool,
    kept: Cache<Print, Kept>,
    inner: S,
}

impl CacheLayer {
    /// Keeps results for so long.
    pub fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            most: MOST,
            public: false,
        }
    }

    /// Keeps results for so many milliseconds, perhaps for everybody.
    #[doc(hidden)]
    pub fn of(milliseconds: u64, public: bool) -> Self {
        Self {
            public,
            ..Self::new(Duration::from_millis(milliseconds))
        }
    }

    /// All callers are answered the same: what one is told is told to the others, too.
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// How much is kept, in bytes: 16 MiB unless this says otherwise. What is asked for least has to make room.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = Cached<S>;

    fn layer(&self, inner: S) -> Cached<S> {
        let kept = Cache::builder()
            .max_capacity(self.most)
            .weigher(|_, kept: &Kept| kept.bytes)
            .time_to_live(self.ttl)
            .build();
        Cached {
            public: self.public,
            kept,
            inner,
        }
    }
}

standing_around!(Cached, |mut ready, request| {
    match key(&request, ready.public) {
        Some(key) => ready.share(key, request).await,
        None => ready.inner.call(request).await.map_err(Into::into),
    }
});

impl<S> Cached<S>
where
    S: Service<CallRequest, Response = CallResponse> + Clone,
    S::Error: Into<BoxError>,
{
    /// Answers with what is kept, or with what the first of all calls of the same key comes to.
    async fn share(mut self, key: Print, request: CallRequest) -> Result<CallResponse, BoxError> {
        if let Some(kept) = self.kept.get(&key).await {
            return Ok((*kept.response).clone());
        }
        let own = Mutex::new(None);
        let (mut inner, again) = (self.inner.clone(), request.clone());
        let run = async {
            let context = request.context().clone();
            let response = self.inner.call(request).await.map_err(Into::into);
            match response {
                // Nobody waits for it. It is dropped in a moment, and then the next one has its turn.
                Ok(response) if response.is_cancelled() => std::future::pending().await,
                Ok(response) if !context.is_personal() && response.can_be_kept() => {
                    Ok(Kept::new(response))
                }
                response => {
                    *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                    Err(NotKept)
                }
            }
        };
        let shared: Result<Kept, Arc<NotKept>> = self.kept.try_get_with(key, run).await;
        if let Ok(kept) = shared {
            // What has no room goes now, and not with a later call: it may be large.
            self.kept.run_pending_tasks().await;
            return Ok((*kept.response).clone());
        }
        if let Some(response) = own.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return response;
        }
        // Another call came to something that is for it alone. This one has its turn now.
        let ready = std::future::poll_fn(|cx| inner.poll_ready(cx)).await;
        ready.map_err(Into::into)?;
        inner.call(again).await.map_err(Into::into)
    }
}

/// A response that is kept.
#[derive(Clone)]
struct Kept {
    response: Arc<CallResponse>,
    bytes: u32,
}

impl Kept {
    fn new(response: CallResponse) -> Self {
        let bytes = response.value().to_string().len() + ENTRY;
        Self {
            response: Arc::new(response),
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        }
    }
}

/// What a call came to is for it alone.
struct NotKept;

/// What all calls have in common that are answered the same; `None` for a call that is not answered like any other.
fn key(request: &CallRequest, public: bool) -> Option<Print> {
    let context = request.context();
    let component = request.component();
    if !component.read_only() || context.is_resumed() {
        return None;
    }
    let tenants = request.admitted()?;
    let mut print = Fingerprint::default();
    print.text(component.kind().name());
    print.text(request.uri().unwrap_or(request.name()));
    print.text(&request.generation());
    print.text(context.protocol_version());
    print.text(&tenants);
    print.object(request.arguments());
    if !public {
        print.value(&context.principal().is_some().into());
        // With all rights: the same person with fewer of them may be told less.
        if let Some(principal) = context.principal() {
            principal.print(&mut print);
        }
    }
    Some(print.finish())
}

impl<S> fmt::Debug for Cached<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
