//! Who is told what has changed: one way from whoever announces a change to all clients that want to hear of it.
//!
//! Each connection has a [`Mailbox`] with what its client wants to hear. To announce a change puts it there, and never
//! waits: the same change is noted once, however often it is announced, until it is on its way to the client. What is noted
//! is bounded by what the client asked for, so that a client that reads slowly costs no memory.
//!
//! Clients ask in two ways. Revisions without sessions open a stream of notifications with `subscriptions/listen`, as often as
//! they like. A session hears of all lists once it is initialized, and of the resources that it subscribes to. Connections of
//! our own look into their mailbox themselves; where rmcp serves, a stream is the future of its request, and a session is
//! looked after by a task that lives as long as there is something to tell it.

mod interest;
mod mailbox;
mod rights;
mod serve;
mod session;
mod uri;

pub(crate) use interest::{Interest, MAX_URIS};
pub(crate) use mailbox::{Heard, Mailbox};
pub(crate) use rights::Rights;
pub(crate) use serve::has_too_many;
pub(crate) use session::{Session, Sessions};
pub(crate) use uri::canonical;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use rmcp::model::SubscriptionFilter;

/// How many streams may be accepted and not yet opened.
const MAX_ACCEPTED: usize = 1024;

/// Something that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Change {
    Tools,
    Resources,
    Prompts,
    /// The content of the resource at a URI, which is canonical.
    Content(Arc<str>),
}

/// The mailboxes of a server.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    mailboxes: Mutex<Vec<Weak<Mailbox>>>,
    pub(crate) sessions: Sessions,
    accepted: Mutex<VecDeque<(SubscriptionFilter, Arc<Mailbox>)>>,
    ended: AtomicBool,
}

impl Hub {
    /// Adds a mailbox, as long as somebody else holds it.
    pub(crate) fn join(&self, mailbox: &Arc<Mailbox>) {
        let mut mailboxes = self.mailboxes();
        // Those that are gone are looked for when there is no room, so that joining costs the same each time.
        if mailboxes.len() == mailboxes.capacity() {
            mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        }
        mailboxes.push(Arc::downgrade(mailbox));
        drop(mailboxes);
        if self.ended.load(Ordering::Acquire) {
            mailbox.end();
        }
    }

    /// Tells of a change.
    pub(crate) fn announce(&self, change: &Change) {
        let mut wakers = Vec::new();
        self.mailboxes().retain(|mailbox| {
            let mailbox = mailbox.upgrade();
            wakers.extend(mailbox.as_ref().and_then(|mailbox| mailbox.put(change)));
            mailbox.is_some()
        });
        // Without the lock: nobody knows what a waker does.
        for waker in wakers {
            waker.wake();
        }
    }

    /// Ends all streams of notifications, also those that will be opened.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        let mailboxes = self.mailboxes().clone();
        for mailbox in mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.end();
        }
    }

    /// Whether all streams have ended.
    #[cfg(feature = "http")]
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Notes the mailbox of a stream that rmcp is about to open with this filter.
    ///
    /// rmcp acknowledges a stream before it hands it over. What changes in between would be lost, so that the mailbox is there
    /// before the acknowledgement; which of two streams with the same filter gets it makes no difference.
    pub(crate) fn accept(&self, filter: SubscriptionFilter, mailbox: Arc<Mailbox>) {
        let mut accepted = self.accepted();
        // A client that goes away before the acknowledgement leaves its mailbox here.
        if accepted.len() == MAX_ACCEPTED {
            accepted.pop_front();
        }
        accepted.push_back((filter, mailbox));
    }

    /// The mailbox of a stream that has been accepted.
    pub(crate) fn accepted_as(&self, filter: &SubscriptionFilter) -> Option<Arc<Mailbox>> {
        let mut accepted = self.accepted();
        let at = accepted.iter().position(|(other, _)| other == filter)?;
        accepted.remove(at).map(|(_, mailbox)| mailbox)
    }

    fn mailboxes(&self) -> MutexGuard<'_, Vec<Weak<Mailbox>>> {
        self.mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn accepted(&self) -> MutexGuard<'_, VecDeque<(SubscriptionFilter, Arc<Mailbox>)>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_that_nobody_holds_are_forgotten() {
        let hub = Hub::default();
        let held = Arc::new(Mailbox::default());
        hub.join(&held);
        for _ in 0..10_000 {
            hub.join(&Arc::new(Mailbox::default()));
        }
        assert!(hub.mailboxes().len() < 16);
        hub.announce(&Change::Tools);
        assert_eq!(hub.mailboxes().len(), 1);
    }

    #[test]
    fn a_stream_that_is_never_opened_is_forgotten_some_time() {
        let hub = Hub::default();
        for _ in 0..2 * MAX_ACCEPTED {
            hub.accept(SubscriptionFilter::new(), Arc::default());
        }
        assert_eq!(hub.accepted().len(), MAX_ACCEPTED);
        let filter = SubscriptionFilter::new();
        assert!(hub.accepted_as(&filter).is_some());
        assert_eq!(hub.accepted().len(), MAX_ACCEPTED - 1);
    }
}
