//! [`Context`]: what a handler knows of its call, and how it talks to the client while it runs.

mod state;

pub use state::State;
pub(crate) use state::States;

use std::sync::Arc;

use serde_json::Value;

use crate::{Call, CallError, FromCall};

/// The context of one call: a parameter of a handler. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Context(Arc<Shared>);

#[derive(Debug, Default)]
pub(crate) struct Shared {
    states: States,
}

impl Context {
    /// A context without a client, for calling a handler as a plain function.
    pub fn detached() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn state<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        self.0.states.get()
    }

    /// An entry of the request's `_meta`.
    pub fn meta(&self, _key: &str) -> Option<&Value> {
        None
    }
}

impl FromCall for Context {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        Ok(call.context().clone())
    }
}
