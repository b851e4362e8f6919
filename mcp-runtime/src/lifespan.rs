//! What happens when a server starts and when it stops.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::FutureExt;
use tokio::sync::OnceCell;

use crate::{State, context::States, driver::message, error::BoxError};

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Start = Box<dyn Fn() -> Pending<Result<States, BoxError>> + Send + Sync>;
type Stop = Box<dyn Fn(&States) -> Pending<Result<(), BoxError>> + Send + Sync>;

/// The states of a server and the functions that make and end them.
#[derive(Default)]
pub(crate) struct Lifespan {
    pub(crate) given: States,
    starts: Vec<Start>,
    stops: Vec<Stop>,
    states: OnceCell<Arc<States>>,
    stopped: AtomicBool,
}

impl Lifespan {
    /// Adds a function that makes a state.
    pub(crate) fn on_start<T, E, F, Fut>(&mut self, start: F)
    where
        T: Send + Sync + 'static,
        E: Into<BoxError>,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.starts.push(Box::new(move || {
            let state = start();
            Box::pin(async move {
                let mut states = States::default();
                states.insert(state.await.map_err(Into::into)?);
                Ok(states)
            })
        }));
    }

    /// Adds a function that ends a state.
    pub(crate) fn on_shutdown<T, E, F, Fut>(&mut self, stop: F)
    where
        T: Send + Sync + 'static,
        E: Into<BoxError>,
        F: Fn(State<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.stops.push(Box::new(move |states| {
            let stopped = states.get().map(&stop);
            Box::pin(async move {
                match stopped {
                    Some(stopped) => stopped.await.map_err(Into::into),
                    None => Ok(()),
                }
            })
        }));
    }

    /// All states; the first call makes those that are made at start.
    pub(crate) async fn states(&self) -> Result<Arc<States>, BoxError> {
        let states = self.states.get_or_try_init(|| async {
            let mut states = self.given.clone();
            for start in &self.starts {
                // A panic here would take the request with it that happened to be the first.
                let made = AssertUnwindSafe(async { start().await })
                    .catch_unwind()
                    .await;
                let made =
                    made.map_err(|panic| format!("`on_start` panicked: {}", message(&*panic)))?;
                states.extend(made?);
            }
            Ok::<_, BoxError>(Arc::new(states))
        });
        states.await.map(Arc::clone)
    }

    /// Ends the states once, in the reverse order of their registration. The first error is returned when all are ended.
    pub(crate) async fn shutdown(&self) -> Result<(), BoxError> {
        let Some(states) = self.states.get() else {
            return Ok(());
        };
        if self.stopped.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let mut outcome = Ok(());
        for stop in self.stops.iter().rev() {
            outcome = outcome.and(stop(states).await);
        }
        outcome
    }
}

impl fmt::Debug for Lifespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifespan")
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}
