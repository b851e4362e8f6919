//! [`from_fn`]: a function as a layer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse, Next};

/// A layer from an async function, which gets the request and [`Next`], the rest of the way.
///
/// ```
/// use mcp_runtime::{CallError, Server, layer::{self, CallRequest, CallResponse, Next, BoxError}};
///
/// async fn cautious(request: CallRequest, next: Next) -> Result<CallResponse, BoxError> {
///     if request.component().destructive() && request.context().principal().is_none() {
///         let error = CallError::new("Say who you are before you destroy something.");
///         return Ok(request.refuse(error));
///     }
///     next.run(request).await
/// }
///
/// let server = Server::new("example", "1.0.0").layer(layer::from_fn(cautious));
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
pub fn from_fn<F, Fut, E>(function: F) -> FromFnLayer<F>
where
    F: Fn(CallRequest, Next) -> Fut,
    Fut: Future<Output = Result<CallResponse, E>> + Send + 'static,
    E: Into<BoxError>,
{
    FromFnLayer(Arc::new(function))
}

/// The layer of [`from_fn`].
pub struct FromFnLayer<F>(Arc<F>);

/// The service of [`from_fn`].
pub struct FromFn<F> {
    function: Arc<F>,
    next: Next,
}

impl<F> Layer<Next> for FromFnLayer<F> {
    type Service = FromFn<F>;

    fn layer(&self, next: Next) -> FromFn<F> {
        FromFn {
            function: Arc::clone(&self.0),
            next,
        }
    }
}

impl<F, Fut, E> Service<CallRequest> for FromFn<F>
where
    F: Fn(CallRequest, Next) -> Fut,
    Fut: Future<Output = Result<CallResponse, E>> + Send + 'static,
    E: Into<BoxError>,
{
    type Response = CallResponse;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<CallResponse, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: CallRequest) -> Self::Future {
        let response = (self.function)(request, self.next.clone());
        Box::pin(async move { response.await.map_err(Into::into) })
    }
}

impl<F> Clone for FromFnLayer<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F> Clone for FromFn<F> {
    fn clone(&self) -> Self {
        Self {
            function: Arc::clone(&self.function),
            next: self.next.clone(),
        }
    }
}

impl<F> fmt::Debug for FromFnLayer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFnLayer").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}
