//! What the expansions of the macros name, and nothing else. It may change in any release.

pub use core::{
    convert::Into,
    default::Default,
    option::Option::{None, Some},
    result::Result::Ok,
};
pub use std::{format, sync::Arc};

#[cfg(feature = "inventory")]
pub use crate::handlers::Collected;
pub use crate::{
    __cache as cache, __collect as collect, __layer as layer, __rate as rate,
    argument::{
        Arg, Bound, Call, DefaultValue, InHeader, Length, Number, Parameter, Part, Property, Taken,
        Template, Text, Unit,
    },
    completion::{Complete, Completer, Completes, Completing, Suggest, Suggestions},
    content::{Audience, Icon},
    guard::IsGuard,
    handlers::{
        Answer, AnswerTier, Answering, Asked, CallFuture, Component, Entry, Fallible, Fallibly,
        Form, Handler, Handlers, HasSchema, IntoHandlers, Item, Key, Output, OutputSchema, Plain,
        Question, Streamed, assert_unique,
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

    pub use crate::handlers::{
        AnswerTier as _, ErrorTier as _, Item as _, MaskedTier as _, PlainTier as _,
    };
}
