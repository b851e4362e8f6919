//! Layers around all calls of a server.

use tower_service::Service;

use crate::{
    Server,
    layer::{BoxError, CallRequest, CallResponse, Next, stack},
};

impl Server {
    /// Puts a layer around the calls of all handlers: any [`tower::Layer`](tower_layer::Layer). The one that is added last is the
    /// outermost. See [`layer`](crate::layer).
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: tower_layer::Layer<Next>,
        L::Service: Service<CallRequest, Response = CallResponse> + Clone + Send + Sync + 'static,
        <L::Service as Service<CallRequest>>::Error: Into<BoxError> + 'static,
        <L::Service as Service<CallRequest>>::Future: Send + 'static,
    {
        self.layers.push(stack(&layer));
        self
    }
}
