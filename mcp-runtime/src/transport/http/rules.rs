//! What one endpoint allows.

use std::{sync::Arc, time::Duration};

use http::Method;
use tokio::sync::Semaphore;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::origin::{Hosts, Origins};

/// How many handlers may go on whose clients are gone, in revisions where going is no cancellation.
const ABANDONED: usize = 1024;

/// How many streams of changes may be open.
const LISTENING: usize = 10_000;

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
    pub(super) room: Room,
    /// What finds out who is calling, if anything does.
    #[cfg(feature = "auth")]
    pub(super) gate: Option<crate::auth::Gate>,
}

/// How much more there may be of what outlives a request, or never ends by itself.
#[derive(Debug)]
pub(super) struct Room {
    /// Handlers whose clients are gone.
    pub(super) abandoned: Arc<Semaphore>,
    /// Streams of changes.
    pub(super) listening: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            abandoned: Arc::new(Semaphore::new(ABANDONED)),
            listening: Arc::new(Semaphore::new(LISTENING)),
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
