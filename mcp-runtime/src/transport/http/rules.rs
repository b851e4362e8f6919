//! What one endpoint allows.

use std::{sync::Arc, time::Duration};

use http::Method;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::{
    super::seat::Stand,
    origin::{Hosts, Origins},
    room::Room,
    sessions::Sessions,
    token::Token,
};

/// How long a browser need not ask again.
const PREFLIGHT: Duration = Duration::from_secs(10 * 60);

/// What one endpoint allows, and its limits.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) hosts: Hosts,
    pub(super) origins: Arc<Origins>,
    pub(super) cors: Option<CorsLayer>,
    pub(super) max_body_bytes: usize,
    pub(super) body_timeout: Duration,
    pub(super) keep_alive: Duration,
    pub(super) json_only: bool,
    pub(super) token: Option<Token>,
    pub(super) room: Room,
    pub(super) stand: Stand,
    /// Those of revisions up to 2025-11-25, unless they are served without.
    pub(super) sessions: Option<Arc<Sessions>>,
    /// The transport of 2024-11-05, if it is served.
    #[cfg(feature = "sse")]
    pub(super) sse: Option<super::sessions::Sse>,
    /// What finds out who is calling, if anything does.
    #[cfg(feature = "auth")]
    pub(super) gate: Option<crate::auth::Gate>,
}

impl Rules {
    /// Tells the token, behind the beginning of a line, if nobody knows it yet.
    pub(super) fn tell(&self, beginning: &str) {
        if let Some(token) = &self.token {
            token.tell(beginning);
        }
    }
}

/// What browsers are told: pages of the allowed origins may send what the protocol needs, and read what it answers.
pub(super) fn cors(origins: &Arc<Origins>) -> CorsLayer {
    let origins = Arc::clone(origins);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, parts| {
            origins.list(origin, parts)
        }))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            http::HeaderName::from_static("mcp-protocol-version"),
            http::HeaderName::from_static("mcp-session-id"),
            http::header::WWW_AUTHENTICATE,
        ])
        .max_age(PREFLIGHT)
}
