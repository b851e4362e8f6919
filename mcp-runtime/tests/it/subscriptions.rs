//! What clients hear of changes: streams of notifications, sessions, and the resources that they subscribe to.

use std::time::Duration;

use mcp_runtime::{
    Handlers, Server, ServerHandle, Service, handlers, resource,
    rmcp::{
        model::{ServerNotification, SubscriptionFilter},
        service::{Subscription, SubscriptionEnd},
    },
    testing::{Notification, Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};

use crate::raw::{Raw, modern};

const TOOLS: &str = "notifications/tools/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const UPDATED: &str = "notifications/resources/updated";

/// A note.
#[resource("note://{id}")]
fn note(id: String) -> String {
    id
}

/// Announces something.
#[tool]
fn announce(server: ServerHandle, what: String) {
    match &*what {
        "tools" => server.tools_changed(),
        "resources" => server.resources_changed(),
        "prompts" => server.prompts_changed(),
        uri => server.resource_updated(uri),
    }
}

/// Another one.
#[tool]
fn more() {}

/// Listens to nobody.
#[tool]
fn deaf() {}

fn service() -> Service {
    let server = Server::new("subscriptions", "1").add(handlers![note, announce]);
    server.build().unwrap()
}

fn deaf_service() -> Service {
    let handlers: Handlers = handlers![note, deaf];
    Server::new("deaf", "1").add(handlers).build().unwrap()
}

/// Waits until the client has heard `count` notifications of changes.
async fn heard(client: &TestClient, count: usize) -> Vec<Notification> {
    let hear = async {
        loop {
            let notifications = client.notifications();
            if notifications.len() >= count {
                return notifications;
            }
            tokio::task::yield_now().await;
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(30), hear).await;
    heard.unwrap_or_else(|_| panic!("only {:?}", client.notifications()))
}

fn methods(notifications: &[Notification]) -> Vec<&str> {
    let methods = notifications.iter().map(|heard| &*heard.method);
    methods.collect()
}

async fn say(client: &TestClient, what: &str) {
    client.call("announce", json!({ "what": what })).await;
}

fn filter(value: Value) -> SubscriptionFilter {
    serde_json::from_value(value).unwrap()
}

async fn next(stream: &mut Subscription) -> Value {
    let notification: Option<ServerNotification> = stream.next().await.unwrap();
    serde_json::to_value(notification.expect("the stream goes on")).unwrap()
}

#[tokio::test]
async fn a_stream_tells_what_was_asked_for_and_nothing_else() {
    let client = TestClient::connect(service()).await;
    let asked = json!({
        "toolsListChanged": true,
        "promptsListChanged": false,
        "resourceSubscriptions": ["note://1", "NOTE://2", "nowhere://1", "Note://1"],
        "colour": "red",
    });
    let mut stream = client.peer().listen(filter(asked)).await.unwrap();
    let honoured = json!({
        "toolsListChanged": true,
        "resourceSubscriptions": ["note://1", "NOTE://2"],
    });
    assert_eq!(json!(stream.acknowledged()), honoured);
    for what in [
        "prompts",
        "note://3",
        "resources",
        "note://2",
        "nowhere://1",
        "tools",
    ] {
        say(&client, what).await;
    }
    let updated = next(&mut stream).await;
    assert_eq!(
        (&updated["method"], &updated["params"]["uri"]),
        (&json!(UPDATED), &json!("NOTE://2"))
    );
    let id = json!(stream.id());
    let key = "io.modelcontextprotocol/subscriptionId";
    assert_eq!(updated["params"]["_meta"][key], id);
    let changed = next(&mut stream).await;
    assert_eq!(changed["method"], TOOLS);
    assert_eq!(changed["params"]["_meta"][key], id);
}

#[tokio::test]
async fn a_change_behind_the_acknowledgement_is_told() {
    let service = service();
    let handle = service.handle();
    let client = TestClient::connect(service).await;
    for _ in 0..50 {
        let asked = filter(json!({ "toolsListChanged": true }));
        let mut stream = client.peer().listen(asked).await.unwrap();
        handle.tools_changed();
        assert_eq!(next(&mut stream).await["method"], TOOLS);
    }
}

#[tokio::test]
async fn every_stream_has_its_own_filter_and_its_own_end() {
    let service = service();
    let handle = service.handle();
    let client = TestClient::connect(service.clone()).await;
    let asked = |what: &str| filter(json!({ what: true }));
    let mut tools = client
        .peer()
        .listen(asked("toolsListChanged"))
        .await
        .unwrap();
    let mut prompts = client
        .peer()
        .listen(asked("promptsListChanged"))
        .await
        .unwrap();
    let dropped = client
        .peer()
        .listen(asked("toolsListChanged"))
        .await
        .unwrap();
    drop(dropped);
    handle.prompts_changed();
    assert_eq!(next(&mut prompts).await["method"], PROMPTS);
    handle.tools_changed();
    assert_eq!(next(&mut tools).await["method"], TOOLS);
    service.shutdown().await.unwrap();
    for mut stream in [tools, prompts] {
        assert!(stream.next().await.unwrap().is_none());
        assert!(
            matches!(stream.end(), Some(SubscriptionEnd::Graceful(_))),
            "{:?}",
            stream.end()
        );
    }
}

#[tokio::test]
async fn nobody_hears_what_was_not_asked_for_where_there_are_no_sessions() {
    let client = TestClient::connect(service()).await;
    say(&client, "tools").await;
    say(&client, "note://1").await;
    let mut stream = client.peer().listen(filter(json!({}))).await.unwrap();
    assert_eq!(json!(stream.acknowledged()), json!({}));
    say(&client, "tools").await;
    client.call("announce", json!({ "what": "note://1" })).await;
    let told = tokio::time::timeout(Duration::from_millis(20), stream.next()).await;
    assert!(told.is_err(), "{told:?}");
    assert_eq!(
        methods(&client.notifications()),
        ["notifications/subscriptions/acknowledged"]
    );
}

#[tokio::test]
async fn a_session_hears_of_all_lists() {
    for &protocol in &Protocol::ALL[1..] {
        let service = service();
        let handle = service.handle();
        let client = TestClient::connect_as(service, protocol).await;
        for (what, method) in [
            ("tools", TOOLS),
            ("resources", RESOURCES),
            ("prompts", PROMPTS),
        ] {
            let before = client.notifications().len();
            say(&client, what).await;
            let heard = heard(&client, before + 1).await;
            assert_eq!(heard[before].method, method);
            assert_eq!(heard[before].params, Value::Null);
        }
        handle.add(handlers![more]).unwrap();
        assert_eq!(heard(&client, 4).await[3].method, TOOLS);
    }
}

#[tokio::test]
async fn a_session_hears_of_the_resources_that_it_subscribes_to() {
    for &protocol in &Protocol::ALL[1..] {
        let client = TestClient::connect_as(service(), protocol).await;
        let subscribe =
            |method: &'static str, uri: &str| client.request(method, json!({ "uri": uri }));
        say(&client, "note://a%20b").await;
        subscribe("resources/subscribe", "note://a b")
            .await
            .unwrap();
        subscribe("resources/subscribe", "NOTE://a%20b")
            .await
            .unwrap();
        say(&client, "note://other").await;
        say(&client, "nOTE://%61 b").await;
        let told = heard(&client, 1).await;
        assert_eq!(methods(&told), [UPDATED]);
        assert_eq!(told[0].params, json!({ "uri": "note://a b" }));
        subscribe("resources/unsubscribe", "Note://a%20b")
            .await
            .unwrap();
        subscribe("resources/unsubscribe", "note://never")
            .await
            .unwrap();
        say(&client, "note://a b").await;
        say(&client, "tools").await;
        assert_eq!(methods(&heard(&client, 2).await), [UPDATED, TOOLS]);
        let refusal = subscribe("resources/subscribe", "nowhere://1")
            .await
            .unwrap_err();
        assert_eq!(refusal.code, -32002);
        assert_eq!(refusal.data.unwrap()["uri"], "nowhere://1");
    }
}

#[tokio::test]
async fn there_is_an_end_to_what_can_be_subscribed_to() {
    let client = TestClient::connect_as(service(), Protocol::LEGACY).await;
    for number in 0..1000 {
        let params = json!({ "uri": format!("note://{number}") });
        client.request("resources/subscribe", params).await.unwrap();
    }
    let again = json!({ "uri": "note://7" });
    client.request("resources/subscribe", again).await.unwrap();
    let more = json!({ "uri": "note://more" });
    let refusal = client
        .request("resources/subscribe", more)
        .await
        .unwrap_err();
    assert_eq!(refusal.code, -32602);

    let client = TestClient::connect(service()).await;
    let uris: Vec<String> = (0..1001).map(|number| format!("note://{number}")).collect();
    let params = json!({ "notifications": { "resourceSubscriptions": uris } });
    let refusal = client
        .request("subscriptions/listen", params)
        .await
        .unwrap_err();
    assert_eq!(refusal.code, -32602);
}

#[tokio::test]
async fn each_revision_has_its_own_way_to_ask() {
    let filter = json!({ "notifications": {} });
    let uri = json!({ "uri": "note://1" });
    let mut cases = vec![
        (service(), Protocol::MODERN, "resources/subscribe", &uri),
        (service(), Protocol::MODERN, "resources/unsubscribe", &uri),
        (
            deaf_service(),
            Protocol::MODERN,
            "subscriptions/listen",
            &filter,
        ),
    ];
    for &protocol in &Protocol::ALL[1..] {
        cases.extend([
            (service(), protocol, "subscriptions/listen", &filter),
            (deaf_service(), protocol, "resources/subscribe", &uri),
            (deaf_service(), protocol, "resources/unsubscribe", &uri),
        ]);
    }
    for (service, protocol, method, params) in cases {
        let client = TestClient::connect_as(service.clone(), protocol).await;
        let refusal = client.request(method, params).await.unwrap_err();
        assert_eq!(refusal.code, -32601, "{protocol} {method}");
        let answer = if protocol == Protocol::MODERN {
            let mut raw = Raw::connect(&service);
            raw.ask(method, modern(params.clone())).await
        } else {
            let (mut raw, _) = Raw::initialized(&service, protocol.as_str()).await;
            raw.ask(method, params.clone()).await
        };
        assert_eq!(answer["error"]["code"], -32601, "{protocol} {method}");
    }
}

#[tokio::test]
async fn the_sessions_of_one_service_are_told_apart() {
    let service = service();
    let one = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let other = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let (mut raw, _) = Raw::initialized(&service, "2025-06-18").await;
    let subscribe = |uri: &str| json!({ "uri": uri });
    one.request("resources/subscribe", subscribe("note://1"))
        .await
        .unwrap();
    other
        .request("resources/subscribe", subscribe("note://2"))
        .await
        .unwrap();
    raw.ask("resources/subscribe", subscribe("note://3")).await;
    for uri in ["note://1", "note://2", "note://3", "tools"] {
        service.handle().resource_updated(uri);
    }
    service.handle().tools_changed();
    for (client, uri) in [(&one, "note://1"), (&other, "note://2")] {
        let told = heard(client, 2).await;
        assert_eq!(methods(&told), [UPDATED, TOOLS]);
        assert_eq!(told[0].params["uri"], uri);
    }
    let told = [raw.receive().await, raw.receive().await];
    assert_eq!(told[0]["params"], json!({ "uri": "note://3" }));
    assert_eq!(told[1], json!({ "jsonrpc": "2.0", "method": TOOLS }));
}

#[tokio::test]
async fn a_session_is_told_when_it_is_initialized_or_when_it_subscribes() {
    for connect in [Raw::connect, Raw::connect_to_rmcp] {
        let service = service();
        let mut subscribes = connect(&service);
        let mut begins = connect(&service);
        for client in [&mut subscribes, &mut begins] {
            client.initialize("2025-11-25").await;
        }
        service.handle().tools_changed();
        let params = json!({ "uri": "note://1" });
        let answer = subscribes.ask("resources/subscribe", params).await;
        begins.notify("notifications/initialized", json!({})).await;
        let told = [answer, subscribes.receive().await];
        assert!(told.iter().any(|told| told["method"] == TOOLS), "{told:?}");
        assert_eq!(begins.receive().await["method"], TOOLS);
    }
}

#[tokio::test]
async fn a_client_that_leaves_does_not_disturb_the_others() {
    let service = service();
    let one = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let other = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let (raw, _) = Raw::initialized(&service, "2025-11-25").await;
    let modern = TestClient::connect(service.clone()).await;
    let asked = filter(json!({ "toolsListChanged": true }));
    let mut stream = modern.peer().listen(asked).await.unwrap();
    one.close().await;
    raw.end().await;
    say(&other, "tools").await;
    assert_eq!(methods(&heard(&other, 1).await), [TOOLS]);
    assert_eq!(next(&mut stream).await["method"], TOOLS);
}

#[tokio::test]
async fn a_change_is_told_once_however_often_it_is_announced_meanwhile() {
    for &protocol in &Protocol::ALL[1..] {
        let service = service();
        let handle = service.handle();
        let client = TestClient::connect_as(service.clone(), protocol).await;
        // Nobody can be told as long as this task has the only thread.
        for _ in 0..1000 {
            handle.tools_changed();
            handle.prompts_changed();
        }
        assert_eq!(methods(&heard(&client, 2).await), [TOOLS, PROMPTS]);
        handle.resources_changed();
        assert_eq!(
            methods(&heard(&client, 3).await),
            [TOOLS, PROMPTS, RESOURCES]
        );
    }
}

#[tokio::test]
async fn changes_can_be_announced_outside_of_the_runtime() {
    let service = service();
    let legacy = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let client = TestClient::connect(service.clone()).await;
    let asked = filter(json!({ "toolsListChanged": true }));
    let mut stream = client.peer().listen(asked).await.unwrap();
    let handle = service.handle();
    std::thread::spawn(move || handle.tools_changed())
        .join()
        .unwrap();
    assert_eq!(next(&mut stream).await["method"], TOOLS);
    assert_eq!(methods(&heard(&legacy, 1).await), [TOOLS]);
}
