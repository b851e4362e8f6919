//! [`Share`]: which calls count together.

use std::{fmt, sync::Arc};

use crate::{Context, layer::CallRequest, principal::write_part};

/// Whose calls count together: those of the whole server, unless they are told apart.
#[derive(Clone, Default)]
pub(crate) struct Share {
    pub(crate) caller: bool,
    pub(crate) handler: bool,
    pub(crate) tenant: bool,
    pub(crate) by: Option<By>,
}

type By = Arc<dyn Fn(&CallRequest) -> String + Send + Sync>;

impl Share {
    /// What all calls have in common that count together with this one, in the layer of a name.
    pub(crate) fn key(&self, layer: &str, request: &CallRequest) -> String {
        let mut key = String::with_capacity(96);
        write_part(&mut key, 'l', layer);
        let context = request.context();
        if let Some(service) = context.service() {
            write_part(&mut key, 's', &service.parts().info.server_info.name);
        }
        if self.caller {
            caller(&mut key, context);
        }
        if self.handler {
            write_part(&mut key, 'h', request.component().kind().name());
            write_part(&mut key, 'n', request.name());
        }
        if self.tenant {
            write_part(&mut key, 't', context.scope_key().unwrap_or_default());
        }
        if let Some(by) = &self.by {
            write_part(&mut key, 'b', &by(request));
        }
        key
    }
}

/// A caller that nobody knows counts as one with all others that nobody knows: a session, and a name that a client gives itself, cost
/// nothing, so they would be no limit.
fn caller(key: &mut String, context: &Context) {
    match context.principal() {
        Some(principal) => principal.write_identity(key),
        None => write_part(key, 'a', "anonymous"),
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("caller", &self.caller)
            .field("handler", &self.handler)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// The setters of a layer that counts: whose calls count together.
macro_rules! sharing {
    () => {
        /// Counts the calls of each caller by themselves: those of each principal, and all of unknown callers together.
        pub fn per_caller(mut self) -> Self {
            self.share.caller = true;
            self
        }

        /// Counts the calls of each tool, resource and prompt by themselves. Without it, the calls of all handlers that the
        /// layer stands around count together.
        pub fn per_handler(mut self) -> Self {
            self.share.handler = true;
            self
        }

        /// Counts the calls for each [`Tenant`](crate::Tenant) by themselves, and all calls without one together.
        pub fn per_tenant(mut self) -> Self {
            self.share.tenant = true;
            self
        }

        /// Counts the calls by themselves for each text that `key` returns, such as the address of an unknown caller.
        pub fn by<F>(mut self, key: F) -> Self
        where
            F: Fn(&$crate::layer::CallRequest) -> String + Send + Sync + 'static,
        {
            self.share.by = Some(std::sync::Arc::new(key));
            self
        }
    };
}
pub(crate) use sharing;
