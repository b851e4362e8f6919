//! What the expansions of the macros name, and nothing else. It may change in any release.

pub use crate::{
    argument::{
        Arg, Bound, Call, DefaultValue, Length, Number, Parameter, Part, Property, Template, Text,
        Unit,
    },
    content::{Audience, Icon},
    handlers::{
        CallFuture, Component, ErrorTier, Fallible, Fallibly, Handler, Handlers, HasSchema,
        IntoHandlers, Key, MaskedTier, Output, OutputSchema, Plain, PlainTier, assert_unique,
        boxed,
    },
    prompt::Prompt,
    resource::Resource,
    tool::Tool,
};
pub use serde_json::json;
