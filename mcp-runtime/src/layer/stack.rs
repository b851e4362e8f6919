//! [`Stack`]: one layer, made, without its type.

use tower::util::BoxCloneSyncService;
use tower_layer::Layer;
use tower_service::Service;

use super::{BoxError, CallRequest, CallResponse, Next};

/// One layer over the rest of the way. Its clones are one service.
pub(crate) type Stack = BoxCloneSyncService<CallRequest, CallResponse, BoxError>;

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
