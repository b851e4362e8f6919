use mcp_runtime::tool;

/// Adds.
#[tool(name = "adds_two_numbers_and_has_a_name_that_goes_on_and_on_until_nobody_remembers_how_it_began_which_is_after_one_hundred_and_twenty_eight_bytes")]
fn add() {}

fn main() {}
