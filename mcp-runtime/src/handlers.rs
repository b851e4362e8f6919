//! Handlers as values: what the macros make of a function, and lists of them.

mod collect;
mod guarding;
#[cfg(feature = "layer")]
mod layering;
mod limiting;
mod output;
mod question;
mod stream;
mod unique;

#[cfg(feature = "inventory")]
pub use collect::Collected;
#[cfg(feature = "inventory")]
pub(crate) use collect::collected;
pub use output::{
    ErrorTier, Fallible, Fallibly, HasSchema, MaskedTier, Output, OutputSchema, Plain, PlainTier,
};
pub use question::{Answer, AnswerTier, Answering, Asked, Form, Question};
pub use stream::{Item, Streamed};
pub use unique::{Entry, Key, Kind, assert_unique};

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use crate::{
    Call, CallError,
    argument::Parameter,
    content::Icon,
    guard::{Rules, TenantKind},
    prompt::Prompt,
    resource::Resource,
    tool::Tool,
};

/// The future of one call.
pub type CallFuture<R> = Pin<Box<dyn Future<Output = Result<R, CallError>> + Send>>;

pub(crate) type Run<R> = Arc<dyn Fn(Call) -> CallFuture<R> + Send + Sync>;

/// What the macros implement for the type that stands beside a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not a tool, resource or prompt",
    note = "put `#[tool]`, `#[resource(\"…\")]` or `#[prompt]` on the function `{Self}`"
)]
pub trait Handler {
    /// What must be unique among the handlers of a server.
    const KEY: Key;

    /// The handler as an element of a list.
    #[doc(hidden)]
    const ENTRY: Entry = Entry::new(Self::KEY, Self::component);

    /// The handler as a value.
    fn component() -> Component;
}

/// A tool, a resource or a prompt.
#[derive(Clone, Debug)]
pub enum Component {
    /// A tool.
    Tool(Tool),
    /// A resource or a resource template.
    Resource(Resource),
    /// A prompt.
    Prompt(Prompt),
}

impl Component {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Tool(_) => Kind::Tool,
            Self::Resource(_) => Kind::Resource,
            Self::Prompt(_) => Kind::Prompt,
        }
    }

    fn common_mut(&mut self) -> &mut Common {
        match self {
            Self::Tool(tool) => &mut tool.common,
            Self::Resource(resource) => &mut resource.common,
            Self::Prompt(prompt) => &mut prompt.common,
        }
    }
}

impl From<Tool> for Component {
    fn from(tool: Tool) -> Self {
        Self::Tool(tool)
    }
}

impl From<Resource> for Component {
    fn from(resource: Resource) -> Self {
        Self::Resource(resource)
    }
}

impl From<Prompt> for Component {
    fn from(prompt: Prompt) -> Self {
        Self::Prompt(prompt)
    }
}

/// What tools, resources and prompts have in common.
#[derive(Clone, Default)]
pub(crate) struct Common {
    pub(crate) name: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) description: Option<&'static str>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) meta: serde_json::Map<String, serde_json::Value>,
    pub(crate) tags: &'static [&'static str],
    pub(crate) timeout: Option<Duration>,
    pub(crate) parameters: &'static [&'static dyn Parameter],
    pub(crate) questions: Vec<Form>,
    pub(crate) rules: Rules,
    /// What its calls are about as a whole.
    pub(crate) tenants: Vec<TenantKind>,
    /// What stands around its calls, the innermost layer first.
    #[cfg(feature = "layer")]
    pub(crate) layers: Vec<crate::layer::Stack>,
    #[cfg(feature = "prometheus")]
    pub(crate) numbers: crate::metrics::Numbers,
}

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The setters that tools, resources and prompts share.
macro_rules! common_setters {
    () => {
        /// A title for people.
        #[must_use]
        pub fn title(mut self, title: &'static str) -> Self {
            self.common.title = Some(title);
            self
        }

        /// What it does, for the model.
        #[must_use]
        pub fn description(mut self, description: &'static str) -> Self {
            self.common.description = Some(description);
            self
        }

        /// Adds an icon.
        #[must_use]
        pub fn icon(mut self, icon: $crate::Icon) -> Self {
            self.common.icons.push(icon);
            self
        }

        /// Adds an entry to `_meta`.
        #[must_use]
        pub fn meta(mut self, key: &str, value: $crate::serde_json::Value) -> Self {
            self.common.meta.insert(key.to_owned(), value);
            self
        }

        /// Words to group by.
        #[must_use]
        pub fn tags(mut self, tags: &'static [&'static str]) -> Self {
            self.common.tags = tags;
            self
        }

        /// The time after which the call ends with an error, in milliseconds.
        #[must_use]
        pub fn timeout(mut self, milliseconds: u64) -> Self {
            self.common.timeout = Some(std::time::Duration::from_millis(milliseconds));
            self
        }

        /// The parameters, in the order of the function.
        #[must_use]
        pub fn parameters(
            mut self,
            parameters: &'static [&'static dyn $crate::argument::Parameter],
        ) -> Self {
            self.common.parameters = parameters;
            self
        }

        /// The scopes that a caller must have, all of them.
        #[must_use]
        pub fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
            for scope in scopes {
                self.common.rules.require((*scope).into());
            }
            self
        }

        /// Who may use it.
        #[must_use]
        pub fn guard(mut self, guard: impl $crate::guard::IsGuard) -> Self {
            let guard = move |access: &$crate::Access<'_>| guard.allows(access);
            self.common.rules.guards.push(std::sync::Arc::new(guard));
            self
        }

        /// What stands around its calls.
        #[cfg(feature = "layer")]
        #[must_use]
        pub fn layer(mut self, layer: impl $crate::layer::IsLayer) -> Self {
            self.common.layers.push(layer.make().0);
            self
        }

        /// Is never called: the macro says that the feature is missing.
        #[cfg(not(feature = "layer"))]
        #[must_use]
        pub fn layer(self, missing: ::core::convert::Infallible) -> Self {
            match missing {}
        }

        /// How often each caller may call it.
        #[cfg(feature = "limits")]
        #[must_use]
        pub fn rate(mut self, rate: $crate::limit::Rate) -> Self {
            self.common.limit(rate);
            self
        }

        /// Is never called: the macro says that the feature is missing.
        #[cfg(not(feature = "limits"))]
        #[must_use]
        pub fn rate(self, missing: ::core::convert::Infallible) -> Self {
            match missing {}
        }

        /// What the user is asked before the function runs.
        #[must_use]
        pub fn questions(mut self, questions: &[$crate::handlers::Form]) -> Self {
            self.common.questions = questions.to_vec();
            self
        }
    };
}
pub(crate) use common_setters;

/// A list of handlers, made by `handlers!`, by `#[group] mod` or from a value of a `#[group] impl`.
///
/// ```
/// use mcp_runtime::{Server, handlers, tool};
///
/// /// Adds two numbers.
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let server = Server::new("calculator", "1.0.0").add(handlers![add]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "give it to `Server::add`"]
pub struct Handlers {
    pub(crate) components: Vec<Component>,
}

impl Handlers {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// The handlers of a list.
    #[doc(hidden)]
    pub fn listed(entries: &[Entry]) -> Self {
        let components = entries.iter().map(|entry| (entry.component)()).collect();
        Self { components }
    }

    /// Adds a handler.
    #[doc(hidden)]
    pub fn with_component(mut self, component: impl Into<Component>) -> Self {
        self.components.push(component.into());
        self
    }

    /// Adds all handlers of another list behind those of this one.
    pub fn and(mut self, others: impl IntoHandlers) -> Self {
        self.components.extend(others.into_handlers().components);
        self
    }
}

/// What `Server::add` takes: a list of handlers, or a service whose methods are handlers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of handlers",
    label = "no handlers here",
    note = "list functions with `handlers![…]`; put `#[group]` on an `impl` block to make its methods handlers"
)]
pub trait IntoHandlers {
    /// The handlers, in the order in which clients see them.
    fn into_handlers(self) -> Handlers;
}

#[diagnostic::do_not_recommend]
impl IntoHandlers for Handlers {
    fn into_handlers(self) -> Handlers {
        self
    }
}
