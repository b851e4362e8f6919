//! Sessions that rmcp serves.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Wake, Waker},
};

use rmcp::{Peer, RoleServer, model::ServerNotification};
use tokio::runtime::Handle;

use super::{Heard, Mailbox};

/// The sessions that rmcp serves.
///
/// One service serves many connections, and rmcp does not say which of them a request came by. But all requests of a session
/// have a peer that shares one place for what the client said in `initialize`: two peers are the same session exactly if they
/// have the same allocation there.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Vec<Arc<Session>>>);

/// A session that rmcp serves.
#[derive(Debug)]
pub(crate) struct Session {
    peer: Peer<RoleServer>,
    pub(crate) mailbox: Arc<Mailbox>,
    runtime: Handle,
}

impl Sessions {
    /// Adds a session that is about to be initialized. It hears nothing before it is [told to](Session::begin).
    pub(crate) fn add(&self, peer: Peer<RoleServer>) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::default());
        mailbox.open_session();
        let session = Session {
            peer,
            mailbox: Arc::clone(&mailbox),
            runtime: Handle::current(),
        };
        let mut sessions = self.all();
        // Those that are gone are looked for when there is no room, so that adding costs the same each time.
        if sessions.len() == sessions.capacity() {
            sessions.retain(|session| !session.peer.is_transport_closed());
        }
        sessions.push(Arc::new(session));
        mailbox
    }

    /// The session that a peer belongs to.
    pub(crate) fn of(&self, peer: &Peer<RoleServer>) -> Option<Arc<Session>> {
        let info = peer.peer_info()?;
        let is_same = |session: &&Arc<Session>| {
            let other = session.peer.peer_info();
            other.is_some_and(|other| Arc::ptr_eq(&info, &other))
        };
        self.all().iter().find(is_same).cloned()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Tells the client from now on what it should hear.
    pub(crate) fn begin(self: &Arc<Self>) {
        if self.mailbox.begin() {
            self.runtime.spawn(Arc::clone(self).tell());
        }
    }

    /// Tells the client everything that there is, one after the other. The next change starts another task.
    async fn tell(self: Arc<Self>) {
        let alarm = Waker::from(Arc::new(Alarm(Arc::downgrade(&self))));
        while let Some(notification) = self.next(&alarm) {
            if self.peer.send_notification(notification).await.is_err() {
                return;
            }
        }
    }

    /// What is to be told next. If there is nothing, the alarm goes off when there is.
    fn next(&self, alarm: &Waker) -> Option<ServerNotification> {
        match self.mailbox.poll(&mut Context::from_waker(alarm)) {
            Poll::Ready(Heard::Change(_, notification)) => Some(notification),
            // Only streams end.
            Poll::Ready(Heard::End(_)) | Poll::Pending => None,
        }
    }
}

/// Starts a task for a session that has something to tell.
struct Alarm(Weak<Session>);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        if let Some(session) = self.0.upgrade() {
            session.runtime.spawn(Arc::clone(&session).tell());
        }
    }
}
