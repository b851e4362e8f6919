//! Types by other names: the macros go by what a type is, not by what it is called.

use mcp_runtime::{CallError, Context as Ctx, Server, State, handlers, tool};

type Maybe<T> = Option<T>;
type Shared<T> = State<T>;
type Counter = Shared<u64>;
type Fallible<T = ()> = Result<T, CallError>;
type Number = i64;
type Nothing = ();

/// A type of the user's own that is called like one of the runtime's.
mod own {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct State<T> {
        pub(super) value: T,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Context {
        pub(super) line: u32,
    }
}

/// Adds.
#[tool]
async fn add(
    ctx: Ctx,
    counter: Counter,
    other: Shared<u8>,
    a: Number,
    b: Maybe<Number>,
) -> Fallible<Number> {
    let _ = (ctx.request_id(), *counter, *other);
    Ok(a + b.unwrap_or_default())
}

/// Fails.
#[tool]
fn fail() -> Fallible {
    Err(CallError::new("no"))
}

/// Does nothing.
#[tool]
fn nothing() -> Nothing {}

/// Takes arguments that are called like roles.
#[tool]
fn lookalikes(state: own::State<u8>, context: own::Context) -> u32 {
    u32::from(state.value) + context.line
}

#[test]
fn an_alias_is_what_it_stands_for() {
    let server = || {
        Server::new("aliases", "1.0.0")
            .state(0_u64)
            .state(0_u8)
            .add(handlers![add, fail, nothing, lookalikes])
    };
    let add = crate::definition(server(), "add");
    assert_eq!(crate::arguments(&add), ["a", "b"]);
    assert_eq!(add["inputSchema"]["required"].to_string(), r#"["a"]"#);
    assert_eq!(
        crate::arguments(&crate::definition(server(), "lookalikes")),
        ["state", "context"]
    );
}
