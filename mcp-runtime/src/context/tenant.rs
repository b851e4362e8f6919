//! What a call is about as a whole.

use std::sync::Arc;

use super::Context;
use crate::{Tenant, guard::Tenants};

impl Context {
    /// What the call is about as a whole, if its handler needs it: as a parameter [`Within<T>`](crate::Within), or by
    /// [`Handlers::within`](crate::Handlers::within).
    #[must_use]
    pub fn tenant<T: Tenant>(&self) -> Option<&T> {
        self.0.tenants.get()
    }

    /// Everything that the call is about as a whole, as a text: `project=apollo;agent=7`. For logs, and for limits of which each tenant
    /// has one.
    #[must_use]
    pub fn scope_key(&self) -> Option<&str> {
        self.0.tenants.key()
    }

    /// The same context of a call that is about something. It has just been made.
    pub(crate) fn about(mut self, tenants: Tenants) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.tenants = tenants;
        }
        self
    }
}
