//! [`Expiry`]: the end of what somebody has opened.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use http::request::Parts;
use tokio::time::{Sleep, sleep};

use crate::Principal;

/// The end of what somebody has opened: that of their principal, if it has one.
#[derive(Debug)]
pub(super) struct Expiry(Option<Pin<Box<Sleep>>>);

impl Expiry {
    /// That of whoever sends a request.
    pub(super) fn of(parts: &Parts) -> Self {
        let expiry = parts.extensions.get().and_then(Principal::expiry);
        Self(expiry.map(|expiry| {
            let left = expiry.duration_since(SystemTime::now());
            Box::pin(sleep(left.unwrap_or_default()))
        }))
    }

    /// Whether it is over; if not, wakes when it is.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(sleep) = &mut self.0 else {
            return false;
        };
        sleep.is_elapsed() || matches!(sleep.as_mut().poll(cx), Poll::Ready(()))
    }
}
