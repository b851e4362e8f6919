//! Who may use the handlers of a list.

use std::{borrow::Cow, sync::Arc};

use super::Handlers;
use crate::{
    Access, Tenant,
    guard::{Guard, TenantKind},
};

impl Handlers {
    /// Requires scopes of whoever uses the handlers that are in the list now: all of these, and those that they require
    /// anyway. For a caller without them, the handlers do not exist.
    ///
    /// ```
    /// use mcp_runtime::{Server, handlers, tool};
    ///
    /// /// Writes a file.
    /// #[tool]
    /// fn write(name: String, text: String) {
    ///     let _ = (name, text);
    /// }
    ///
    /// let server = Server::new("files", "1.0.0").add(handlers![write].scopes(["files:write"]));
    /// # server.build()?;
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    pub fn scopes(
        mut self,
        scopes: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        let scopes: Vec<Cow<'static, str>> = scopes.into_iter().map(Into::into).collect();
        for component in &mut self.components {
            for scope in &scopes {
                component.common_mut().rules.require(scope.clone());
            }
        }
        self
    }

    /// Has each call of the handlers that are in the list now be about a [`Tenant`]: where there is none, or one that the caller may not
    /// use, no handler runs. A handler with a parameter [`Within<T>`](crate::Within) needs this not.
    pub fn within<T: Tenant>(mut self) -> Self {
        for component in &mut self.components {
            let tenants = &mut component.common_mut().tenants;
            TenantKind::join(tenants, &[TenantKind::of::<T>()]);
        }
        self
    }

    /// Lets a function decide who uses the handlers that are in the list now, beside the guards that they have anyway. See
    /// [`Access`].
    pub fn guard(mut self, guard: impl Fn(&Access<'_>) -> bool + Send + Sync + 'static) -> Self {
        let guard: Guard = Arc::new(guard);
        for component in &mut self.components {
            component.common_mut().rules.guards.push(Arc::clone(&guard));
        }
        self
    }
}
