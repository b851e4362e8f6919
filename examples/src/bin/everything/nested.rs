//! Calls that use other handlers of the server and other tasks, and the trace that they belong to.

use mcp_runtime::{CallError, Context, Handlers, handlers, serde_json::json, tool};

pub(crate) fn handlers() -> Handlers {
    handlers![double, read_note, background, trace]
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

/// Works in a task of its own, which ends with the call.
#[tool]
async fn background(ctx: Context) -> Result<String, CallError> {
    let task = ctx.spawn(async {
        let ctx = Context::current()?;
        ctx.progress(1, 1, "in another task").await;
        Some(ctx.request_id())
    });
    task.await?
        .ok_or_else(|| CallError::new("the task has no context"))
}

/// Says which trace the call belongs to.
#[tool(read_only)]
fn trace(ctx: Context) -> String {
    let trace = ctx.trace_context();
    trace.map_or("none".to_owned(), |trace| trace.trace_id().to_owned())
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
            assert!(refusal.error().contains("no resource at `note://99`"));
        }
    }

    #[tokio::test]
    async fn a_task_of_a_call_has_its_context() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let result = client.call("background", ()).await;
            assert!(!result.is_error(), "{}", result.text());
            let told = result.progress()[0].message.as_deref();
            assert_eq!(told, Some("in another task"));
        }
    }

    #[tokio::test]
    async fn a_call_belongs_to_the_trace_of_its_client() {
        let client = TestClient::connect_as(server(), Protocol::LEGACY).await;
        assert_eq!(client.call("trace", ()).await.text(), "none");
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let call = json!({ "name": "trace", "_meta": { "traceparent": parent } });
        let result = client.request("tools/call", call).await.unwrap();
        let text = &result["content"][0]["text"];
        assert_eq!(text, "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}
