//! Layers around the calls of some handlers.

use tower_service::Service;

use super::Handlers;
use crate::layer::{BoxError, CallRequest, CallResponse, Next, stack};

impl Handlers {
    /// Puts a layer around the calls of the handlers that are in the list now: any [`tower::Layer`](tower_layer::Layer). It is
    /// made once, for all of them together. The one that is added last is the outermost. See [`layer`](crate::layer).
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: tower_layer::Layer<Next>,
        L::Service: Service<CallRequest, Response = CallResponse> + Clone + Send + Sync + 'static,
        <L::Service as Service<CallRequest>>::Error: Into<BoxError> + 'static,
        <L::Service as Service<CallRequest>>::Future: Send + 'static,
    {
        let stack = stack(&layer);
        for component in &mut self.components {
            component.common_mut().layers.push(stack.clone());
        }
        self
    }
}
