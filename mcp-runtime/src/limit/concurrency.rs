//! [`ConcurrencyLayer`]: limits how many at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_layer::Layer;

use super::{Share, share::sharing};
use crate::{CallError, layer::standing_around};

/// Limits how many calls run at once, with a queue of a limited length: of [each caller](Self::per_caller), of
/// [each handler](Self::per_handler) or of each of both.
///
/// Where calls are not told apart, `ConcurrencyLimitLayer` and `LoadShedLayer` of tower will do.
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
    layer: ConcurrencyLayer,
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
            layer: self.clone(),
            gates: Arc::default(),
            inner,
        }
    }
}

standing_around!(ConcurrencyLimited, |mut ready, request| {
    let key = ready.layer.share.key("", &request);
    let Some(pass) = Pass::wait(&ready.gates, key, &ready.layer).await else {
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
}

impl Gates {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call holds while it waits and runs.
#[derive(Debug)]
struct Pass {
    gates: Arc<Gates>,
    key: String,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pass {
    /// Waits for the turn of a call; `None` if too many wait.
    async fn wait(gates: &Arc<Gates>, key: String, layer: &ConcurrencyLayer) -> Option<Self> {
        let running = {
            let mut open = gates.lock();
            let gate = open.entry(key.clone()).or_insert_with(|| Gate {
                visitors: 0,
                running: Arc::new(Semaphore::new(layer.most)),
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
            permit: None,
        };
        // Nobody closes the semaphore.
        pass.permit = running.acquire_owned().await.ok();
        Some(pass)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.permit = None;
        let mut open = self.gates.lock();
        if let Some(gate) = open.get_mut(&self.key) {
            gate.visitors -= 1;
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
        let wait = |key: &str| Pass::wait(&gates, key.to_owned(), &layer);
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
        let wait = || Pass::wait(&gates, String::new(), &layer);
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
