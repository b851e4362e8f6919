//! [`Arg`]: one parameter of a handler, written by the macros as a constant.

use std::fmt;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::{
    Call, FromCall, Requirements,
    constraint::{Bound, DefaultValue, InHeader, Length, Number, Text, Unit},
};
#[cfg(feature = "fs")]
use crate::fs::{Surroundings, needing};
use crate::{
    completion::{Completer, Completes},
    error::CallError,
};

/// The code of an argument that its type does not take, for a reason of its own.
const INVALID: &str = "invalid";

/// The part of a parameter that does not depend on its type.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) description: Option<&'static str>,
    pub(crate) minimum: Option<&'static dyn Bound>,
    pub(crate) maximum: Option<&'static dyn Bound>,
    pub(crate) length: Option<(Unit, Option<usize>, Option<usize>)>,
    pub(crate) pattern: Option<&'static str>,
    pub(crate) flatten: bool,
    pub(crate) header: Option<&'static str>,
    pub(crate) completes: Option<&'static dyn Completes>,
}

/// One parameter of a handler: its name, its description, its constraints and its default.
///
/// The constructors alone ask for `T: FromCall`, and keep what it can do: a type that is no parameter is one error, at the
/// type, and not one more at every use of the constant.
pub struct Arg<T> {
    facts: Facts,
    abilities: Abilities<T>,
    examples: &'static [fn() -> Value],
    default: Option<DefaultOf<T>>,
}

/// A default: how it is made, and how it is written as JSON.
type DefaultOf<T> = (fn() -> T, fn(&T) -> Result<Value, serde_json::Error>);

/// What `T: FromCall` says of a type.
struct Abilities<T> {
    role: bool,
    from_call: fn(&Call) -> Result<T, CallError>,
    from_argument: fn(Option<Value>) -> Result<T, serde_json::Error>,
    requirements: fn(&mut Requirements),
    schema: fn(&mut SchemaGenerator) -> Option<Schema>,
    optional: fn() -> bool,
}

impl<T: FromCall> Abilities<T> {
    const OF: Self = Self {
        role: T::ROLE,
        from_call: T::from_call,
        from_argument: T::from_argument,
        requirements: T::requirements,
        schema: T::schema,
        optional: T::optional,
    };
}

impl<T> Arg<T> {
    /// A parameter with the name that clients use.
    #[must_use]
    pub const fn new(name: &'static str) -> Self
    where
        T: FromCall,
    {
        let facts = Facts {
            name,
            title: None,
            description: None,
            minimum: None,
            maximum: None,
            length: None,
            pattern: None,
            flatten: false,
            header: None,
            completes: None,
        };
        Self {
            facts,
            abilities: Abilities::OF,
            examples: &[],
            default: None,
        }
    }

    /// A parameter that must be filled by the runtime; `problem` says so if `T` is an argument.
    ///
    /// # Panics
    ///
    /// With `problem`, when the constant is evaluated by the compiler.
    #[must_use]
    #[track_caller]
    pub const fn role(name: &'static str, problem: &'static str) -> Self
    where
        T: FromCall,
    {
        assert!(T::ROLE, "{}", problem);
        Self::new(name)
    }

    /// A parameter that must be an argument; `problem` says so if `T` is filled by the runtime.
    ///
    /// # Panics
    ///
    /// With `problem`, when the constant is evaluated by the compiler.
    #[must_use]
    #[track_caller]
    pub const fn argument(name: &'static str, problem: &'static str) -> Self
    where
        T: FromCall,
    {
        assert!(!T::ROLE, "{}", problem);
        Self::new(name)
    }

    /// A title for people.
    #[must_use]
    pub const fn title(mut self, title: &'static str) -> Self {
        self.facts.title = Some(title);
        self
    }

    /// What the argument means, for the model.
    #[must_use]
    pub const fn description(mut self, description: &'static str) -> Self {
        self.facts.description = Some(description);
        self
    }

    /// The least and the greatest value.
    #[must_use]
    pub const fn range(
        mut self,
        minimum: Option<&'static T::Bound>,
        maximum: Option<&'static T::Bound>,
    ) -> Self
    where
        T: Number,
    {
        self.facts.minimum = match minimum {
            Some(minimum) => Some(minimum),
            None => None,
        };
        self.facts.maximum = match maximum {
            Some(maximum) => Some(maximum),
            None => None,
        };
        self
    }

    /// The least and the greatest length.
    #[must_use]
    pub const fn length(mut self, minimum: Option<usize>, maximum: Option<usize>) -> Self
    where
        T: Length,
    {
        self.facts.length = Some((T::UNIT, minimum, maximum));
        self
    }

    /// A regular expression (ECMA-262) that the text matches.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str) -> Self
    where
        T: Text,
    {
        self.facts.pattern = Some(pattern);
        self
    }

    /// The value that stands in when the client leaves the argument out.
    #[must_use]
    pub const fn default(mut self, value: fn() -> T) -> Self
    where
        T: DefaultValue,
    {
        self.default = Some((value, <T as DefaultValue>::to_json));
        self
    }

    /// Values as examples of what can be sent.
    #[must_use]
    pub const fn examples(mut self, examples: &'static [fn() -> Value]) -> Self {
        self.examples = examples;
        self
    }

    /// Makes the fields of the value arguments of their own.
    #[must_use]
    pub const fn flatten(mut self) -> Self {
        self.facts.flatten = true;
        self
    }

    /// The HTTP header that carries the argument as well, behind `Mcp-Param-`.
    #[must_use]
    pub const fn header(mut self, name: &'static str) -> Self
    where
        T: InHeader,
    {
        self.facts.header = Some(name);
        self
    }

    /// The function that proposes values while somebody types one.
    #[must_use]
    pub const fn complete(mut self, function: &'static dyn Completes) -> Self {
        self.facts.completes = Some(function);
        self
    }

    /// The name that clients use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.facts.name
    }
}

impl<T> Arg<T> {
    /// Fills the parameter. If it cannot be filled, `call` remembers why, until all have had their turn.
    pub fn take(&self, call: &mut Call) -> Taken<T> {
        if self.abilities.role {
            return Taken(
                (self.abilities.from_call)(call)
                    .map_err(|error| call.refuse(error))
                    .ok(),
            );
        }
        let name = self.facts.name;
        let value = if self.facts.flatten {
            // A group of arguments that may be left out is left out if all of them are.
            let group = call.take_flattened(name);
            let is_absent = group.is_empty() && (self.abilities.optional)();
            (!is_absent).then_some(Value::Object(group))
        } else {
            call.arguments.remove(name)
        };
        Taken(match (value, self.default) {
            (None, Some((default, _))) => Some(default()),
            (value, _) => self.read(value, call),
        })
    }

    #[cfg(feature = "fs")]
    fn read(&self, value: Option<Value>, call: &mut Call) -> Option<T> {
        let surroundings = Surroundings::of(call.context());
        let read = (self.abilities.from_argument)(value);
        let code = if surroundings.has_refused_path() {
            super::PATH
        } else {
            INVALID
        };
        read.map_err(|error| call.unreadable(self.facts.name, code, &error))
            .ok()
    }

    #[cfg(not(feature = "fs"))]
    fn read(&self, value: Option<Value>, call: &mut Call) -> Option<T> {
        let read = (self.abilities.from_argument)(value);
        read.map_err(|error| call.unreadable(self.facts.name, INVALID, &error))
            .ok()
    }
}

/// What has been taken out of a call for one parameter: nothing if the call is refused.
#[derive(Debug)]
pub struct Taken<T>(Option<T>);

impl<T> Taken<T> {
    /// The value, to be shown in a question.
    ///
    /// # Panics
    ///
    /// If the parameter could not be filled, like [`filled`](Self::filled).
    pub fn peek(&self) -> &T {
        self.0
            .as_ref()
            .expect("a call that is not refused has filled every parameter")
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// If the parameter could not be filled: [`Call::is_refused`] says so, and the expansion asks it first.
    pub fn filled(self) -> T {
        self.0
            .expect("a call that is not refused has filled every parameter")
    }
}

impl<T> fmt::Debug for Arg<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arg")
            .field("name", &self.facts.name)
            .finish_non_exhaustive()
    }
}

/// An argument as the schema of its handler describes it.
#[expect(
    missing_debug_implementations,
    reason = "bounds are trait objects; nobody prints it"
)]
pub struct Property {
    pub(crate) facts: Facts,
    pub(crate) schema: Schema,
    pub(crate) optional: bool,
    pub(crate) default: Option<Result<Value, serde_json::Error>>,
    pub(crate) examples: Vec<Value>,
}

/// A parameter without its type: what the schema of a handler is built from.
pub trait Parameter: Sync {
    /// Describes the argument, `None` for a role, and notes what the parameter needs.
    fn describe(
        &self,
        generator: &mut SchemaGenerator,
        requirements: &mut Requirements,
    ) -> Option<Property>;

    /// The function that completes the argument, and its name.
    fn completer(&self) -> Option<(&'static str, Completer)>;
}

impl<T> Parameter for Arg<T> {
    fn describe(
        &self,
        generator: &mut SchemaGenerator,
        requirements: &mut Requirements,
    ) -> Option<Property> {
        (self.abilities.requirements)(requirements);
        let default = self.default.map(|(value, to_json)| to_json(&value()));
        #[cfg(feature = "fs")]
        let schema = needing(requirements, || (self.abilities.schema)(generator));
        #[cfg(not(feature = "fs"))]
        let schema = (self.abilities.schema)(generator);
        schema.map(|schema| Property {
            facts: self.facts,
            schema,
            optional: default.is_some() || (self.abilities.optional)(),
            default,
            examples: self.examples.iter().map(|example| example()).collect(),
        })
    }

    fn completer(&self) -> Option<(&'static str, Completer)> {
        let completes = self.facts.completes?;
        Some((self.facts.name, completes.completer()))
    }
}
