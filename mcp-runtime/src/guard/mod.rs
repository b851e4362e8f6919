//! Who may use what: scopes and guards.
//!
//! What a caller may not use does not exist for it. That is decided in one place, [`View`]: the registry as one caller sees it.
//! Whoever looks something up for a client asks it, and not the registry.

mod access;
mod hearing;
mod scope;
mod tenant;
mod view;

pub use access::{Access, IsGuard};
pub(crate) use scope::problem as scope_problem;
pub(crate) use tenant::{Kind as TenantKind, Tenants};
pub use tenant::{Tenant, Within};
pub(crate) use view::View;

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::driver::message;

/// Decides about calls.
pub(crate) type Guard = Arc<dyn Fn(&Access<'_>) -> bool + Send + Sync>;

/// Who may use a handler.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    /// The scopes that a caller must have, all of them.
    pub(crate) scopes: Vec<Cow<'static, str>>,
    pub(crate) guards: Vec<Guard>,
}

impl Rules {
    /// Whether everybody may.
    pub(crate) fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.guards.is_empty()
    }

    /// Adds a scope, once.
    pub(crate) fn require(&mut self, scope: Cow<'static, str>) {
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
        }
    }

    /// Whether a caller may.
    fn allow(&self, access: &Access<'_>) -> bool {
        let has = |scope: &Cow<'static, str>| access.has_scope(scope);
        self.scopes.iter().all(has) && self.guards.iter().all(|guard| guard(access))
    }
}

/// Asks what the author has written about a handler; `None` if it panics, which the log is told.
///
/// It is asked where nobody else would contain it: for a list, a completion, a subscription, and before there is a call.
pub(crate) fn contained<T>(handler: &str, ask: impl FnOnce() -> T) -> Option<T> {
    let asked = catch_unwind(AssertUnwindSafe(ask));
    asked
        .map_err(|panic| {
            let panic = message(&*panic);
            tracing::error!(handler, panic, "a guard panicked: it says no");
        })
        .ok()
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("scopes", &self.scopes)
            .field("guards", &self.guards.len())
            .finish()
    }
}
