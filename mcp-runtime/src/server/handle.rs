//! [`ServerHandle`]: changes while the server serves.

use std::sync::Arc;

use crate::{
    Call, CallError, Error, FromCall, IntoHandlers, Key, Requirements, Result,
    hub::{Change, canonical},
    live::Live,
};

/// Changes a server while it serves, and tells its clients: a parameter of a handler, or from
/// [`Server::handle`](crate::Server::handle). Cloning is cheap.
///
/// ```
/// use mcp_runtime::{Key, Server, ServerHandle, State, handlers, resource, testing::TestClient, tool};
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Note(Mutex<String>);
///
/// /// The note.
/// #[resource("note://one")]
/// fn note(note: State<Note>) -> String {
///     note.0.lock().unwrap().clone()
/// }
///
/// /// Writes the note.
/// #[tool]
/// fn write(note: State<Note>, server: ServerHandle, text: String) {
///     *note.0.lock().unwrap() = text;
///     server.resource_updated("note://one");
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> mcp_runtime::Result<()> {
/// let mut server = Server::new("notes", "1.0.0").state(Note::default()).add(handlers![note]);
/// let handle = server.handle();
/// let client = TestClient::connect(server).await;
///
/// handle.add(handlers![write])?;
/// assert_eq!(client.tools().await[0]["name"], "write");
/// handle.disable(Key::tool("write"));
/// assert!(client.tools().await.is_empty());
/// # client.close().await;
/// # Ok(())
/// # }
/// ```
///
/// # Dynamic servers
///
/// A server is *dynamic* if anybody has a handle of it: one of its handlers takes it, or it was asked for. Then clients are
/// told that all lists can change and that they can subscribe to resources, and only then they can. A dynamic server has
/// tools, resources and prompts whether or not there are any at the moment.
///
/// # Who is told
///
/// Clients that asked to be: with `subscriptions/listen` since 2026-07-28, in sessions before by having initialized one, and
/// with `resources/subscribe` for single resources. Announcing never waits, from wherever it is done: a change is noted for
/// each client, and noted once until it is on its way to that client, however often it is announced.
#[derive(Clone, Debug)]
pub struct ServerHandle(Arc<Live>);

impl ServerHandle {
    pub(crate) fn new(live: &Arc<Live>) -> Self {
        live.set_dynamic();
        Self(Arc::clone(live))
    }

    /// A handle of a server without handlers and clients, for calling a handler as a plain function.
    #[must_use]
    pub fn detached() -> Self {
        Self::new(&Arc::default())
    }

    /// Adds handlers behind those that are there, and announces it.
    ///
    /// Either all of them are added or none.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] with everything that is wrong with them, as for [`Server::build`](crate::Server::build); before that,
    /// nothing can be added here.
    pub fn add(&self, handlers: impl IntoHandlers) -> Result<()> {
        self.0.add(handlers.into_handlers()).map_err(Error::Build)
    }

    /// Takes a handler out and announces it; `false` if there is none. Calls that run go on.
    pub fn remove(&self, key: Key) -> bool {
        self.0.remove(key)
    }

    /// Shows a handler again that was [disabled](Self::disable), and announces it; `false` if nothing changes by that.
    pub fn enable(&self, key: Key) -> bool {
        self.0.enable(key, true)
    }

    /// Hides a handler and announces it; `false` if nothing changes by that. For clients it does not exist then; calls that
    /// run go on.
    pub fn disable(&self, key: Key) -> bool {
        self.0.enable(key, false)
    }

    /// The keys of all handlers, also of those that are disabled.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.0.registry().keys()
    }

    /// Announces that the list of tools has changed; [`add`](Self::add) and the like do that by themselves.
    pub fn tools_changed(&self) {
        self.0.hub.announce(&Change::Tools);
    }

    /// Announces that the list of prompts has changed; [`add`](Self::add) and the like do that by themselves.
    pub fn prompts_changed(&self) {
        self.0.hub.announce(&Change::Prompts);
    }

    /// Announces that the lists of resources and of their templates have changed; [`add`](Self::add) and the like do that by
    /// themselves.
    pub fn resources_changed(&self) {
        self.0.hub.announce(&Change::Resources);
    }

    /// Announces that the resource at a URI has another content now, to those who have subscribed to it.
    pub fn resource_updated(&self, uri: impl AsRef<str>) {
        let uri = canonical(uri.as_ref());
        self.0.hub.announce(&Change::Content(uri.into()));
    }
}

#[diagnostic::do_not_recommend]
impl FromCall for ServerHandle {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let service = call.context().service();
        let service = service.ok_or_else(|| CallError::internal("the call has no server"))?;
        Ok(service.handle())
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.handle = true;
    }
}
