//! What changes while the server runs, and who is told.

use mcp_runtime::{CallError, Handlers, Key, ServerHandle, State, handlers, tool};

use crate::resources::Notes;

pub(crate) fn handlers() -> Handlers {
    handlers![
        grow,
        switch_echo,
        touch_note,
        test_trigger_tool_change,
        test_trigger_prompt_change,
    ]
}

/// Adds one more tool, `grown`.
#[tool]
fn grow(server: ServerHandle) -> Result<(), CallError> {
    let added = server.add(handlers![grown]);
    added.map_err(|_| CallError::new("`grown` is there already"))
}

/// A tool that was not there when the server started.
#[tool(read_only)]
fn grown() -> &'static str {
    "grown"
}

/// Hides the tool `echo`, or shows it again.
#[tool]
fn switch_echo(server: ServerHandle, on: bool) {
    let echo = Key::tool("echo");
    if on {
        server.enable(echo);
    } else {
        server.disable(echo);
    }
}

/// Changes a note.
#[tool]
fn touch_note(server: ServerHandle, notes: State<Notes>, id: u64) -> Result<(), CallError> {
    let touched = notes.change(|notes| notes.get_mut(&id).map(|changes| *changes += 1));
    touched.ok_or_else(CallError::not_found)?;
    server.resource_updated(format!("note://{id}"));
    Ok(())
}

/// Announces that the tools have changed.
#[tool]
fn test_trigger_tool_change(server: ServerHandle) {
    server.tools_changed();
}

/// Announces that the prompts have changed.
#[tool]
fn test_trigger_prompt_change(server: ServerHandle) {
    server.prompts_changed();
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Changes, Protocol, TestClient},
    };

    use crate::server;

    #[tokio::test]
    async fn a_tool_that_was_added_is_announced_and_can_be_called() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut changes = client.listen(Changes::of_tools()).await;
            client.call("grow", ()).await;
            let change = changes.next_change().await.unwrap();
            assert_eq!(change.method, "notifications/tools/list_changed");
            assert_eq!(client.call("grown", ()).await.text(), "grown");
            assert!(client.call("grow", ()).await.is_error());
        }
    }

    #[tokio::test]
    async fn a_tool_can_be_hidden_and_shown_again() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut changes = client.listen(Changes::of_tools()).await;
            for on in [false, true] {
                client.call("switch_echo", json!({ "on": on })).await;
                changes.next_change().await.unwrap();
                let tools = client.tools().await;
                assert_eq!(tools.iter().any(|tool| tool["name"] == "echo"), on);
                let echo = client.try_call("echo", json!({ "payload": "x" })).await;
                assert_eq!(echo.is_ok(), on);
            }
        }
    }

    #[tokio::test]
    async fn a_note_that_was_touched_is_announced_to_those_who_watch_it() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut changes = client.subscribe("note://2").await;
            client.call("touch_note", json!({ "id": 1 })).await;
            client.call("touch_note", json!({ "id": 2 })).await;
            let change = changes.next_change().await.unwrap();
            assert_eq!(change.params["uri"], "note://2");
            assert_eq!(
                client.read("note://2").await.text(),
                "note 2, changed 1 times"
            );
            assert!(
                client
                    .call("touch_note", json!({ "id": 4 }))
                    .await
                    .is_error()
            );
        }
    }

    #[tokio::test]
    async fn a_change_is_announced_to_those_who_asked_for_its_kind() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let mut tools = client.listen(Changes::of_tools()).await;
            let mut prompts = client.listen(Changes::of_prompts()).await;
            client.call("test_trigger_tool_change", ()).await;
            client.call("test_trigger_prompt_change", ()).await;
            let tools = tools.next_change().await.unwrap();
            assert_eq!(tools.method, "notifications/tools/list_changed");
            let prompts = prompts.next_change().await.unwrap();
            assert_eq!(prompts.method, "notifications/prompts/list_changed");
        }
    }
}
