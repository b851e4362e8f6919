//! What a type can know of its surroundings while it is read from JSON, and while its schema is made.
//!
//! serde hands over a value and nothing else, so a type in the middle of an argument learns of the states of the server through
//! the thread that reads it. Reading never waits, so nothing comes in between.

use std::cell::{Cell, RefCell};

use crate::{Context, Requirements, State};

thread_local! {
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
    static REFUSED: Cell<bool> = const { Cell::new(false) };
    static REQUIREMENTS: RefCell<Option<Requirements>> = const { RefCell::new(None) };
}

/// The surroundings of an argument, as long as this is not dropped.
#[derive(Debug)]
pub(crate) struct Surroundings {
    outer: Option<Context>,
    outer_refused: bool,
}

impl Surroundings {
    /// Lets what is read from now on know the call.
    pub(crate) fn of(context: &Context) -> Self {
        Self {
            outer: CONTEXT.replace(Some(context.clone())),
            outer_refused: REFUSED.replace(false),
        }
    }

    /// Ends them, and says whether what could not be read was a path.
    pub(crate) fn has_refused_path(self) -> bool {
        REFUSED.replace(self.outer_refused)
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        CONTEXT.replace(self.outer.take());
        REFUSED.set(self.outer_refused);
    }
}

/// The state of the call whose argument is being read.
pub(super) fn state<T: Send + Sync + 'static>() -> Option<State<T>> {
    CONTEXT.with_borrow(|context| context.as_ref()?.state())
}

/// Remembers that an argument is refused because of a path in it.
pub(super) fn note_refused_path() {
    REFUSED.set(true);
}

/// Makes a schema; what the types in it need goes to `requirements`.
pub(crate) fn needing<T>(requirements: &mut Requirements, make: impl FnOnce() -> T) -> T {
    let outer = REQUIREMENTS.replace(Some(std::mem::take(requirements)));
    let schema = make();
    *requirements = REQUIREMENTS.replace(outer).unwrap_or_default();
    schema
}

/// Says that what the schema describes needs a state.
pub(super) fn need<T: Send + Sync + 'static>() {
    REQUIREMENTS.with_borrow_mut(|requirements| {
        if let Some(requirements) = requirements {
            requirements.state::<T>();
        }
    });
}
