//! Who may use a server.

use std::sync::Arc;

use crate::{Access, Server};

impl Server {
    /// Lets a function decide who uses which handlers of the server, beside the guards that these have. See [`Access`].
    pub fn guard(mut self, guard: impl Fn(&Access<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.rules.guards.push(Arc::new(guard));
        self
    }
}
