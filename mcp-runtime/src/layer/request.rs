//! [`CallRequest`]: a call on its way to its handler.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{CallResponse, Outcome, Stack};
use crate::{
    CallError, Context, Definition, Kind,
    dispatch::{Arguments, Reply, Target},
    outcome::Failure,
};

/// A call on its way to its handler.
///
/// A clone is the same call once more: [`Next`](super::Next) runs the handler again for it.
#[derive(Clone, Debug)]
pub struct CallRequest {
    target: Arc<Target>,
    arguments: Map<String, Value>,
    /// Whether the arguments are known to be right.
    checked: bool,
    context: Context,
    /// The last run of the handler, that of a clone included.
    last: Arc<Mutex<Option<Context>>>,
    /// How many layers it has still to go through.
    left: usize,
}

impl CallRequest {
    pub(crate) fn new(
        target: Target,
        arguments: Map<String, Value>,
        checked: bool,
        context: Context,
    ) -> Self {
        let left = target.common().layers.len();
        let of_server = context
            .service()
            .map_or(0, |service| service.parts().layers.len());
        Self {
            target: Arc::new(target),
            arguments,
            checked,
            context,
            last: Arc::default(),
            left: left + of_server,
        }
    }

    /// Whether a tool, a resource or a prompt is called.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.component().kind()
    }

    /// The name of the handler.
    #[must_use]
    pub fn name(&self) -> &str {
        self.target.common().name
    }

    /// The URI of the resource that is read, as the client wrote it.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.target.uri()
    }

    /// The arguments, as the client sent them, or as they are read if the server [coerces](crate::Server::coerce_arguments) them:
    /// nothing has checked them yet. Those of a resource are the variables of its template.
    #[must_use]
    pub fn arguments(&self) -> &Map<String, Value> {
        &self.arguments
    }

    /// The arguments, to change them.
    ///
    /// In a call that asks questions in rounds, the change must be the same in each of them.
    pub fn arguments_mut(&mut self) -> &mut Map<String, Value> {
        self.checked = false;
        &mut self.arguments
    }

    /// The context of the call: who asks, on which revision of the protocol, with which state and extensions.
    ///
    /// It is there to be read. What it tells the client goes nowhere, and it asks no questions: the handler has a context of its own each
    /// time that it runs.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What the author has said about the handler.
    #[must_use]
    pub fn component(&self) -> Definition<'_> {
        self.target.definition()
    }

    /// The response of a call that fails here, as if its handler had failed with `error`.
    #[must_use]
    pub fn refuse(&self, error: CallError) -> CallResponse {
        let failure = Failure::of(self.name(), error, self.target.input());
        CallResponse::new(&self.target, Outcome::Ended(Err(failure)))
    }

    /// The response of a call that is answered here, as if its handler had returned `value`: a tool as any value, a resource and
    /// a prompt as text, or as JSON if it is not a text.
    #[must_use]
    pub fn reply(&self, value: impl Serialize) -> CallResponse {
        match serde_json::to_value(value) {
            Ok(value) => self.reply_value(value),
            Err(error) => self.refuse(error.into()),
        }
    }

    fn reply_value(&self, value: Value) -> CallResponse {
        match self.target.output(value) {
            Ok(output) => {
                let outcome = Outcome::Ended(Ok(Reply::Complete(output)));
                CallResponse::new(&self.target, outcome)
            }
            Err(error) => self.refuse(error),
        }
    }

    /// What the call is about as a whole, asked for once more: a layer may have changed the arguments. `None` if the handler will not
    /// get them, because they are wrong or not for the caller.
    #[cfg(feature = "cache")]
    pub(crate) fn admitted(&self) -> Option<String> {
        let service = self.context.service()?;
        let mut arguments = self.arguments.clone().into();
        service.normalize(&self.target, &mut arguments);
        let checked = self.target.input().validator.check(&arguments);
        let caller = self.context.caller();
        let tenants = checked
            .is_ok()
            .then(|| service.admit(&self.target, &caller, &arguments))?;
        let tenants = tenants.ok()?;
        Some(tenants.key().unwrap_or_default().to_owned())
    }

    /// What tells the handler from another one that takes its place while the server runs.
    #[cfg(feature = "cache")]
    pub(crate) fn generation(&self) -> String {
        match &*self.target {
            Target::Tool(entry, _) => format!("{:p}", Arc::as_ptr(entry)),
            Target::Resource(entry, _) => format!("{:p}", Arc::as_ptr(entry)),
            Target::Prompt(entry) => format!("{:p}", Arc::as_ptr(entry)),
        }
    }

    /// The next layer, if there is one left.
    pub(super) fn step(&mut self) -> Option<Stack> {
        let at = self.left.checked_sub(1)?;
        self.left = at;
        let own = &self.target.common().layers;
        if let Some(stack) = own.get(at) {
            return Some(stack.clone());
        }
        let service = self.context.service()?;
        service.parts().layers.get(at - own.len()).cloned()
    }

    /// Runs the handler.
    pub(super) async fn arrive(self) -> CallResponse {
        let Some(service) = self.context.service() else {
            return CallResponse::new(&self.target, Outcome::Cancelled);
        };
        let arguments = Arguments {
            value: self.arguments.into(),
            checked: self.checked,
        };
        let caller = self.context.caller();
        let begin = |context| begin(&self.last, context);
        let ran = service.run_target(&self.target, caller, arguments, &begin);
        let ran = ran.await;
        CallResponse::new(&self.target, ran.map_or(Outcome::Cancelled, Outcome::Ended))
    }
}

/// A handler runs in a context: if it has run before in the same request, it goes on from there.
fn begin(last: &Mutex<Option<Context>>, mut context: Context) -> Context {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = &*last {
        context.again(before);
    }
    *last = Some(context.clone());
    context
}
