//! State that handlers share.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    ops::Deref,
    sync::Arc,
};

use crate::{Call, CallError, FromCall, Requirements};

/// State of the server, shared by all calls: a parameter of a handler.
///
/// The value is registered with `Server::state`. A server whose handlers need a state that nobody registered is not
/// built. Cloning is cheap.
///
/// ```
/// use mcp_runtime::{State, tool};
///
/// struct Greeting(&'static str);
///
/// /// Greets.
/// #[tool]
/// fn greet(greeting: State<Greeting>) -> String {
///     greeting.0.to_owned()
/// }
///
/// // It is still a function:
/// assert_eq!(greet(State::new(Greeting("hello"))), "hello");
/// ```
pub struct State<T>(Arc<T>);

impl<T> State<T> {
    /// Wraps a value, for calling a handler as a plain function.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State").field(&self.0).finish()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> FromCall for State<T> {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        call.context().state::<T>().ok_or_else(|| {
            CallError::internal(format!(
                "no state of type `{}` is registered",
                std::any::type_name::<T>()
            ))
        })
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

/// The states of a server, one of each type.
#[derive(Clone, Default)]
pub(crate) struct States(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    /// Adds a state; `false` if there was one of the same type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.0.insert(TypeId::of::<T>(), Arc::new(value)).is_none()
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        let state = Arc::clone(self.0.get(&TypeId::of::<T>())?);
        state.downcast().ok().map(State)
    }

    /// The types of all of them.
    pub(crate) fn types(&self) -> impl Iterator<Item = TypeId> {
        self.0.keys().copied()
    }

    /// Takes over all states of `other`, which win over those of the same type.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States")
            .field("len", &self.0.len())
            .finish()
    }
}
