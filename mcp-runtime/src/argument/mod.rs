//! What a parameter of a handler is and how it is filled: from the JSON arguments, from shared state, or from the call itself.
//!
//! Arguments are checked by the compiled schema that clients see (`validate`); what is wrong is said in words (`explain`,
//! `report`); then each parameter reads its own (`parameter`).

mod choice;
mod coerce;
mod constraint;
mod distance;
mod duty;
mod enumerated;
mod example;
mod expected;
mod explain;
mod format;
mod glance;
mod header;
mod parameter;
mod plain;
mod plan;
mod problem;
mod redact;
mod report;
mod schema;
mod subschema;
mod suggest;
mod survey;
mod template;
mod validate;
mod width;
mod words;

pub use constraint::{Bound, DefaultValue, InHeader, Length, Number, Text, Unit};
pub use parameter::{Arg, Parameter, Property, Taken};
pub use problem::Problem;
pub use template::{Part, Template};
pub(crate) use {
    coerce::{coerce, from_strings, integral_floats},
    enumerated::enumerated,
    header::{HeaderParameter, header_parameters},
    problem::PATH,
    redact::{has_secrets, redact},
    report::invalid_arguments,
    schema::{InputSchema, generator, output_generator, strip_null},
    suggest::closest,
    template::{Matcher, Variables, normal},
    validate::Validator,
    width::{advertised, bounded},
};

use std::{any::TypeId, fmt, future::ready, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{CallError, Completion, Context, guard::TenantKind, handlers::CallFuture};

/// One call on its way into a handler: its context and the arguments that no parameter has taken yet.
pub struct Call {
    context: Context,
    arguments: Map<String, Value>,
    input: Arc<InputSchema>,
    problems: Vec<Problem>,
    error: Option<CallError>,
    completion: Option<Completion>,
}

impl Call {
    pub(crate) fn new(
        context: Context,
        input: Arc<InputSchema>,
        arguments: Map<String, Value>,
    ) -> Self {
        Self {
            context,
            arguments,
            input,
            problems: Vec::new(),
            error: None,
            completion: None,
        }
    }

    /// The same call, of a function that completes an argument.
    pub(crate) fn completing(mut self, completion: Completion) -> Self {
        self.completion = Some(completion);
        self
    }

    /// What is being completed, if anything is.
    pub(crate) fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// The context of the call: who asks, on which revision of the protocol, with which state.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The arguments that are left, by the names that the client sent.
    ///
    /// They have been checked against the schema of the handler. A parameter takes its own argument out.
    pub fn arguments(&self) -> &Map<String, Value> {
        &self.arguments
    }

    /// Whether a parameter could not be filled.
    #[doc(hidden)]
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.error.is_some() || !self.problems.is_empty()
    }

    /// Ends the call whose parameters could not be filled: with the error of a role, or with all arguments that fit their
    /// schema and still could not be read.
    #[doc(hidden)]
    #[must_use]
    pub fn refused<R: Send + 'static>(self) -> CallFuture<R> {
        let Self {
            error, problems, ..
        } = self;
        let error = error.unwrap_or_else(|| CallError::invalid_arguments(problems));
        Box::pin(ready(Err(error)))
    }

    /// Remembers why a role refused.
    fn refuse(&mut self, error: CallError) {
        self.error.get_or_insert(error);
    }

    /// Remembers why an argument could not be read.
    fn unreadable(&mut self, name: &str, code: &str, error: &serde_json::Error) {
        self.problems.push(Problem::unreadable(name, code, error));
    }

    fn take_flattened(&mut self, name: &str) -> Map<String, Value> {
        let input = Arc::clone(&self.input);
        let fields = input.flattened(name).iter();
        fields
            .filter_map(|field| self.arguments.remove_entry(field))
            .collect()
    }
}

/// Secrets among the arguments are not shown.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = Value::Object(self.arguments.clone());
        f.debug_struct("Call")
            .field("context", &self.context)
            .field("arguments", &redact(&self.input.checked, &arguments))
            .finish_non_exhaustive()
    }
}

/// What a handler needs besides its arguments, collected while the server is built.
#[derive(Debug, Default)]
pub struct Requirements {
    pub(crate) states: Vec<(TypeId, &'static str)>,
    /// It wants to know what is being completed, which no handler can.
    pub(crate) completion: bool,
    /// The handler can change the server.
    pub(crate) handle: bool,
    /// The handler answers one caller otherwise than another.
    pub(crate) principal: bool,
    /// What a call of the handler is about as a whole.
    pub(crate) tenants: Vec<TenantKind>,
}

impl Requirements {
    /// Says that the handler reads `State<T>`: without `Server::state` of that type the server is not built.
    pub fn state<T: Send + Sync + 'static>(&mut self) {
        self.states
            .push((TypeId::of::<T>(), std::any::type_name::<T>()));
    }
}

/// A type that can be a parameter of a handler.
///
/// Every type that is `Deserialize` and `JsonSchema` is one: it is an argument that the client sends. [`Context`](crate::Context) and
/// [`State`](crate::State) are parameters that the runtime fills. Implement it to add a *role* of your own: a value that is made
/// from the call and has no place in the schema.
///
/// ```
/// use mcp_runtime::{Call, CallError, FromCall, tool};
///
/// struct Tenant(String);
///
/// impl FromCall for Tenant {
///     fn from_call(call: &Call) -> Result<Self, CallError> {
///         match call.context().meta("example.com/tenant") {
///             Some(tenant) => Ok(Self(tenant.to_string())),
///             None => Err(CallError::new("say which tenant you mean in `_meta`")),
///         }
///     }
/// }
///
/// /// Names the caller's tenant.
/// #[tool]
/// fn tenant(tenant: Tenant) -> String {
///     tenant.0
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler",
    label = "neither readable from JSON nor a role",
    note = "for an argument, derive `serde::Deserialize` and `schemars::JsonSchema` for `{Self}` or for what is in it",
    note = "for a value of the server, take `State<…>` of a type that is `Send + Sync`; for anything else, implement `mcp_runtime::FromCall`"
)]
pub trait FromCall: Sized {
    /// Whether the parameter is filled by the runtime, without an argument of the client.
    #[doc(hidden)]
    const ROLE: bool = true;

    /// Makes the value for one call.
    ///
    /// # Errors
    ///
    /// The call ends with this error before the handler runs.
    fn from_call(call: &Call) -> Result<Self, CallError>;

    /// Tells what the value needs, so that a server that lacks it is not built.
    fn requirements(_requirements: &mut Requirements) {}

    /// The schema of the argument, if it is one.
    #[doc(hidden)]
    fn schema(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    /// Whether a client may leave the argument out.
    #[doc(hidden)]
    fn optional() -> bool {
        false
    }

    /// Reads the argument; `value` is `None` if the client left it out.
    #[doc(hidden)]
    fn from_argument(value: Option<Value>) -> Result<Self, serde_json::Error> {
        let _ = value;
        Err(serde::de::Error::custom("a role is not an argument"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> FromCall for T {
    const ROLE: bool = false;

    fn from_call(call: &Call) -> Result<Self, CallError> {
        let all = Value::Object(call.arguments().clone());
        serde_json::from_value(all).map_err(CallError::new)
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }

    fn optional() -> bool {
        schema::read_missing::<T>().is_ok()
    }

    fn from_argument(value: Option<Value>) -> Result<Self, serde_json::Error> {
        match value {
            Some(value) => serde_json::from_value(value),
            None => schema::read_missing(),
        }
    }
}
