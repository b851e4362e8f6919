//! [`ProtectedResource`]: what clients read to find out where they get tokens.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use tower_service::Service;

use super::HttpBody;
use crate::auth::Metadata;

/// What clients read to find out where they get tokens: the metadata of a protected resource (RFC 9728), as a tower service.
///
/// A server of its own has it at its place. An application mounts it there:
///
/// ```
/// use axum::Router;
/// use mcp_runtime::{
///     Server,
///     auth::{Auth, Jwt},
/// };
///
/// let auth = Auth::new("https://mcp.example.com/mcp").verifier(Jwt::discover("https://issuer.example.com"));
/// let endpoint = Server::new("example", "1.0.0").build()?.http().auth(auth).service()?;
/// let mut app: Router = Router::new();
/// if let Some(resource) = endpoint.protected_resource() {
///     for path in resource.paths() {
///         app = app.route_service(path, resource.clone());
///     }
/// }
/// let app = app.nest_service("/mcp", endpoint);
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
///
/// Everybody may read it, pages of any origin too: there is nothing secret in it.
#[derive(Clone, Debug)]
pub struct ProtectedResource(Arc<Metadata>);

impl ProtectedResource {
    pub(super) fn new(metadata: Metadata) -> Self {
        Self(Arc::new(metadata))
    }

    /// Where clients look for it: under the path of the resource, and without it.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let [own, root] = &self.0.paths;
        let root = (own != root).then_some(root);
        std::iter::once(own).chain(root).map(|path| &**path)
    }

    pub(super) fn respond(&self, method: &Method) -> Response<HttpBody> {
        let mut response = match *method {
            Method::GET | Method::HEAD => {
                let document = self.0.document.clone();
                HttpBody::whole(StatusCode::OK, "application/json", document)
            }
            Method::OPTIONS => HttpBody::empty(StatusCode::NO_CONTENT),
            _ => HttpBody::empty(StatusCode::METHOD_NOT_ALLOWED),
        };
        open(response.headers_mut());
        response
    }
}

/// Lets everybody read and keep it.
fn open(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        // Those of the protocol, which clients send everywhere.
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "*, mcp-protocol-version",
        ),
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl<B> Service<Request<B>> for ProtectedResource {
    type Response = Response<HttpBody>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.respond(request.method())))
    }
}
