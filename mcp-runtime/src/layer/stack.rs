//! [`Stack`]: one layer, made, without its type.

use tower::util::BoxCloneSyncService;
use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse, Next};

/// One layer over the rest of the way. Its clones are one service.
pub(crate) type Stack = BoxCloneSyncService<CallRequest, CallResponse, BoxError>;

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
    use tower::ServiceExt as _;

    BoxCloneSyncService::new(layer.layer(Next::first()).map_err(Into::into))
}
