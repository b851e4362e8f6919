//! Messages that cannot wait for their turn: they come from code that is not `async`, and are sent as soon as there is room.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use rmcp::{Peer, RoleServer, model::ServerNotification};
use tokio::runtime::Handle;

use super::{Context, LogLevel, Sink, log::notification};

/// How many messages of a call may wait. What comes then is lost, and the client is told how much it was.
const MAX_WAITING: usize = 256;

/// The messages of a call that wait.
#[derive(Debug, Default)]
pub(super) struct Posts(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<ServerNotification>,
    lost: usize,
}

impl Queue {
    /// Adds a message, and says whether it is the only one.
    fn push(&mut self, message: ServerNotification) -> bool {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(message);
        } else {
            self.lost += 1;
        }
        self.waiting.len() == 1
    }

    /// The next message; the last one says what was lost.
    fn pop(&mut self) -> Option<ServerNotification> {
        self.waiting.pop_front().or_else(|| {
            let lost = std::mem::take(&mut self.lost);
            let text = format!("{lost} messages were lost: they came too fast");
            (lost > 0).then(|| notification(LogLevel::Warning, None, text.into()))
        })
    }
}

impl Posts {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pop(&self) -> Option<ServerNotification> {
        self.lock().pop()
    }
}

impl Context {
    /// Sends a message without ever waiting.
    pub(crate) fn post(&self, message: ServerNotification) {
        let reports = &self.0.reports;
        if reports.is_ended() || self.is_cancelled() {
            return;
        }
        reports.told.store(true, Ordering::SeqCst);
        let mut queue = reports.posts.lock();
        let only = queue.push(message);
        match &self.0.caller.sink {
            Sink::None => queue.waiting.clear(),
            Sink::Outbox(outbox) => {
                while !queue.waiting.is_empty()
                    && let Ok(permit) = outbox.sender.try_reserve()
                    && let Some(message) = queue.pop()
                {
                    permit.send(outbox.notification(&message));
                }
            }
            #[cfg(feature = "http")]
            Sink::Feed(feed) => {
                while !queue.waiting.is_empty()
                    && feed.has_room()
                    && let Some(message) = queue.pop()
                {
                    feed.say(&message);
                }
            }
            Sink::Peer(peer) if only => {
                drop(queue);
                self.send_posted_to(peer);
            }
            // Whoever sends the others sends this one, too.
            Sink::Peer(_) => {}
        }
    }

    fn send_posted_to(&self, peer: &Peer<RoleServer>) {
        // Without a runtime they wait for the end of the call.
        if let Ok(handle) = Handle::try_current() {
            let (context, peer) = (self.clone(), peer.clone());
            handle.spawn(async move {
                let reports = &context.0.reports;
                let _gate = reports.gate.lock().await;
                while !reports.is_ended()
                    && !context.is_cancelled()
                    && let Some(message) = reports.posts.pop()
                {
                    // That the client is gone is noticed elsewhere.
                    let _ = peer.send_notification(message).await;
                }
            });
        }
    }

    /// Sends everything that waits, at the end of a call.
    pub(super) async fn send_all_posted(&self) {
        while let Some(message) = self.0.reports.posts.pop() {
            self.0.caller.sink.notify(message).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_lost_is_counted() {
        let mut queue = Queue::default();
        let message = || notification(LogLevel::Info, None, json!("x"));
        assert!(queue.push(message()));
        for _ in 0..MAX_WAITING + 9 {
            assert!(!queue.push(message()));
        }
        for _ in 0..MAX_WAITING {
            assert!(queue.pop().is_some());
        }
        let last = serde_json::to_value(queue.pop().unwrap()).unwrap();
        assert_eq!(last["params"]["level"], "warning");
        assert_eq!(
            last["params"]["data"],
            "10 messages were lost: they came too fast"
        );
        assert!(queue.pop().is_none());
    }
}
