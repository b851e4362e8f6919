//! The runtime by another path.

mod facade {
    pub(super) mod inner {
        pub(crate) use mcp_runtime as renamed;
    }
}

use facade::inner::renamed::{self, Server, group, handlers, prompt, resource, tool};

/// A module of the user's own, which must not be mistaken for the crate.
mod mcp_runtime {}

/// Adds.
#[tool(crate = facade::inner::renamed)]
async fn add(a: i64, #[arg(default = 1)] b: i64) -> i64 {
    a + b
}

/// A note.
#[resource("note://{id}", crate = renamed)]
fn note(id: u64) -> String {
    id.to_string()
}

/// Reviews code.
#[prompt(crate = self::facade::inner::renamed)]
fn review(code: String) -> String {
    code
}

#[group(crate = super::renamed)]
mod math {
    use super::tool;

    /// Subtracts.
    #[tool(crate = super::renamed)]
    pub(super) fn subtract(a: i64, b: i64) -> i64 {
        a - b
    }
}

struct Greeter;

#[group(crate = renamed)]
impl Greeter {
    /// Greets.
    #[tool]
    fn greet(&self, name: String) -> String {
        let Self = self;
        name
    }
}

#[test]
fn every_macro_takes_the_path() {
    let server = Server::new("renamed", "1.0.0")
        .add(handlers![crate = renamed; add, note, review])
        .add(math::handlers())
        .add(Greeter);
    assert_eq!(
        crate::arguments(&crate::definition(server, "add")),
        ["a", "b"]
    );
}
