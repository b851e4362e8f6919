//! [`Access`]: what a guard decides about.

use std::fmt;

use serde_json::{Map, Value};

use crate::{Definition, Kind, Principal, context::Caller};

/// What a guard decides about: somebody wants to see or to use a handler.
///
/// A guard is a function `fn(&Access<'_>) -> bool`. It is asked when the handler is looked for, for a list, a completion, a
/// subscription or a call: then there are no [`arguments`](Self::arguments), and `false` means that for this caller there is
/// no such handler. Before the handler runs, it is asked again with the arguments. What it refuses then is answered in the same way.
///
/// ```
/// use mcp_runtime::{Access, Principal, Server, handlers, testing::TestClient, tool};
///
/// /// Whoever may only read does not reach what destroys.
/// fn writers(access: &Access<'_>) -> bool {
///     !access.component().destructive() || access.has_scope("write")
/// }
///
/// /// Lists the files.
/// #[tool(read_only)]
/// fn files() -> Vec<String> {
///     vec!["a.txt".to_owned()]
/// }
///
/// /// Deletes a file.
/// #[tool]
/// fn delete(name: String) {
///     drop(name);
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::new("files", "1.0.0").add(handlers![files, delete]).guard(writers);
/// let alice = Principal::new("alice").with_scope("read");
/// let client = TestClient::options().principal(alice).connect(server).await;
/// assert_eq!(client.tools().await.len(), 1);
/// let error = client.try_call("delete", ()).await.unwrap_err();
/// assert_eq!(error.message, "Unknown tool `delete`.");
/// # }
/// ```
///
/// It must be quick, and say the same as long as nothing has changed: it is asked often, and for each handler of a list. One that
/// panics refuses, and the log is told.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    definition: Definition<'a>,
    caller: &'a Caller,
    principal: Option<&'a Principal>,
    uri: Option<&'a str>,
    arguments: Option<&'a Map<String, Value>>,
}

impl<'a> Access<'a> {
    /// `principal` is who asks if the transport does not know it.
    pub(super) fn new(
        definition: Definition<'a>,
        caller: &'a Caller,
        principal: Option<&'a Principal>,
    ) -> Self {
        Self {
            definition,
            caller,
            principal: caller.principal.as_ref().or(principal),
            uri: definition.uri(),
            arguments: None,
        }
    }

    /// The same for a resource at a URI.
    pub(super) fn at(mut self, uri: &'a str) -> Self {
        self.uri = Some(uri);
        self
    }

    /// The same for a call.
    pub(super) fn with(mut self, arguments: &'a Map<String, Value>) -> Self {
        self.arguments = Some(arguments);
        self
    }

    /// Who asks, if the transport or the server knows it.
    #[must_use]
    pub fn principal(&self) -> Option<&'a Principal> {
        self.principal
    }

    /// Whether it is known who asks, and whether it has a scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.principal
            .is_some_and(|principal| principal.has_scope(scope))
    }

    /// What the author has said about the handler.
    #[must_use]
    pub fn component(&self) -> Definition<'a> {
        self.definition
    }

    /// Whether it is a tool, a resource or a prompt.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.definition.kind()
    }

    /// The name of the handler.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.definition.name()
    }

    /// The URI of the resource that is asked for, in its canonical form (RFC 3986); where it is only looked for, that of its definition,
    /// which may be a template.
    ///
    /// A URI can still be written in ways that mean the same to the handler, as `%2F` in a path. A guard that decides about what a
    /// template stands for looks at the [`arguments`](Self::arguments), which the handler gets.
    #[must_use]
    pub fn uri(&self) -> Option<&'a str> {
        self.uri
    }

    /// The arguments of a call, or the variables of a template: checked, without those that are left out. `None` if nothing is
    /// called yet.
    #[must_use]
    pub fn arguments(&self) -> Option<&'a Map<String, Value>> {
        self.arguments
    }

    /// A value that a transport or a middleware added to the request: over HTTP, its
    /// [`Parts`](https://docs.rs/http/1/http/request/struct.Parts.html) with the headers.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.caller.extension()
    }

    /// An entry of the request's `_meta`.
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<&'a Value> {
        self.caller.meta.get(key)
    }
}

impl fmt::Debug for Access<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("definition", &self.definition)
            .field("principal", &self.principal)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// What `guard = …` of a handler takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a guard",
    label = "not a guard",
    note = "a guard is a function `fn(&mcp_runtime::Access<'_>) -> bool`"
)]
pub trait IsGuard: Send + Sync + 'static {
    /// Whether a caller may.
    fn allows(&self, access: &Access<'_>) -> bool;
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Access<'_>) -> bool + Send + Sync + 'static> IsGuard for F {
    fn allows(&self, access: &Access<'_>) -> bool {
        self(access)
    }
}
