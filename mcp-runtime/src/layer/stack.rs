//! [`Stack`]: one layer, made, without its type.

use std::{fmt, sync::Arc};

use futures_util::TryFutureExt as _;
use tower::ServiceExt as _;
use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse, Next, NextFuture};

/// One layer over the rest of the way. Its clones are one service.
#[derive(Clone)]
pub(crate) struct Stack(Arc<dyn Around>);

/// A service that stands around calls. A box of tower would be cloned into another box for each call.
trait Around: Send + Sync {
    fn answer(&self, request: CallRequest) -> NextFuture;
}

impl<S> Around for S
where
    S: Service<CallRequest, Response = CallResponse> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn answer(&self, request: CallRequest) -> NextFuture {
        NextFuture::new(self.clone().oneshot(request).map_err(Into::into))
    }
}

impl Stack {
    pub(super) fn answer(&self, request: CallRequest) -> NextFuture {
        self.0.answer(request)
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}

/// What `layer = …` of a handler takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer around calls",
    label = "not a layer",
    note = "a layer is a `tower::Layer<mcp_runtime::layer::Next>` whose service takes a `CallRequest`, answers with a `CallResponse` and can be cloned",
    note = "an async function becomes one by `mcp_runtime::layer::from_fn`"
)]
pub trait IsLayer {
    /// Makes the layer.
    #[doc(hidden)]
    fn make(&self) -> Made;
}

/// A layer that is made.
#[doc(hidden)]
#[derive(Debug)]
pub struct Made(pub(crate) Stack);

#[diagnostic::do_not_recommend]
impl<L> IsLayer for L
where
    L: Layer<Next>,
    L::Service: Service<CallRequest, Response = CallResponse> + Clone + Send + Sync + 'static,
    <L::Service as Service<CallRequest>>::Error: Into<BoxError> + 'static,
    <L::Service as Service<CallRequest>>::Future: Send + 'static,
{
    fn make(&self) -> Made {
        Made(stack(self))
    }
}

/// Makes a layer.
pub(crate) fn stack<L>(layer: &L) -> Stack
where
    L: Layer<Next>,
    L::Service: Service<CallRequest, Response = CallResponse> + Clone + Send + Sync + 'static,
    <L::Service as Service<CallRequest>>::Error: Into<BoxError> + 'static,
    <L::Service as Service<CallRequest>>::Future: Send + 'static,
{
    Stack(Arc::new(layer.layer(Next::first())))
}
