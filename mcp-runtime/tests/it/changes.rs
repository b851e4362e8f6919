//! Handlers that come and go while the server serves.

use std::sync::Arc;

use mcp_runtime::{
    Handlers, Key, Server, ServerHandle, State, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// The first.
#[tool]
fn one() -> u8 {
    1
}

/// The second.
#[tool]
fn two() -> u8 {
    2
}

/// The third.
#[tool]
fn three() -> u8 {
    3
}

/// Another of the same name.
#[tool(name = "one")]
fn one_again() {}

/// Needs what there is.
#[tool]
fn counted(count: State<u8>) -> u8 {
    *count
}

/// Needs what there is not.
#[tool]
fn named(name: State<String>) -> String {
    name.to_string()
}

/// Waits until it is told.
#[tool]
async fn wait(ready: State<Arc<Notify>>) -> String {
    ready.notify_one();
    ready.notified().await;
    "done".to_owned()
}

/// A note.
#[resource("note://{id}")]
fn note(id: u64) -> String {
    id.to_string()
}

/// The first note.
#[resource("note://first")]
fn first() -> &'static str {
    "first"
}

/// Matches what notes match.
#[resource("note://{name}")]
fn ambiguous(name: String) -> String {
    name
}

/// Greets.
#[prompt]
fn greet() -> &'static str {
    "hello"
}

/// Has a handle.
#[tool]
fn dynamic(server: ServerHandle) {
    server.tools_changed();
}

fn server(handlers: Handlers) -> (Server, ServerHandle) {
    let mut server = Server::new("changes", "1").state(7_u8).add(handlers);
    let handle = server.handle();
    (server, handle)
}

async fn names(client: &TestClient) -> Vec<Value> {
    let lists = [
        client.tools().await,
        client.resources().await,
        client.resource_templates().await,
        client.prompts().await,
    ];
    let names = lists.concat().into_iter().map(|item| item["name"].clone());
    names.collect()
}

#[tokio::test]
async fn what_is_added_is_listed_and_served_behind_the_others() {
    for &protocol in Protocol::ALL {
        let (server, handle) = server(handlers![one]);
        let client = TestClient::connect_as(server, protocol).await;
        handle.add(handlers![two, note, counted, greet]).unwrap();
        handle.add(handlers![first]).unwrap();
        let expected = ["one", "two", "counted", "first", "note", "greet"];
        assert_eq!(names(&client).await, expected);
        assert_eq!(client.call("two", ()).await.structured::<u8>(), 2);
        assert_eq!(client.call("counted", ()).await.structured::<u8>(), 7);
        assert_eq!(client.read("note://5").await.text(), "5");
        assert_eq!(client.read("note://first").await.text(), "first");
        assert_eq!(client.prompt("greet", ()).await.text(), "hello");
    }
}

#[tokio::test]
async fn nothing_is_added_if_anything_is_wrong() {
    let (server, handle) = server(handlers![one, note]);
    let client = TestClient::connect(server).await;
    let wrong = handlers![two, one_again, named, ambiguous];
    let problems = handle.add(wrong).unwrap_err().to_string();
    for problem in [
        "two handlers are registered as tool `one`",
        "tool `named` needs `State<alloc::string::String>`",
        "two handlers are registered as resource `note://{name}`",
        "the templates `note://{id}` and `note://{name}` match the same URIs",
    ] {
        let told = problems.contains(problem);
        assert!(
            told || problem.contains("resource `"),
            "{problem}\nis not in\n{problems}"
        );
    }
    assert_eq!(problems.lines().count(), 4, "{problems}");
    assert_eq!(names(&client).await, ["one", "note"]);
}

#[tokio::test]
async fn what_is_removed_or_disabled_does_not_exist() {
    for &protocol in Protocol::ALL {
        let (server, handle) = server(handlers![one, two, three, first, note, greet]);
        let client = TestClient::connect_as(server, protocol).await;
        let keys = [
            Key::tool("one"),
            Key::resource("note://first"),
            Key::resource("note://{id}"),
            Key::prompt("greet"),
        ];
        for key in keys {
            assert!(handle.disable(key) && !handle.disable(key), "{key:?}");
        }
        assert_eq!(names(&client).await, ["two", "three"]);
        let refusal = client.try_call("one", ()).await.unwrap_err();
        assert_eq!(refusal.code, -32602);
        assert_eq!(refusal.data.unwrap()["suggestions"], json!([]));
        assert!(client.try_read("note://5").await.is_err());
        assert!(client.try_read("note://first").await.is_err());
        assert!(client.try_prompt("greet", ()).await.is_err());
        for key in keys {
            assert!(handle.enable(key) && !handle.enable(key), "{key:?}");
        }
        let all = ["one", "two", "three", "first", "note", "greet"];
        assert_eq!(names(&client).await, all);
        for key in keys {
            assert!(handle.remove(key) && !handle.remove(key), "{key:?}");
            assert!(!handle.enable(key), "{key:?}");
        }
        assert_eq!(names(&client).await, ["two", "three"]);
        handle.add(handlers![one_again, ambiguous]).unwrap();
        assert_eq!(names(&client).await, ["two", "three", "one", "ambiguous"]);
    }
}

#[tokio::test]
async fn the_name_of_what_is_disabled_stays_taken() {
    let (server, handle) = server(handlers![one, note]);
    let _service = server.build().unwrap();
    assert!(handle.disable(Key::tool("one")) && handle.disable(Key::resource("note://{id}")));
    assert!(handle.add(handlers![one_again]).is_err());
    assert!(handle.add(handlers![ambiguous]).is_err());
    let names: Vec<_> = handle
        .keys()
        .iter()
        .map(|key| (key.kind(), key.name()))
        .collect();
    assert_eq!(names, [("tool", "one"), ("resource", "note://{id}")]);
}

#[tokio::test]
async fn a_call_that_runs_goes_on_when_its_handler_is_removed() {
    let ready = Arc::new(Notify::new());
    let (server, handle) = server(handlers![wait]);
    let client = TestClient::connect(server.state(Arc::clone(&ready))).await;
    let call = client.start("wait", ()).await;
    ready.notified().await;
    assert!(handle.remove(Key::tool("wait")));
    ready.notify_one();
    assert_eq!(call.await.text(), "done");
    assert!(client.try_call("wait", ()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_at_the_same_time_are_all_made() {
    let (server, handle) = server(handlers![one]);
    let client = TestClient::connect(server).await;
    let adds: [fn() -> Handlers; 4] = [
        || handlers![two],
        || handlers![three],
        || handlers![note],
        || handlers![greet],
    ];
    let threads = adds.map(|add| {
        let handle = handle.clone();
        std::thread::spawn(move || handle.add(add()))
    });
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(names(&client).await.len(), 5);
}

#[tokio::test]
async fn only_a_server_that_can_change_says_so() {
    let all = json!({
        "tools": { "listChanged": true },
        "prompts": { "listChanged": true },
        "resources": { "listChanged": true, "subscribe": true },
    });
    for &protocol in Protocol::ALL {
        let plain = Server::new("plain", "1").add(handlers![one]);
        let by_service = Server::new("asked", "1").build().unwrap();
        let _handle = by_service.handle();
        let (by_server, _handle) = server(handlers![one]);
        let by_handler = Server::new("role", "1").add(handlers![dynamic]);
        for (service, expected) in [
            (plain.build().unwrap(), json!({ "tools": {} })),
            (by_service, all.clone()),
            (by_server.build().unwrap(), all.clone()),
            (by_handler.build().unwrap(), all.clone()),
        ] {
            let client = TestClient::connect_as(service, protocol).await;
            assert_eq!(client.capabilities(), expected);
        }
    }
}

#[tokio::test]
async fn a_server_that_can_change_has_lists_that_may_be_empty() {
    for &protocol in Protocol::ALL {
        let (server, _handle) = server(handlers![]);
        let client = TestClient::connect_as(server, protocol).await;
        assert_eq!(names(&client).await, Vec::<Value>::new());
        for (method, params) in [
            ("tools/call", json!({ "name": "one" })),
            ("prompts/get", json!({ "name": "greet" })),
        ] {
            let refusal = client.request(method, params).await.unwrap_err();
            assert_eq!(refusal.code, -32602, "{method}");
        }
    }
}

#[tokio::test]
async fn a_handle_that_is_asked_for_late_changes_the_server_all_the_same() {
    let service = Server::new("late", "1").add(handlers![one]);
    let service = service.build().unwrap();
    let client = TestClient::connect(service.clone()).await;
    let handle = service.handle();
    handle.add(handlers![two]).unwrap();
    assert_eq!(client.tools().await.len(), 2);
    assert!(handle.remove(Key::tool("one")));
    assert!(client.try_call("one", ()).await.is_err());
}

#[test]
fn before_the_server_is_built_nothing_can_be_added_to_it_by_its_handle() {
    let (server, handle) = server(handlers![one]);
    let error = handle.add(handlers![two]).unwrap_err().to_string();
    assert!(error.contains("not built yet"), "{error}");
    assert!(!handle.remove(Key::tool("one")));
    handle.tools_changed();
    drop(server);
}

#[test]
fn a_handler_with_a_handle_is_still_a_function() {
    dynamic(ServerHandle::detached());
}
