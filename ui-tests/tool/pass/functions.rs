//! Handlers are ordinary functions.

use std::sync::Arc;

use mcp_runtime::{Context, Server, State, handlers, tool};

/// Waits for nothing.
#[tool]
fn synchronous(a: i64, b: i64) -> i64 {
    a + b
}

/// Changes its arguments.
#[tool]
fn mutable(mut a: i64, mut ctx: Context) -> i64 {
    a += 1;
    ctx = ctx.clone();
    drop(ctx);
    a
}

/// Uses neither its argument nor its roles.
#[tool]
fn unused(_city: String, _: Context, _state: State<u8>) {}

/// Is not to be used any more.
#[deprecated = "use `synchronous`"]
#[tool]
fn old() {}

/// Is always inlined, and must be used.
#[inline]
#[must_use]
#[tool]
const fn attributes(a: u8) -> u8 {
    a
}

/// Takes tuples, arrays, and what is in brackets.
#[tool]
fn shapes(
    pair: (u8, String),
    array: [u8; 2],
    nested: Vec<Option<Vec<u8>>>,
    shared: Arc<[u8]>,
) -> usize {
    pair.1.len() + array.len() + nested.len() + shared.len()
}

/// Has many arguments.
#[tool]
fn many(
    one: bool,
    two: bool,
    three: bool,
    four: bool,
    five: bool,
    six: bool,
    seven: bool,
    eight: bool,
) -> usize {
    let all = [one, two, three, four, five, six, seven, eight];
    all.into_iter().filter(|yes| *yes).count()
}

#[test]
fn they_can_be_called() {
    assert_eq!(synchronous(1, 2), 3);
    assert_eq!(mutable(1, Context::detached()), 2);
    assert_eq!(attributes(7), 7);
    unused("Bern".to_owned(), Context::detached(), State::new(1));
}

#[test]
fn they_can_be_listed() {
    let list = handlers![synchronous, mutable, unused, old, attributes, shapes, many];
    let server = Server::new("functions", "1.0.0").state(1_u8).add(list);
    assert_eq!(
        crate::arguments(&crate::definition(server, "unused")),
        ["city"]
    );
}
