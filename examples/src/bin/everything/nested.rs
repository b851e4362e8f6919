//! Calls that use other handlers of the server.

use mcp_runtime::{CallError, Context, Handlers, handlers, serde_json::json, tool};

pub(crate) fn handlers() -> Handlers {
    handlers![double, read_note]
}

/// Doubles a number by adding it to itself.
#[tool(read_only)]
async fn double(ctx: Context, number: i64) -> Result<i64, CallError> {
    let sum = ctx.call_tool("add", json!({ "a": number, "b": number }));
    sum.await?.structured()
}

/// Reads a note.
#[tool(read_only)]
async fn read_note(ctx: Context, id: u64) -> Result<String, CallError> {
    let note = ctx.read_resource(&format!("note://{id}")).await?;
    let text = note.text().ok_or_else(CallError::not_found)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};

    use super::*;
    use crate::server;

    #[tokio::test]
    async fn a_tool_calls_another() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let doubled = client.call("double", json!({ "number": 21 })).await;
            assert_eq!(doubled.structured::<i64>(), 42);
            let refusal = client.call("double", json!({ "number": i64::MAX })).await;
            assert!(refusal.error().contains("the sum is too large"));
        }
    }

    #[tokio::test]
    async fn a_tool_reads_a_resource() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let note = client.call("read_note", json!({ "id": 1 })).await;
            assert_eq!(note.text(), "note 1, changed 0 times");
            let refusal = client.call("read_note", json!({ "id": 99 })).await;
            assert!(refusal.error().contains("not found"));
        }
    }
}
