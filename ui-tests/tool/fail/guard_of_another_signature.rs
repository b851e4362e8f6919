use mcp_runtime::{Access, Principal, tool};

fn by_principal(principal: &Principal) -> bool {
    principal.has_scope("numbers")
}

fn says_why(access: &Access<'_>) -> Result<(), String> {
    access.principal().map(drop).ok_or_else(|| "who are you?".to_owned())
}

/// Adds.
#[tool(guard = by_principal)]
fn add() {}

/// Multiplies.
#[tool(guard = says_why)]
fn multiply() {}

fn main() {}
