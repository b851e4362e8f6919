//! Who is calling over HTTP: feature `auth`.
//!
//! An [`Auth`] stands before an endpoint. It looks at the head of each request, before anything of the body is read, and asks its
//! verifiers one after another who is calling; the first that knows decides. Handlers and guards find the caller as their
//! [`Principal`](crate::Principal). Everybody else gets the challenge of an OAuth 2.1 resource server.
//!
//! ```no_run
//! use mcp_runtime::{
//!     Principal, Server,
//!     auth::{ApiKeys, Auth, Jwt},
//!     handlers, tool,
//! };
//!
//! /// Says who asks.
//! #[tool]
//! fn whoami(principal: Principal) -> String {
//!     principal.subject().to_owned()
//! }
//!
//! #[tokio::main]
//! async fn main() -> mcp_runtime::Result<()> {
//!     let keys = ApiKeys::new().digest(
//!         "0b7c1d3c6b7a4d0bb8a6a6f3a9f4be5d8f3f4f8f5cf0c4f1a9e7d2c3b4a59687",
//!         Principal::new("nightly"),
//!     );
//!     let auth = Auth::new("https://mcp.example.com/mcp")
//!         .verifier(Jwt::discover("https://issuer.example.com"))
//!         .verifier(keys)
//!         .required_scopes(["files:read"]);
//!     let service = Server::new("files", "1.0.0").add(handlers![whoami]).build()?;
//!     service.http().auth(auth).allowed_hosts(["mcp.example.com"]).serve_tcp("0.0.0.0:8080").await
//! }
//! ```
//!
//! # Verifiers
//!
//! | who proves it how | verifier |
//! |---|---|
//! | a person or a service, by a JSON Web Token of an authorization server | [`Jwt`] |
//! | the same, by a token that only its authorization server can read | [`Introspection`] |
//! | a program, by a key that you gave it | [`ApiKeys`] |
//! | anything else | a closure, or an implementation of [`Verify`] |
//!
//! # What becomes of tokens
//!
//! They are neither logged nor passed on: the headers that carry them are taken away before a handler sees the request. A token in
//! the query of the URL, where logs would keep it, is refused.

mod bearer;
mod challenge;
mod claims;
mod config;
mod digest;
mod fetch;
mod gate;
mod introspection;
mod jwt;
mod kept;
mod keys;
mod resource;
mod verify;

pub use self::{
    bearer::bearer_token,
    config::Auth,
    introspection::Introspection,
    jwt::{Jwt, JwtAlgorithm, JwtKey},
    keys::ApiKeys,
    verify::{Denied, Setup, Verify},
};
#[doc(no_inline)]
pub use secrecy;

pub(crate) use self::{challenge::Challenge, gate::Gate, resource::Metadata};
