//! Lists of handlers.

use mcp_runtime::{Handlers, Server, handlers, tool};

mod math {
    pub(super) mod integers {
        /// Adds.
        #[mcp_runtime::tool]
        pub(crate) fn add() {}
    }
}

/// Subtracts.
#[tool]
fn subtract() {}

/// Has the name of a tool, and is a prompt.
#[mcp_runtime::prompt(name = "subtract")]
fn prompt() -> String {
    String::new()
}

/// Has that name, too, and is a resource.
#[mcp_runtime::resource("subtract://all", name = "subtract")]
fn resource() -> String {
    String::new()
}

/// Exists.
#[cfg(test)]
#[tool(name = "either")]
fn either() {}

/// Does not exist, under the same name.
#[cfg(not(test))]
#[tool(name = "either")]
fn or() {}

fn conditional() -> Handlers {
    handlers![
        #[cfg(not(test))]
        or,
        #[cfg(test)]
        either,
        subtract,
        #[cfg(not(test))]
        does_not_exist,
    ]
}

#[test]
fn lists_take_paths_and_conditions() {
    let empty = handlers![];
    let list = empty
        .and(handlers![math::integers::add])
        .and(conditional())
        .and(handlers![prompt, resource,]);
    let server = Server::new("lists", "1.0.0").add(list);
    assert_eq!(
        crate::definition(server, "either")["description"],
        "Exists."
    );
}
