//! [`standing_around!`]: what all services of ours that stand around calls have in common.

/// Makes a service with a field `inner` a tower service of calls. The block is run for each call, with the service that is ready for it.
macro_rules! standing_around {
    ($service:ident, |$ready:pat_param, $request:ident| $answer:block) => {
        impl<S> tower_service::Service<$crate::layer::CallRequest> for $service<S>
        where
            S: tower_service::Service<
                    $crate::layer::CallRequest,
                    Response = $crate::layer::CallResponse,
                > + Clone
                + Send
                + Sync
                + 'static,
            S::Error: Into<$crate::layer::BoxError>,
            S::Future: Send,
        {
            type Response = $crate::layer::CallResponse;
            type Error = $crate::layer::BoxError;
            type Future =
                std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

            fn poll_ready(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Result<(), Self::Error>> {
                self.inner.poll_ready(cx).map_err(Into::into)
            }

            fn call(&mut self, $request: $crate::layer::CallRequest) -> Self::Future {
                // The one that is ready goes along; the clone gets ready anew.
                let fresh = self.clone();
                let $ready = std::mem::replace(self, fresh);
                Box::pin(async move { $answer })
            }
        }
    };
}

pub(crate) use standing_around;
