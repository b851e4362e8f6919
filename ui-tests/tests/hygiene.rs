//! Expansions name nothing by what the user's crate may have changed: a crate of its own, because there is no prelude, and
//! because what shadows the standard names stands at its root.

#![no_implicit_prelude]
#![deny(warnings)]

use ::mcp_runtime::{Context, Server, State, group, handlers, prompt, resource, tool};

mod core {}
mod std {}
mod alloc {}
mod mcp {}
mod mcp_macros {}
mod serde {}
mod serde_json {}
mod schemars {}
mod traits {}
mod __private {}

/// Shadows what would be in the prelude.
mod shadows {
    #![allow(
        dead_code,
        non_camel_case_types,
        reason = "nobody uses them, unless by mistake"
    )]

    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct String;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct Arc;
    pub(crate) struct Arg;
    pub(crate) struct Handler;
    pub(crate) struct Handlers;
    pub(crate) struct Component;
    pub(crate) struct Tool;
    pub(crate) struct Default;
    pub(crate) struct Into;
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) struct Ok;
    pub(crate) struct Err;
    pub(crate) struct Send;
    pub(crate) struct Sync;
    pub(crate) struct usize;
    pub(crate) struct bool;
    pub(crate) struct str;
}

use shadows::{
    Arc, Arg, Box, Component, Default, Err, Handler, Handlers, Into, None, Ok, Option, Result,
    Send, Some, String, Sync, Tool, Vec, bool, str, usize,
};

/// Shadows macros.
macro_rules! shadow {
    ($($name:ident)*) => { $(
        #[allow(unused_macros, reason = "nobody uses them, unless by mistake")]
        macro_rules! $name {
            () => {
                ::core::compile_error!("this is the wrong macro")
            };
        }
    )* };
}

shadow!(concat cfg file line column json vec panic assert unreachable format format_args matches);

/// Methods that every type has, and that could be found instead of those that are meant.
#[expect(dead_code, reason = "nobody calls them, unless by mistake")]
trait Distracting {
    fn check(&self) {}
    fn run(&self) {}
    fn filled(&self) {}
    fn is_refused(&self) {}
    fn refused(&self) {}
    fn parameters(&self) {}
    fn description(&self) {}
    fn with_component(&self) {}
    fn reply(&self) {}
    fn into(&self) {}
    fn take(&self) {}
    fn peek(&self) {}
    fn ask(&self) {}
    fn form(&self) {}
    fn questions(&self) {}
    fn run_asked(&self) {}
}

/// Uses all that is shadowed, so that nothing is unused.
#[expect(dead_code, reason = "nobody needs it")]
type Everything = (
    (Arc, Arg, Box, Component, Default, Err, Handler, Handlers),
    (Into, None, Ok, Option, Result, Send, Some),
    (String, Sync, Tool, Vec, bool, str, usize),
);

type Text = ::std::string::String;

/// Orders.
///
#[doc = ::core::concat!("In two ", "pieces.")]
#[tool(
    title = "Order",
    icons("https://example.com/order.png"),
    meta("example.com/level" = [1, 2]),
    tags("orders"),
    timeout = "5s",
    read_only
)]
async fn order(
    ctx: Context,
    state: State<u8>,
    /// The item.
    #[arg(length(min = 1), regex = "^[a-z]+$", default = "nut", example = "nut")]
    item: Text,
    #[arg(range(min = 1, max = 3), default = ::std::option::Option::Some(1))]
    quantity: ::std::option::Option<u8>,
    #[arg(default)] exact: ::core::primitive::bool,
    #[ask("Order {item}, {exact}?")] consent: (),
    #[ask("Sure?")] sure: ::std::result::Result<(), ::mcp_runtime::AskError>,
) -> ::std::result::Result<Text, ::mcp_runtime::CallError> {
    let (_, _, _, _) = (ctx, state, quantity, exact);
    let ((), _) = (consent, sure);
    ::std::result::Result::Ok(item)
}

/// Does nothing.
#[tool]
fn nothing() {}

/// A note.
#[resource("note://{id}{?page}", mime_type = "text/plain", priority = 0.5)]
fn note(id: u64, page: ::std::option::Option<u8>) -> ::std::option::Option<Text> {
    let _ = (id, page);
    ::std::option::Option::None
}

fn codes() -> [&'static ::core::primitive::str; 1] {
    ["fn"]
}

/// Reviews code.
#[prompt]
fn review(#[arg(length(max = 100), complete = codes)] code: Text) -> Text {
    code
}

#[group]
mod math {
    mod core {}
    mod std {}
    struct Vec;

    /// Adds.
    #[::mcp_runtime::tool]
    fn add(a: i64, b: i64) -> i64 {
        let Vec = Vec;
        a + b
    }
}

struct Service;

impl<T> Distracting for T {}

#[group]
impl Service {
    /// Counts.
    #[tool]
    async fn count(
        &self,
        ctx: Context,
        #[arg(default = 1)] step: u8,
        #[ask("Count by {step}?")] consent: (),
    ) -> u8 {
        let _ = (self, ctx);
        let () = consent;
        step
    }
}

#[test]
fn nothing_of_the_users_is_taken_for_something_else() {
    let list = handlers![
        order,
        nothing,
        #[cfg(test)]
        note,
        review,
    ];
    let server = Server::new("hygiene", "1.0.0")
        .state(1_u8)
        .add(list)
        .add(math::handlers())
        .add(Service);
    ::std::assert!(server.build().is_ok());
}
