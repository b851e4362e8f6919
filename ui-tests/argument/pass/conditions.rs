//! Parameters that only exist under a condition.

use mcp_runtime::{Server, handlers, tool};

/// Adds.
#[tool]
fn add(
    #[cfg(test)]
    #[arg(default = 1)]
    there: u8,
    #[cfg(not(test))]
    #[arg(default = 2)]
    gone: DoesNotExist,
    #[cfg_attr(test, allow(unused_variables, reason = "an attribute that stays"))] unused: u8,
) -> u8 {
    there
}

#[test]
fn only_those_that_exist_are_arguments() {
    let add = crate::definition(
        Server::new("conditions", "1.0.0").add(handlers![add]),
        "add",
    );
    assert_eq!(crate::arguments(&add), ["there", "unused"]);
}
