//! What one connection has to tell its client.

use std::{
    collections::{HashSet, VecDeque},
    future::poll_fn,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use rmcp::model::{RequestId, ServerNotification};

use super::{Change, Interest, Rights};

/// What one connection has to tell its client.
#[derive(Debug, Default)]
pub(crate) struct Mailbox(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    listeners: VecDeque<Listener>,
    /// The session is not initialized yet: what it should hear waits.
    shut: bool,
    ended: bool,
    waker: Option<Waker>,
}

/// One stream of notifications, or a session.
#[derive(Debug)]
struct Listener {
    /// The request that opened the stream; a session has none.
    id: Option<RequestId>,
    interest: Interest,
    /// What of it whoever listens may hear, if not all of it.
    rights: Option<Rights>,
    queue: VecDeque<Change>,
    queued: HashSet<Change>,
}

/// What is to be told next.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it arrives"
)]
pub(crate) enum Heard {
    /// A change; with the request whose stream it belongs to, if it is not for a session.
    Change(Option<RequestId>, ServerNotification),
    /// The end of a stream.
    End(RequestId),
}

impl Mailbox {
    /// Adds the session: it hears of all lists, once it is [begun](Self::begin).
    pub(crate) fn open_session(&self) {
        self.listen(None, Interest::in_lists(), None);
        self.state().shut = true;
    }

    /// Adds a stream of notifications, or the session.
    pub(crate) fn listen(&self, id: Option<RequestId>, interest: Interest, rights: Option<Rights>) {
        // There is no right to be lost where there is no resource.
        let rights = rights.filter(|_| interest.uris().next().is_some());
        let mut state = self.state();
        state.listeners.push_back(Listener {
            id,
            interest,
            rights,
            queue: VecDeque::new(),
            queued: HashSet::new(),
        });
        // If the server has ended meanwhile, so has the stream.
        let waker = if state.ended {
            state.waker.take()
        } else {
            None
        };
        drop(state);
        wake(waker);
    }

    /// Takes a stream out: nothing more is told of it. `false` if there is none.
    pub(crate) fn leave(&self, id: &RequestId) -> bool {
        let mut state = self.state();
        let before = state.listeners.len();
        state
            .listeners
            .retain(|listener| listener.id.as_ref() != Some(id));
        state.listeners.len() < before
    }

    /// Whether a request with this id has opened a stream that is still there.
    pub(crate) fn has(&self, id: &RequestId) -> bool {
        let state = self.state();
        let mut ids = state.listeners.iter().map(|listener| listener.id.as_ref());
        ids.any(|other| other == Some(id))
    }

    /// How many streams there are.
    pub(crate) fn streams(&self) -> usize {
        let state = self.state();
        let ids = state
            .listeners
            .iter()
            .filter_map(|listener| listener.id.as_ref());
        ids.count()
    }

    /// Changes what the session wants to hear.
    pub(crate) fn in_session<R>(&self, change: impl FnOnce(&mut Interest) -> R) -> Option<R> {
        let mut state = self.state();
        Some(change(&mut state.session()?.interest))
    }

    /// Whoever uses the session now has these rights: it does not hear any more of what they do not allow. Returns whether that is less
    /// than before.
    pub(crate) fn review(&self, rights: &Rights) -> bool {
        let Some(uris) = self.in_session(|interest| interest.uris().cloned().collect::<Vec<_>>())
        else {
            return false;
        };
        if uris.is_empty() {
            return false;
        }
        let lost: Vec<_> = uris.iter().filter(|uri| !rights.allow(uri)).collect();
        let mut state = self.state();
        if let Some(session) = state.session() {
            session.rights = Some(rights.clone());
            for uri in &lost {
                session.interest.remove(uri);
            }
        }
        !lost.is_empty()
    }

    /// Takes the only stream out, which ends at once: what was noted is not told.
    #[cfg(feature = "http")]
    pub(crate) fn cut(&self) -> Option<RequestId> {
        self.state().listeners.pop_front()?.id
    }

    /// From here on the session is told what it should hear; `false` if it was before.
    pub(crate) fn begin(&self) -> bool {
        let mut state = self.state();
        let begins = std::mem::take(&mut state.shut);
        let waker = state.waker.take_if(|_| begins);
        drop(state);
        wake(waker);
        begins
    }

    /// Notes a change for whoever wants to hear of it; the waker is that of the connection, if there is something new.
    pub(super) fn put(&self, change: &Change) -> Option<Waker> {
        let mut state = self.state();
        let mut new = false;
        for listener in &mut state.listeners {
            new |= listener.put(change);
        }
        if new { state.waker.take() } else { None }
    }

    /// Ends all streams; what was noted is told before.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }

    /// The next thing to tell. Nobody is kept waiting by a stream of which there is much to tell.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Heard> {
        loop {
            let mut state = self.state();
            let Some((heard, rights)) = state.next() else {
                state.waker = Some(cx.waker().clone());
                return Poll::Pending;
            };
            drop(state);
            let (Heard::Change(id, change), Some(rights)) = (&heard, rights) else {
                return Poll::Ready(heard);
            };
            match lost(change, &rights) {
                Some(uri) => self.forget(id.as_ref(), uri),
                None => return Poll::Ready(heard),
            }
        }
    }

    /// A stream, or the session, does not want to hear of a resource any more.
    fn forget(&self, id: Option<&RequestId>, uri: &str) {
        let mut state = self.state();
        let mut listeners = state.listeners.iter_mut();
        if let Some(listener) = listeners.find(|listener| listener.id.as_ref() == id) {
            listener.interest.remove(uri);
        }
    }

    /// Waits for the next thing to tell.
    pub(crate) async fn next(&self) -> Heard {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the connection, if it waits. Never with the lock held: nobody knows what a waker does.
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The resource that has changed, if whoever listens may not hear of it any more.
fn lost<'a>(change: &'a ServerNotification, rights: &Rights) -> Option<&'a str> {
    match change {
        ServerNotification::ResourceUpdatedNotification(updated) => {
            let uri = &*updated.params.uri;
            (!rights.allow(uri)).then_some(uri)
        }
        _ => None,
    }
}

impl State {
    fn session(&mut self) -> Option<&mut Listener> {
        let mut listeners = self.listeners.iter_mut();
        listeners.find(|listener| listener.id.is_none())
    }

    /// The next thing to tell, and what whoever listens may hear.
    fn next(&mut self) -> Option<(Heard, Option<Rights>)> {
        for _ in 0..self.listeners.len() {
            self.listeners.rotate_left(1);
            let listener = self.listeners.back_mut()?;
            if listener.id.is_none() && self.shut {
                continue;
            }
            if let Some(notification) = listener.next() {
                let heard = Heard::Change(listener.id.clone(), notification);
                return Some((heard, listener.rights.clone()));
            }
            if self.ended && listener.id.is_some() {
                let id = self.listeners.pop_back()?.id?;
                return Some((Heard::End(id), None));
            }
        }
        None
    }
}

impl Listener {
    /// Notes a change; `false` if it is not wanted, or noted already.
    fn put(&mut self, change: &Change) -> bool {
        let new = self.interest.wants(change) && self.queued.insert(change.clone());
        if new {
            self.queue.push_back(change.clone());
        }
        new
    }

    fn next(&mut self) -> Option<ServerNotification> {
        while let Some(change) = self.queue.pop_front() {
            self.queued.remove(&change);
            // The client may not want to hear of it any more.
            if let Some(notification) = self.interest.notification(&change) {
                return Some(notification);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rmcp::model::SubscriptionFilter;

    use super::*;

    /// What a mailbox has to tell, as text.
    fn told(mailbox: &Mailbox) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut told = Vec::new();
        while let Poll::Ready(heard) = mailbox.poll(&mut cx) {
            told.push(match heard {
                Heard::Change(id, notification) => {
                    let json = serde_json::to_value(&notification).unwrap();
                    let id = id.map_or_else(|| "session".to_owned(), |id| id.to_string());
                    format!("{id} {}", json["method"].as_str().unwrap())
                }
                Heard::End(id) => format!("{id} ends"),
            });
        }
        told
    }

    fn stream(mailbox: &Mailbox, id: i64) {
        let filter = SubscriptionFilter::builder()
            .tools_list_changed()
            .resource_subscription("note://1")
            .build();
        let interest = Interest::of(&filter, |_| true);
        mailbox.listen(Some(RequestId::Number(id)), interest, None);
    }

    fn content() -> Change {
        Change::Content(Arc::from("note://1"))
    }

    #[test]
    fn a_change_is_told_once_however_often_it_is_announced() {
        let mailbox = Mailbox::default();
        stream(&mailbox, 1);
        for _ in 0..1000 {
            mailbox.put(&Change::Tools);
            mailbox.put(&content());
            mailbox.put(&Change::Prompts);
        }
        let expected = [
            "1 notifications/tools/list_changed",
            "1 notifications/resources/updated",
        ];
        assert_eq!(told(&mailbox), expected);
        mailbox.put(&Change::Tools);
        assert_eq!(told(&mailbox), expected[..1]);
    }

    #[test]
    fn streams_take_turns() {
        let mailbox = Mailbox::default();
        stream(&mailbox, 1);
        stream(&mailbox, 2);
        mailbox.put(&Change::Tools);
        mailbox.put(&content());
        let told = told(&mailbox);
        let streams: Vec<&str> = told.iter().map(|told| &told[..1]).collect();
        assert_eq!(streams, ["1", "2", "1", "2"]);
    }

    #[test]
    fn a_stream_that_is_taken_out_tells_nothing_more() {
        let mailbox = Mailbox::default();
        stream(&mailbox, 1);
        mailbox.put(&Change::Tools);
        assert!(mailbox.leave(&RequestId::Number(1)));
        assert!(!mailbox.leave(&RequestId::Number(1)));
        mailbox.put(&Change::Tools);
        mailbox.end();
        assert_eq!(told(&mailbox), Vec::<String>::new());
    }

    #[test]
    fn a_session_is_told_nothing_before_it_is_initialized() {
        let mailbox = Mailbox::default();
        mailbox.open_session();
        mailbox.put(&Change::Prompts);
        assert_eq!(told(&mailbox), Vec::<String>::new());
        mailbox.begin();
        assert_eq!(
            told(&mailbox),
            ["session notifications/prompts/list_changed"]
        );
    }

    #[test]
    fn a_resource_that_is_not_wanted_any_more_is_not_told() {
        let mailbox = Mailbox::default();
        mailbox.open_session();
        mailbox.begin();
        mailbox.in_session(|interest| interest.add("note://1"));
        mailbox.put(&content());
        mailbox.in_session(|interest| interest.remove("note://1"));
        assert_eq!(told(&mailbox), Vec::<String>::new());
    }

    #[test]
    fn at_the_end_streams_end_after_what_was_noted_and_sessions_do_not() {
        let mailbox = Mailbox::default();
        mailbox.open_session();
        mailbox.begin();
        stream(&mailbox, 1);
        mailbox.put(&Change::Tools);
        mailbox.end();
        let expected = [
            "session notifications/tools/list_changed",
            "1 notifications/tools/list_changed",
            "1 ends",
        ];
        assert_eq!(told(&mailbox), expected);
        stream(&mailbox, 2);
        assert_eq!(told(&mailbox), ["2 ends"]);
        mailbox.put(&Change::Tools);
        assert_eq!(told(&mailbox), expected[..1]);
    }

    #[test]
    fn the_connection_is_woken_by_what_it_has_to_tell_only() {
        let mailbox = Mailbox::default();
        stream(&mailbox, 1);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(mailbox.poll(&mut cx).is_pending());
        assert!(mailbox.put(&Change::Prompts).is_none());
        assert!(mailbox.put(&Change::Tools).is_some());
        assert!(mailbox.put(&content()).is_none(), "it is awake already");
    }
}
