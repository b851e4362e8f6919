//! Streamable HTTP.
//!
//! A request takes this way: `accept` takes the connection and `pace` watches over it, `site` knows the paths, `token` keeps
//! out who does not know it, `front` and `origin` look at the head, `body` reads the rest, `message` finds out what it asks
//! for and holds `headers` against it, `exchange` sees to it, in one of the `sessions` if it names one, `running` runs the handler inside of the request, and `sse` is the
//! response of one that has something to say before its answer, or of one that tells of `changes` until its `expiry`.

mod accept;
mod body;
mod changes;
mod config;
mod environment;
mod exchange;
mod expiry;
mod front;
#[cfg(feature = "auth")]
mod guarded;
mod headers;
mod listener;
mod message;
#[cfg(feature = "prometheus")]
mod numbers;
mod origin;
mod pace;
mod parts;
mod place;
mod refused;
mod room;
mod rules;
mod running;
mod serving;
mod sessions;
mod site;
mod sse;
mod token;
#[cfg(unix)]
mod unix;
#[cfg(feature = "auth")]
mod well_known;

#[cfg(feature = "auth")]
pub use self::well_known::ProtectedResource;
pub use self::{body::HttpBody, config::Http, listener::HttpListener, parts::HttpParts};

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tokio::net::ToSocketAddrs;
use tower_layer::Layer as _;
use tower_service::Service;

use self::rules::Rules;
use super::process::exit_later;
use crate::{Result, Server};

impl Server {
    /// Serves over HTTP at an address, until the process is told to end. The endpoint is `/mcp`.
    ///
    /// ```no_run
    /// use mcp_runtime::{Server, handlers, tool};
    ///
    /// /// Adds two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> mcp_runtime::Result<()> {
    ///     Server::new("calculator", "1.0.0").add(handlers![add]).serve_http("127.0.0.1:8080").await
    /// }
    /// ```
    ///
    /// This is [`Service::http`](crate::Service::http) with all its defaults, and with the variables that are listed there; [`Http::serve_tcp`] says
    /// how it ends. If a handler blocks its thread at the end, the process exits five seconds later.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build) and of [`Http::serve_tcp`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or if its drivers are not enabled (`#[tokio::main]` enables them).
    pub async fn serve_http(self, address: impl ToSocketAddrs) -> Result<()> {
        if self.build()?.http().serve_at(address).await? {
            exit_later();
        }
        Ok(())
    }

    /// The server as a tower service, which mounts into any application.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use mcp_runtime::{Server, handlers, tool};
    ///
    /// /// Adds two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// let server = Server::new("calculator", "1.0.0").add(handlers![add]);
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "a page" }))
    ///     .nest_service("/mcp", server.into_http_service()?);
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build) and of [`Http::service`].
    pub fn into_http_service(self) -> Result<HttpService> {
        self.build()?.http().service()
    }
}

impl crate::Service {
    /// A builder of an HTTP endpoint for this service.
    pub fn http(&self) -> Http {
        Http::new(self.clone())
    }
}

/// An HTTP endpoint: a tower service of requests at any path.
///
/// It is made by [`Server::into_http_service`] or [`Http::service`] and is cheap to clone. It takes requests of any path: the
/// application that it is mounted into decides which come here. Whatever middleware puts into the extensions of a request
/// reaches the handlers: a [`Principal`](crate::Principal) is who asks, and everything else is found through [`HttpParts`].
///
/// Outside of [`Http::serve`], have the listener set `TCP_NODELAY`: without it, each streamed answer waits about 40 ms for the
/// client's acknowledgement (`axum::serve` does so with `ListenerExt::tap_io`).
#[derive(Clone)]
pub struct HttpService(Arc<Shared>);

struct Shared {
    service: crate::Service,
    rules: Rules,
}

impl HttpService {
    fn new(service: crate::Service, rules: Rules) -> Self {
        Self(Arc::new(Shared { service, rules }))
    }

    /// What clients read to find out where they get tokens, to be mounted outside of this endpoint; `None` if there is nothing to
    /// say.
    #[cfg(feature = "auth")]
    pub fn protected_resource(&self) -> Option<ProtectedResource> {
        let gate = self.0.rules.gate.as_ref()?;
        gate.metadata().cloned().map(ProtectedResource::new)
    }

    /// Whether another transport is served at this path.
    #[cfg_attr(
        not(feature = "sse"),
        expect(
            clippy::unused_self,
            reason = "there is no other transport without the feature"
        )
    )]
    fn is_also_at(&self, path: &str) -> bool {
        #[cfg(feature = "sse")]
        let is = self.0.rules.sse.as_ref().is_some_and(|sse| sse.is_at(path));
        #[cfg(not(feature = "sse"))]
        let is = path.is_empty();
        is
    }

    /// Ends all streams in which clients hear of changes, also those that they will open.
    ///
    /// [`Http::serve`] does this by itself. An application that this is mounted into does it when it is about to end, because
    /// those streams never end by themselves and its server would wait for them.
    pub fn end_listening(&self) {
        self.0.service.parts().live.hub.end();
    }

    /// Answers a request.
    fn respond<B>(&self, request: Request<B>) -> Responding
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Send,
    {
        let mut endpoint = Endpoint(Arc::clone(&self.0));
        match &self.0.rules.cors {
            None => endpoint.call(request),
            Some(cors) => Box::pin(cors.layer(endpoint).call(request)),
        }
    }
}

/// A response on its way.
type Responding = Pin<Box<dyn Future<Output = Result<Response<HttpBody>, Infallible>> + Send>>;

impl<B> Service<Request<B>> for HttpService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<HttpBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.respond(request)
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("rules", &self.0.rules)
            .finish_non_exhaustive()
    }
}

/// What lies behind the rules for browsers.
struct Endpoint(Arc<Shared>);

impl<B> Service<Request<B>> for Endpoint
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<HttpBody>;
    type Error = Infallible;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Responding {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let token = shared.rules.token.as_ref();
            if let Some(refusal) = token.and_then(|token| token.refuse(&mut parts.headers)) {
                return Ok(refusal);
            }
            let admitted = front::enter(parts, &shared.rules).await;
            let response = match admitted {
                Ok(parts) => {
                    let parts = Arc::new(parts);
                    exchange::answer(&shared.service, &shared.rules, parts, body).await
                }
                Err(refused) => Err(refused),
            };
            Ok(response.unwrap_or_else(Into::into))
        })
    }
}
