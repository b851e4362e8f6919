//! Who may use a server.

use std::{borrow::Cow, sync::Arc};

use crate::{Access, Server, guard::scope_problem};

impl Server {
    /// Requires scopes of whoever uses a handler of the server, beside those that this one requires. For a caller without them, there
    /// are no handlers.
    ///
    /// ```
    /// use mcp_runtime::{Server, handlers, tool};
    ///
    /// /// Lists the files.
    /// #[tool]
    /// fn list_files() -> Vec<String> {
    ///     Vec::new()
    /// }
    ///
    /// let server = Server::new("files", "1.0.0").add(handlers![list_files]).scopes(["files:read"]);
    /// # server.build()?;
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    pub fn scopes(
        mut self,
        scopes: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        for scope in scopes {
            let scope = scope.into();
            self.problems.extend(scope_problem(&scope));
            self.rules.require(scope);
        }
        self
    }

    /// Lets a function decide who uses which handlers of the server, beside the guards that these have. See [`Access`].
    pub fn guard(mut self, guard: impl Fn(&Access<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.rules.guards.push(Arc::new(guard));
        self
    }
}
