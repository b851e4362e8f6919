//! The paths of a server of its own: the endpoint, and whether it lives and is ready.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::TryFutureExt as _;
use http::{HeaderValue, Method, Request, StatusCode, Version, header};
use http_body::Body;

#[cfg(feature = "prometheus")]
use super::origin;
use super::{HttpService, Responding, body::HttpBody, refused::Refused};

/// A server with its paths.
#[derive(Debug)]
pub(super) struct Site {
    service: HttpService,
    path: String,
    started: AtomicBool,
    draining: AtomicBool,
    #[cfg(feature = "prometheus")]
    metrics: Option<crate::metrics::Prometheus>,
}

impl Site {
    pub(super) fn new(service: HttpService, path: String) -> Self {
        Self {
            service,
            path,
            started: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            #[cfg(feature = "prometheus")]
            metrics: None,
        }
    }

    /// The same with the numbers of the process.
    #[cfg(feature = "prometheus")]
    pub(super) fn with_metrics(self, metrics: Option<crate::metrics::Prometheus>) -> Self {
        Self { metrics, ..self }
    }

    /// From here on the server is ready.
    pub(super) fn start(&self) {
        self.started.store(true, Ordering::Release);
    }

    /// From here on it is not, and streams of changes end.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.service.end_listening();
    }

    pub(super) fn respond<B>(&self, request: Request<B>) -> Responding
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Send,
    {
        let path = request.uri().path();
        if path == self.path || self.service.is_also_at(path) {
            return self.service.respond(request);
        }
        #[cfg(feature = "auth")]
        if let Some(resource) = self.service.protected_resource()
            && resource.paths().any(|own| own == path)
        {
            let response = resource.respond(request.method());
            return Box::pin(std::future::ready(Ok(response)));
        }
        #[cfg(feature = "prometheus")]
        if path == "/metrics"
            && *request.method() == Method::GET
            && let Some(metrics) = &self.metrics
        {
            let (parts, _) = request.into_parts();
            let response = match origin::check(&parts, &self.service.0.rules) {
                Ok(()) => {
                    let text = metrics.render();
                    HttpBody::whole(StatusCode::OK, "text/plain; version=0.0.4", text)
                }
                Err(refused) => refused.into(),
            };
            return Box::pin(std::future::ready(Ok(response)));
        }
        let read = matches!(*request.method(), Method::GET | Method::HEAD);
        let (status, text) = match path {
            "/healthz" | "/readyz" | "/metrics" if !read => {
                (StatusCode::METHOD_NOT_ALLOWED, "this is read with GET\n")
            }
            "/healthz" => (StatusCode::OK, "alive\n"),
            "/readyz" if self.is_ready() => (StatusCode::OK, "ready\n"),
            "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
            _ => (StatusCode::NOT_FOUND, "nothing is here\n"),
        };
        let response = HttpBody::whole(status, "text/plain; charset=utf-8", text);
        Box::pin(std::future::ready(Ok(response)))
    }

    /// Responds on a connection that came after the end had begun: it is told so, and closed.
    pub(super) fn turn_away<B>(&self, request: Request<B>) -> Responding
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Send,
    {
        let old = request.version() != Version::HTTP_2;
        let response = if request.uri().path() == self.path {
            let problem = "the server is about to end";
            let refused = Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem);
            Box::pin(std::future::ready(Ok(refused.into())))
        } else {
            self.respond(request)
        };
        Box::pin(response.map_ok(move |mut response| {
            if old {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            response
        }))
    }

    fn is_ready(&self) -> bool {
        self.started.load(Ordering::Acquire) && !self.draining.load(Ordering::Acquire)
    }
}
