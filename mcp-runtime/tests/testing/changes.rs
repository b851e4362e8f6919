//! Changes of a server that its clients hear of.

use mcp_runtime::{
    Key, Server, ServerHandle, handlers, resource,
    testing::{Changes, Protocol, TestClient},
    tool,
};
use serde_json::json;

/// Greets.
#[tool]
fn greet() -> &'static str {
    "hello"
}

/// One note.
#[resource("note://{id}")]
fn note(id: u64) -> String {
    format!("note {id}")
}

/// Changes a note.
#[tool]
fn touch(server: ServerHandle, id: u64) {
    server.resource_updated(format!("note://{id}"));
}

fn server() -> (Server, ServerHandle) {
    let mut server = Server::new("notes", "1.0.0").add(handlers![note, touch]);
    let handle = server.handle();
    (server, handle)
}

#[tokio::test]
async fn a_client_hears_that_a_list_has_changed() {
    for protocol in Protocol::ALL {
        let (server, handle) = server();
        let client = TestClient::connect_as(server, *protocol).await;
        let mut changes = client.listen(Changes::of_lists()).await;
        assert_eq!(client.tools().await.len(), 1);
        handle.add(handlers![greet]).unwrap();
        let change = changes.next_change().await.unwrap();
        assert_eq!(change.method, "notifications/tools/list_changed");
        assert_eq!(client.tools().await.len(), 2);
        handle.disable(Key::resource("note://{id}"));
        let change = changes.next_change().await.unwrap();
        assert_eq!(change.method, "notifications/resources/list_changed");
        client
            .next_notification("notifications/resources/list_changed")
            .await;
        changes.end().await;
        client.close().await;
    }
}

#[tokio::test]
async fn a_client_hears_of_the_resources_that_it_has_subscribed_to() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().0, *protocol).await;
        let mut note = client.subscribe("note://7").await;
        client.call("touch", json!({ "id": 8 })).await;
        client.call("touch", json!({ "id": 7 })).await;
        let change = note.next_change().await.unwrap();
        assert_eq!(change.params["uri"], "note://7");
    }
}

#[tokio::test]
async fn a_subscription_that_has_ended_is_not_told_anything() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().0, *protocol).await;
        client.subscribe("note://7").await.end().await;
        let mut eight = client.subscribe("note://8").await;
        client.call("touch", json!({ "id": 7 })).await;
        client.call("touch", json!({ "id": 8 })).await;
        assert_eq!(eight.next_change().await.unwrap().params["uri"], "note://8");
        let told = client.notifications();
        assert!(told.iter().all(|one| one.params["uri"] != "note://7"));
    }
}

#[tokio::test]
async fn the_uri_of_a_subscription_may_be_written_in_another_way() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().0, *protocol).await;
        let mut note = client.subscribe("NOTE://%37").await;
        client.call("touch", json!({ "id": 7 })).await;
        assert!(note.next_change().await.is_some());
    }
}

#[tokio::test]
async fn two_subscriptions_of_one_client_are_told_apart() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server().0, *protocol).await;
        let mut seven = client.subscribe("note://7").await;
        let mut eight = client.subscribe("note://8").await;
        client.call("touch", json!({ "id": 8 })).await;
        client.call("touch", json!({ "id": 7 })).await;
        assert_eq!(seven.next_change().await.unwrap().params["uri"], "note://7");
        assert_eq!(eight.next_change().await.unwrap().params["uri"], "note://8");
    }
}

#[tokio::test]
async fn a_server_that_does_not_change_refuses_to_be_listened_to() {
    let server = Server::new("static", "1.0.0").add(handlers![greet, note]);
    let client = TestClient::connect(server).await;
    let error = client.try_listen(Changes::of_tools()).await.unwrap_err();
    assert_eq!(error.code, -32601);
    let error = client
        .try_listen(Changes::of_resource("note://7"))
        .await
        .unwrap_err();
    assert_eq!(error.code, -32601);
}

#[tokio::test]
async fn a_resource_that_is_not_there_cannot_be_subscribed_to_in_a_session() {
    let client = TestClient::connect_as(server().0, Protocol::LEGACY).await;
    let error = client
        .try_listen(Changes::of_resource("note://x/y"))
        .await
        .unwrap_err();
    assert_eq!(error.code, -32002);
}

#[tokio::test]
async fn a_subscription_is_over_when_the_client_is_gone() {
    let client = TestClient::connect(server().0).await;
    let mut changes = client.listen(Changes::of_lists()).await;
    client.close().await;
    assert_eq!(changes.next_change().await, None);
}
