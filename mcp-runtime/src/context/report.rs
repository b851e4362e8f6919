//! What a call tells the client while it runs: at a pace that suits the client, and nothing after the end.

use std::{
    pin::Pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, ready},
    time::Duration,
};

use futures_util::task::AtomicWaker;
use rmcp::{
    Peer, RoleServer,
    model::{ProgressToken, ProtocolVersion, ServerNotification},
};
use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{Instant, Sleep, sleep_until},
};

use super::{Context, Sink, emit::Chunks, notice::Progress, progress::Steps, spawn::Tasks};
use crate::{CallError, compat};

/// The longest time between two notifications of progress: a client that sees nothing for longer gives a call up.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a call has to tell.
#[derive(Debug)]
pub(super) struct Reports {
    /// What the client calls the progress of this call; without it, none is told.
    token: Option<ProgressToken>,
    version: ProtocolVersion,
    /// The time between two notifications of progress.
    interval: Duration,
    steps: Mutex<Steps>,
    pub(super) chunks: Chunks,
    pub(super) tasks: Tasks,
    #[cfg(feature = "logging")]
    pub(super) posts: super::post::Posts,
    /// Anything was told, or waits to be told.
    pub(super) told: AtomicBool,
    ended: AtomicBool,
    /// Wakes the driver, which sends what waits.
    driver: AtomicWaker,
    /// Whoever sends to a peer holds it, so that the answer is the last to be sent.
    pub(super) gate: tokio::sync::Mutex<()>,
}

impl Reports {
    pub(super) fn new(
        token: Option<ProgressToken>,
        version: ProtocolVersion,
        interval: Duration,
        limit: usize,
    ) -> Self {
        Self {
            token,
            version,
            interval: interval.min(LONGEST),
            steps: Mutex::default(),
            chunks: Chunks::new(limit),
            tasks: Tasks::default(),
            #[cfg(feature = "logging")]
            posts: super::post::Posts::default(),
            told: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            driver: AtomicWaker::new(),
            gate: tokio::sync::Mutex::const_new(()),
        }
    }

    /// Goes on where another run of the same handler has ended.
    #[cfg(feature = "layer")]
    pub(super) fn again(&mut self, before: &Self) {
        let steps = before.steps().again();
        self.steps = Mutex::new(steps);
    }

    /// Whether the client wants to be told of progress.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    pub(super) fn wake_driver(&self) {
        self.driver.wake();
    }

    /// Notes a step, and says whether it is time to send it: otherwise the driver does, later.
    pub(super) fn note(&self, change: impl FnOnce(&mut Steps) -> bool) -> bool {
        let mut steps = self.steps();
        if self.is_ended() || !change(&mut steps) {
            return false;
        }
        self.told.store(true, Ordering::SeqCst);
        if self.interval.is_zero() {
            return true;
        }
        let now = Instant::now();
        if steps.next.is_some_and(|next| now < next) {
            drop(steps);
            self.wake_driver();
            return false;
        }
        // Whoever comes meanwhile need not send, too.
        steps.next = Some(now + self.interval);
        true
    }

    /// Hands the step that waits to `send`, in the order of the steps. After the end there is none.
    fn hand_over<'a>(&'a self, send: impl FnOnce(Progress<'a>)) {
        let mut steps = self.steps();
        if !self.is_ended()
            && let Some(step) = self.take(&mut steps)
        {
            if !self.interval.is_zero() {
                steps.next = Some(Instant::now() + self.interval);
            }
            send(step);
        }
    }

    /// The last step, if it was not sent. Nobody else sends any more.
    fn last(&self) -> Option<Progress<'_>> {
        self.take(&mut self.steps())
    }

    /// Nobody can be told.
    fn discard(&self) {
        self.steps().waiting = None;
    }

    fn take(&self, steps: &mut Steps) -> Option<Progress<'_>> {
        let step = steps.waiting.take()?;
        Some(Progress {
            token: self.token.as_ref()?,
            done: step.done,
            total: step.total,
            message: step
                .into_message()
                .filter(|_| compat::has_progress_messages(&self.version)),
        })
    }

    /// Waits until the driver has something to do: to send a step, or, if this is `true`, to end a call that has emitted too
    /// much. The timer is made when it is needed.
    fn poll_due(
        &self,
        timer: &mut Option<Pin<Box<Sleep>>>,
        cx: &mut task::Context<'_>,
    ) -> Poll<bool> {
        self.driver.register(cx.waker());
        if self.chunks.are_too_many() {
            return Poll::Ready(true);
        }
        if !self.has_token() {
            return Poll::Pending;
        }
        let next = {
            let steps = self.steps();
            if steps.waiting.is_none() {
                return Poll::Pending;
            }
            steps.next
        };
        if let Some(next) = next {
            let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(next)));
            if timer.deadline() != next {
                timer.as_mut().reset(next);
            }
            ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(false)
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// Sends what the handler has left waiting, for as long as it runs. Completes only if the call has to be ended.
    pub(crate) async fn reporting(&self) -> CallError {
        let mut timer = None;
        loop {
            let too_much = std::future::poll_fn(|cx| self.0.reports.poll_due(&mut timer, cx)).await;
            if too_much {
                return self.0.reports.chunks.refusal();
            }
            self.flush().await;
        }
    }

    /// From here on the handler tells the client nothing, and none of its tasks goes on, whoever still holds the context.
    pub(crate) fn end(&self) {
        self.0.reports.ended.store(true, Ordering::SeqCst);
        self.0.reports.tasks.abort();
        self.end_asking();
    }

    /// Ends the call when it is dropped, also where nobody waits for its end.
    pub(crate) fn ending(&self) -> Ending<'_> {
        Ending(self)
    }

    /// Whether the call has anything told to the client, or to tell it.
    pub(crate) fn has_told(&self) -> bool {
        self.0.reports.told.load(Ordering::SeqCst)
    }

    /// Waits for what is being sent, and sends the last of what an ended call had to tell, unless it panicked. The answer comes
    /// after this.
    pub(crate) async fn finish(&self, panicked: bool) {
        let reports = &self.0.reports;
        let last = async {
            let _gate = match &self.0.caller.sink {
                Sink::Peer(_) => Some(reports.gate.lock().await),
                Sink::Outbox(_) | Sink::None => None,
                #[cfg(feature = "http")]
                Sink::Feed(_) => None,
            };
            if panicked {
                return;
            }
            #[cfg(feature = "logging")]
            self.send_all_posted().await;
            if let Some(step) = reports.last() {
                self.0.caller.sink.notify(step).await;
            }
        };
        tokio::select! {
            biased;
            () = last => {}
            () = self.cancelled() => {}
        }
    }

    /// Sends the step that waits. It is sent by another one, or stays where it is, if this is dropped.
    pub(super) async fn flush(&self) {
        let reports = &self.0.reports;
        match &self.0.caller.sink {
            Sink::None => reports.discard(),
            Sink::Outbox(outbox) => match outbox.sender.reserve().await {
                Ok(permit) if !self.is_cancelled() => {
                    reports.hand_over(|step| permit.send(outbox.notification(&step)));
                }
                _ => reports.discard(),
            },
            #[cfg(feature = "http")]
            Sink::Feed(feed) => {
                feed.room().await;
                reports.hand_over(|step| feed.say(&step));
            }
            Sink::Peer(peer) => {
                let sent = match self.flush_to(peer) {
                    Some(sending) => sending.await.is_ok(),
                    None => false,
                };
                if !sent {
                    reports.discard();
                }
            }
        }
    }

    /// Sends the step that waits if that can be done without waiting; otherwise the driver does.
    pub(super) fn flush_now(&self) {
        let sent = match &self.0.caller.sink {
            Sink::None => return,
            Sink::Outbox(outbox) => match outbox.sender.try_reserve() {
                Ok(permit) if !self.is_cancelled() => {
                    let reports = &self.0.reports;
                    reports.hand_over(|step| permit.send(outbox.notification(&step)));
                    true
                }
                _ => false,
            },
            #[cfg(feature = "http")]
            Sink::Feed(feed) => {
                let room = feed.has_room();
                if room {
                    self.0.reports.hand_over(|step| feed.say(&step));
                }
                room
            }
            Sink::Peer(peer) => self.flush_to(peer).is_some(),
        };
        if !sent {
            self.0.reports.wake_driver();
        }
    }

    /// Sends the step that waits to a peer. In a task, because what is dropped while it sends may have sent already.
    fn flush_to(&self, peer: &Peer<RoleServer>) -> Option<JoinHandle<()>> {
        let (context, peer) = (self.clone(), peer.clone());
        let sending = async move {
            let reports = &context.0.reports;
            let _gate = reports.gate.lock().await;
            let mut step = None;
            if context.is_cancelled() {
                reports.discard();
            }
            reports.hand_over(|next| step = Some(next));
            if let Some(step) = step {
                // That the client is gone is noticed elsewhere.
                let _ = peer.send_notification(step.into()).await;
            }
        };
        Some(Handle::try_current().ok()?.spawn(sending))
    }

    /// Sends something other than progress, unless the call has ended or was taken back.
    pub(super) async fn tell(&self, notification: ServerNotification) {
        self.0.reports.told.store(true, Ordering::SeqCst);
        match &self.0.caller.sink {
            Sink::None => {}
            // What comes after the answer is not written.
            Sink::Outbox(outbox) => outbox.notify(notification).await,
            #[cfg(feature = "http")]
            Sink::Feed(feed) => feed.notify(notification).await,
            Sink::Peer(peer) => {
                let (context, peer) = (self.clone(), peer.clone());
                let sending = tokio::spawn(async move {
                    let _gate = context.0.reports.gate.lock().await;
                    if !context.0.reports.is_ended() && !context.is_cancelled() {
                        let _ = peer.send_notification(notification).await;
                    }
                });
                // It does not panic, and nobody aborts it but the end of the runtime.
                let _ = sending.await;
            }
        }
    }
}

/// Ends a call when it is dropped.
#[must_use = "the call ends when this is dropped"]
pub(crate) struct Ending<'a>(&'a Context);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
