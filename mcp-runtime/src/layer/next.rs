//! [`Next`]: the rest of the way of a call.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse};

/// The rest of the way of a call: the layers that stand further in, and the handler.
///
/// It is what layers are put around, and the same for all calls: the way is in the request. A request that is cloned can go
/// the rest of its way again; the handler runs again then.
#[derive(Clone, Debug)]
pub struct Next(());

impl Next {
    /// The whole way.
    pub(crate) fn first() -> Self {
        Self(())
    }

    /// Goes the rest of the way.
    ///
    /// # Errors
    ///
    /// If a layer further in gives up. That a handler has failed is a response.
    pub async fn run(self, request: CallRequest) -> Result<CallResponse, BoxError> {
        go_on(request).await
    }
}

impl Service<CallRequest> for Next {
    type Response = CallResponse;
    type Error = BoxError;
    type Future = NextFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: CallRequest) -> NextFuture {
        go_on(request)
    }
}

/// The future of [`Next`].
#[must_use = "a call does nothing unless it is polled"]
pub struct NextFuture(Pin<Box<dyn Future<Output = Result<CallResponse, BoxError>> + Send>>);

impl NextFuture {
    pub(super) fn new(
        future: impl Future<Output = Result<CallResponse, BoxError>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(future))
    }
}

impl Future for NextFuture {
    type Output = Result<CallResponse, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for NextFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextFuture").finish_non_exhaustive()
    }
}

fn go_on(mut request: CallRequest) -> NextFuture {
    match request.step() {
        Some(stack) => stack.answer(request),
        None => NextFuture::new(async move { Ok(request.arrive().await) }),
    }
}
