//! [`ConcurrencyLayer`]: limits how many at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_layer::Layer;

use super::{Share, share::sharing};
use crate::{CallError, Context, context::Caller, layer::standing_around};

/// Limits how many calls run at once, with a queue of a limited length: of [each caller](Self::per_caller), of
/// [each handler](Self::per_handler) or of each of both.
///
/// A call that a handler makes with [`Context::call_tool`](crate::Context::call_tool) belongs to the call of that handler: if that one
/// runs where this one would count, too, it counts as a part of it, and does not wait. Where they count apart, as with
/// [`per_handler`](Self::per_handler), it waits like any other: handlers that call each other in a circle can then wait for each
/// other until their deadlines.
///
/// Where calls are not told apart and handlers do not call each other, `ConcurrencyLimitLayer` and `LoadShedLayer` of tower will do.
///
/// ```
/// use mcp_runtime::{Server, limit::ConcurrencyLayer};
///
/// // Four calls of each caller run, and sixteen more of each wait; others are refused at once.
/// let server = Server::new("example", "1.0.0").layer(ConcurrencyLayer::new(4).queue(16).per_caller());
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Server::layer` or `Handlers::layer`"]
pub struct ConcurrencyLayer {
    most: usize,
    queue: usize,
    share: Share,
}

/// The service of [`ConcurrencyLayer`].
#[derive(Clone, Debug)]
pub struct ConcurrencyLimited<S> {
    layer: Arc<ConcurrencyLayer>,
    gates: Arc<Gates>,
    inner: S,
}

impl ConcurrencyLayer {
    /// A limit of so many calls at once.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn new(most: usize) -> Self {
        assert!(most > 0, "at least one call must be able to run");
        Self {
            most: most.min(Semaphore::MAX_PERMITS),
            queue: 0,
            share: Share::default(),
        }
    }

    sharing!();

    /// How many more calls wait for their turn: none, unless this says otherwise. A call that waits is still bound to the deadlines
    /// of the layers around this one.
    pub fn queue(mut self, calls: usize) -> Self {
        self.queue = calls;
        self
    }
}

impl<S> Layer<S> for ConcurrencyLayer {
    type Service = ConcurrencyLimited<S>;

    fn layer(&self, inner: S) -> ConcurrencyLimited<S> {
        ConcurrencyLimited {
            layer: Arc::new(self.clone()),
            gates: Arc::default(),
            inner,
        }
    }
}

standing_around!(ConcurrencyLimited, |mut ready, request| {
    let key = ready.layer.share.key("", &request);
    if ready.gates.are_passed(&key, request.context()) {
        return ready.inner.call(request).await.map_err(Into::into);
    }
    let caller = request.context().caller();
    let Some(pass) = Pass::wait(&ready.gates, key, &ready.layer, caller).await else {
        let problem = format!("`{}` has too much to do at the moment", request.name());
        return Ok(request.refuse(CallError::busy("overloaded", &problem, None)));
    };
    let response = ready.inner.call(request).await;
    drop(pass);
    response.map_err(Into::into)
});

/// The gates through which somebody goes or wants to go.
#[derive(Debug, Default)]
struct Gates(Mutex<HashMap<String, Gate>>);

#[derive(Debug)]
struct Gate {
    /// How many are in front of it and behind it.
    visitors: usize,
    running: Arc<Semaphore>,
    /// The requests that are behind it, once for each pass.
    inside: Vec<Mark>,
}

/// A request, for as long as its pass exists.
type Mark = usize;

fn mark(caller: &Arc<Caller>) -> Mark {
    Arc::as_ptr(caller).addr()
}

impl Gates {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call of which this one is a part has passed the gate already: it would wait for what that one holds.
    fn are_passed(&self, key: &str, context: &Context) -> bool {
        let mut outer = context.outer_callers().peekable();
        if outer.peek().is_none() {
            return false;
        }
        let open = self.lock();
        let gate = open.get(key);
        gate.is_some_and(|gate| outer.any(|outer| gate.inside.contains(&mark(outer))))
    }
}

/// What a call holds while it waits and runs.
#[derive(Debug)]
struct Pass {
    gates: Arc<Gates>,
    key: String,
    caller: Arc<Caller>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pass {
    /// Waits for the turn of a call; `None` if too many wait.
    async fn wait(
        gates: &Arc<Gates>,
        key: String,
        layer: &ConcurrencyLayer,
        caller: Arc<Caller>,
    ) -> Option<Self> {
        let running = {
            let mut open = gates.lock();
            let gate = open.entry(key.clone()).or_insert_with(|| Gate {
                visitors: 0,
                running: Arc::new(Semaphore::new(layer.most)),
                inside: Vec::new(),
            });
            if gate.visitors >= layer.most.saturating_add(layer.queue) {
                return None;
            }
            gate.visitors += 1;
            Arc::clone(&gate.running)
        };
        let mut pass = Self {
            gates: Arc::clone(gates),
            key,
            caller,
            permit: None,
        };
        // Nobody closes the semaphore.
        pass.permit = running.acquire_owned().await.ok();
        if let Some(gate) = gates.lock().get_mut(&pass.key) {
            gate.inside.push(mark(&pass.caller));
        }
        Some(pass)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let was_inside = self.permit.take().is_some();
        let mut open = self.gates.lock();
        if let Some(gate) = open.get_mut(&self.key) {
            gate.visitors -= 1;
            let own = mark(&self.caller);
            if was_inside && let Some(at) = gate.inside.iter().position(|mark| *mark == own) {
                gate.inside.swap_remove(at);
            }
            if gate.visitors == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_waits_is_limited_and_nothing_is_left_behind() {
        let (gates, layer) = (Arc::default(), ConcurrencyLayer::new(1).queue(1));
        let caller = || Caller::detached().into();
        let wait = |key: &str| Pass::wait(&gates, key.to_owned(), &layer, caller());
        let first = wait("a").await.unwrap();
        let mut second = Box::pin(wait("a"));
        assert!((&mut second).now_or_never().is_none());
        assert!(wait("a").await.is_none());
        assert!(wait("b").await.is_some());
        drop(first);
        assert!(second.await.is_some());
        assert!(gates.lock().is_empty());
    }

    #[tokio::test]
    async fn who_stops_waiting_makes_room() {
        let (gates, layer) = (Arc::default(), ConcurrencyLayer::new(1).queue(1));
        let caller = || Caller::detached().into();
        let wait = || Pass::wait(&gates, String::new(), &layer, caller());
        let first = wait().await.unwrap();
        let mut second = Box::pin(wait());
        assert!((&mut second).now_or_never().is_none());
        drop(second);
        let mut third = Box::pin(wait());
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        assert!(third.now_or_never().flatten().is_some());
    }
}
