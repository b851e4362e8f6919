//! What the expansions of the macros name, and nothing else. It may change in any release.

pub use core::{
    convert::Into,
    default::Default,
    option::Option::{None, Some},
};
pub use std::sync::Arc;

#[cfg(feature = "inventory")]
pub use crate::handlers::Collected;
pub use crate::{
    __collect as collect,
    argument::{
        Arg, Bound, Call, DefaultValue, InHeader, Length, Number, Parameter, Part, Property, Taken,
        Template, Text, Unit,
    },
    completion::{Complete, Completer, Completes, Completing, Suggest, Suggestions},
    content::{Audience, Icon},
    handlers::{
        CallFuture, Component, Entry, Fallible, Fallibly, Handler, Handlers, HasSchema,
        IntoHandlers, Key, Output, OutputSchema, Plain, assert_unique,
    },
    prompt::Prompt,
    resource::Resource,
    tool::Tool,
};
#[cfg(feature = "inventory")]
pub use inventory;
pub use serde_json::json;

/// The traits whose methods are called: without a prelude, none is in scope.
pub mod traits {
    pub use core::{clone::Clone as _, convert::Into as _};

    pub use crate::handlers::{ErrorTier as _, MaskedTier as _, PlainTier as _};
}
