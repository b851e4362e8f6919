//! Expansions among names that mean something else, and under lints that forgive nothing.

#![no_implicit_prelude]
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::pedantic,
    clippy::allow_attributes_without_reason
)]

use ::mcp_runtime::{CallError, Context, Handlers, group, handlers, prompt, resource, tool};
use shadows::{Box, Err, Into, None, Ok, Option, Result, Some, String, Vec};

/// Names of the prelude, and of crates that expansions use.
mod shadows {
    macro_rules! shadows {
        ($($name:ident)*) => { $(
            #[derive(::core::fmt::Debug)]
            pub(super) struct $name;
        )* };
    }
    shadows! { Box Err Into None Ok Option Result Some String Vec }
}

mod core {}
mod std {}
mod mcp_runtime {}
mod serde_json {}

/// A tool with a name that is a keyword.
#[tool(read_only, title = "x", tags("a"), meta("a" = 1), icons("https://example.com"), timeout = "1s")]
pub(crate) async fn r#type(
    r#fn: ::std::string::String,
    #[arg(default, length(min = 1))] _list: ::std::vec::Vec<u8>,
    #[arg(default = "x", regex = "a", example = "x")] text: ::std::string::String,
    #[arg(range(min = 1, max = 2))] number: ::core::option::Option<u8>,
) -> ::core::result::Result<u8, CallError> {
    ::core::result::Result::Ok(if r#fn == text { number.unwrap_or(1) } else { 2 })
}

/// A resource.
#[resource("a://{id}{?q}")]
pub(crate) fn res(id: ::std::string::String, #[arg(default = 1)] q: u8) -> ::std::string::String {
    ::std::format!("{id}{q}")
}

/// A prompt.
#[prompt]
pub(crate) fn r#match(_ctx: Context) -> &'static str {
    "x"
}

/// A service.
#[derive(::core::fmt::Debug)]
pub(crate) struct Service;

#[group]
impl Service {
    /// A method with a name that is a keyword.
    #[tool]
    pub(crate) fn r#in(&self, r#as: u8) -> ::std::string::String {
        ::std::format!("{self:?}{as}", r#as = r#as)
    }
}

/// A module.
#[group]
pub(crate) mod r#mod {
    use ::mcp_runtime::tool;

    /// A tool.
    #[tool]
    fn r#box() {}
}

macro_rules! make {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty = $default:expr),*) -> $output:ty $body:block, $uri:literal, $title:expr) => {
        $(#[$attr])*
        #[tool(title = $title, timeout = "5s")]
        $vis async fn $name($(#[doc = $title] #[arg(default = $default)] $arg: $ty),*) -> $output $body

        /// Made by a macro.
        #[resource($uri, name = $title)]
        fn made_resource() -> &'static str {
            $uri
        }
    };
}

make! {
    /// Made by a macro.
    #[must_use]
    pub(crate) fn made(one: u8 = 1, two: ::core::option::Option<::std::vec::Vec<u8>> = ::core::option::Option::None) -> u8 {
        if two.is_some() { 0 } else { one }
    },
    "made://x",
    "Made"
}

macro_rules! pass {
    ($function:item) => {
        #[tool]
        $function
    };
}

pass! {
    /// Passed through a macro.
    fn passed(#[arg(default = 2)] number: u8) -> u8 {
        number
    }
}

/// Old.
#[deprecated]
#[tool]
fn old() {}

/// All of them.
pub(crate) fn all() -> Handlers {
    /// In a function.
    #[tool]
    fn inner() {}

    #[expect(deprecated, reason = "what is checked")]
    let deprecated = old;
    deprecated();
    let _ = (Box, Err, Into, None, Ok, Option, Result, Some, String, Vec);
    handlers![
        r#type,
        res,
        r#match,
        made,
        made_resource,
        passed,
        old,
        inner
    ]
    .and(r#mod::handlers())
    .and(Service)
}
