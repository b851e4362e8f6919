//! Every option of a tool, once.

use mcp_runtime::{Server, handlers, serde_json::Value, tool};
use schemars::json_schema;

/// Adds numbers.
#[tool(
    name = "sum-up",
    title = "Sum up",
    icons("https://example.com/sum.png", "data:image/png;base64,AAAA"),
    meta("example.com/level" = 3, "example.com/words" = ["one", "two"], "plain" = 1),
    tags("math", "numbers"),
    timeout = "250ms",
    crate = mcp_runtime,
    read_only,
    destructive = false,
    idempotent = true,
    open_world = false,
    input_schema = schema,
    output_schema = false,
)]
async fn sum(a: i64, b: i64) -> i64 {
    a + b
}

#[tool(description = "Described by an option.")]
fn described() {}

/// Without any option.
#[tool()]
fn bare() {}

fn schema() -> Value {
    json_schema!({
        "type": "object",
        "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } },
    })
    .into()
}

#[test]
fn all_of_them_reach_the_client() {
    let server = Server::new("options", "1.0.0").add(handlers![sum, described, bare]);
    let sum = crate::definition(server, "sum-up");
    assert_eq!(sum["title"], "Sum up");
    assert_eq!(sum["description"], "Adds numbers.");
    assert_eq!(sum["icons"][1]["src"], "data:image/png;base64,AAAA");
    assert_eq!(sum["_meta"]["example.com/level"], 3);
    assert_eq!(sum["_meta"]["plain"], 1);
    assert_eq!(sum["annotations"]["readOnlyHint"], true);
    assert_eq!(sum["annotations"]["destructiveHint"], false);
    assert_eq!(sum["annotations"]["idempotentHint"], true);
    assert_eq!(sum["annotations"]["openWorldHint"], false);
    assert_eq!(sum.get("outputSchema"), None);
}
