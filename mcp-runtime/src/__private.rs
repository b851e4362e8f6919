//! What the expansions of the macros name, and nothing else. It may change in any release.

pub use crate::{
    argument::{Arg, Call, Part, Template},
    content::{Audience, Icon},
    handlers::{
        Component, ErrorTier, Handler, Handlers, IntoHandlers, Key, MaskedTier, Output, PlainTier,
        assert_unique, boxed,
    },
    prompt::Prompt,
    resource::Resource,
    tool::Tool,
};
pub use serde_json::json;
