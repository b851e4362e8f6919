//! What of a server can change while it serves: its handlers, and who hears of it.

use std::{
    any::TypeId,
    collections::HashSet,
    ops::Deref,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    argument::Requirements,
    handlers::{Handlers, Key, Kind},
    hub::{Change, Hub},
    registry::Registry,
};

/// What of a server can change while it serves. It is there before the server is built, so that it can be handed out.
#[derive(Debug, Default)]
pub(crate) struct Live {
    registry: RwLock<Arc<Registry>>,
    /// What a server that nobody can change serves: to look something up there costs nothing.
    fixed: OnceLock<Arc<Registry>>,
    /// Somebody has asked for a handle later, and has changed it all the same.
    changed: AtomicBool,
    pub(crate) hub: Hub,
    /// The types of the states that the server has, once it is built.
    states: OnceLock<HashSet<TypeId>>,
    /// Somebody can change something: clients are told that they may listen.
    dynamic: AtomicBool,
    /// One change after the other: each starts from the one before.
    changing: Mutex<()>,
}

impl Live {
    /// From now on this is served.
    pub(crate) fn start(&self, registry: Registry, states: HashSet<TypeId>) {
        // A server is built once: there is nothing yet.
        let _ = self.states.set(states);
        let registry = Arc::new(registry);
        if !self.is_dynamic() {
            let _ = self.fixed.set(Arc::clone(&registry));
        }
        self.replace(registry);
    }

    /// What is served at this moment.
    pub(crate) fn registry(&self) -> Current<'_> {
        if let Some(fixed) = self.fixed.get()
            && !self.changed.load(Ordering::Acquire)
        {
            return Current::Fixed(fixed);
        }
        let registry = self.registry.read();
        Current::Shared(Arc::clone(
            &registry.unwrap_or_else(PoisonError::into_inner),
        ))
    }

    pub(crate) fn is_dynamic(&self) -> bool {
        self.dynamic.load(Ordering::Relaxed)
    }

    pub(crate) fn set_dynamic(&self) {
        self.dynamic.store(true, Ordering::Relaxed);
    }

    /// Adds handlers, if nothing is wrong with them.
    pub(crate) fn add(&self, handlers: Handlers) -> Result<(), Vec<String>> {
        let Some(states) = self.states.get() else {
            let problem = "the server is not built yet: give the handlers to `Server::add`";
            return Err(vec![problem.to_owned()]);
        };
        let (mut requirements, mut problems) = (Vec::new(), Vec::new());
        let changing = self.changing.lock();
        let (registry, kinds) =
            self.registry()
                .adding(handlers.components, &mut requirements, &mut problems);
        problems.extend(missing(&requirements, states));
        if !problems.is_empty() {
            return Err(problems);
        }
        self.change_to(registry);
        drop(changing);
        for kind in kinds {
            self.announce(kind);
        }
        Ok(())
    }

    /// Takes a handler out; `false` if there is none.
    pub(crate) fn remove(&self, key: Key) -> bool {
        self.change(key, |registry| registry.removing(key))
    }

    /// Shows or hides a handler; `false` if nothing changes by that.
    pub(crate) fn enable(&self, key: Key, enabled: bool) -> bool {
        self.change(key, |registry| registry.enabling(key, enabled))
    }

    fn change(&self, key: Key, change: impl FnOnce(&Registry) -> Option<Registry>) -> bool {
        let changing = self.changing.lock();
        let changed = change(&self.registry());
        let is_changed = changed.is_some();
        if let Some(registry) = changed {
            self.change_to(registry);
        }
        drop(changing);
        if is_changed {
            self.announce(key.kind);
        }
        is_changed
    }

    fn change_to(&self, registry: Registry) {
        self.replace(Arc::new(registry));
        self.changed.store(true, Ordering::Release);
    }

    fn replace(&self, registry: Arc<Registry>) {
        let mut current = self
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, registry);
        drop(current);
        // Nobody waits while it is taken down.
        drop(old);
    }

    fn announce(&self, kind: Kind) {
        self.hub.announce(&match kind {
            Kind::Tool => Change::Tools,
            Kind::Resource => Change::Resources,
            Kind::Prompt => Change::Prompts,
        });
    }
}

/// What is served at some moment.
#[derive(Debug)]
pub(crate) enum Current<'a> {
    Fixed(&'a Registry),
    Shared(Arc<Registry>),
}

impl Deref for Current<'_> {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        match self {
            Self::Fixed(registry) => registry,
            Self::Shared(registry) => registry,
        }
    }
}

/// What is wrong with handlers that need a state that is not among `states`.
pub(crate) fn missing(
    requirements: &[(String, Requirements)],
    states: &HashSet<TypeId>,
) -> Vec<String> {
    let mut told = HashSet::new();
    let mut problems = Vec::new();
    for (what, needs) in requirements {
        for (id, name) in &needs.states {
            if !states.contains(id) && told.insert((what, id)) {
                problems.push(format!(
                    "{what} needs `State<{name}>`: register one with `Server::state` or `on_start`"
                ));
            }
        }
    }
    problems
}
