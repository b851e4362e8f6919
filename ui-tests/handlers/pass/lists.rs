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
#[cfg(all())]
#[tool(name = "either")]
fn either() {}

/// Does not exist, under the same name.
#[cfg(any())]
#[tool(name = "either")]
fn or() {}

fn conditional() -> Handlers {
    handlers![
        #[cfg(any())]
        or,
        #[cfg(all())]
        either,
        subtract,
        #[cfg(any())]
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
