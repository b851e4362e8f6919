//! How long clients may keep what they get, and who may.

use std::time::Duration;

use mcp_runtime::{
    Principal, Server, handlers, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};

use crate::raw::{Raw, modern};

/// Does nothing.
#[tool]
fn nothing() {}

/// Changes seldom.
#[resource("rates://today", ttl = "10m", scope = "public")]
fn rates() -> &'static str {
    "1.08"
}

/// Is never the same.
#[resource("time://now")]
fn time() -> &'static str {
    "now"
}

/// One of them.
#[resource("rates://{day}", ttl = "2s")]
fn rate(day: u32) -> String {
    day.to_string()
}

/// Says who asks.
#[resource("me://name", scope = "public")]
fn name(principal: Principal) -> String {
    principal.subject().to_owned()
}

/// Says who asks, to those who ask.
#[resource("me://private", ttl = "1s", scope = "private")]
fn private(principal: Principal) -> String {
    principal.subject().to_owned()
}

fn server() -> Server {
    Server::new("caching", "1").add(handlers![nothing, rates, time, rate])
}

fn hints(result: &Value) -> Value {
    json!([result["ttlMs"], result["cacheScope"]])
}

const LISTS: [&str; 3] = ["tools/list", "resources/list", "resources/templates/list"];

#[tokio::test]
async fn a_resource_says_how_long_it_may_be_kept() {
    let client = TestClient::connect(server()).await;
    for (uri, expected) in [
        ("rates://today", json!([600_000, "public"])),
        ("rates://3", json!([2000, "private"])),
        ("time://now", json!([0, "private"])),
    ] {
        assert_eq!(hints(client.read(uri).await.raw()), expected, "{uri}");
    }
}

#[tokio::test]
async fn lists_say_how_long_they_may_be_kept() {
    let kept = || {
        server()
            .list_ttl(Duration::from_secs(30))
            .public_lists(true)
    };
    for (server, expected) in [
        (server(), json!([0, "private"])),
        (kept(), json!([30_000, "public"])),
    ] {
        let service = server.build().unwrap();
        let client = TestClient::connect(service.clone()).await;
        let mut raw = Raw::connect(&service);
        for method in LISTS.into_iter().chain(["server/discover"]) {
            let list = client.request(method, json!({})).await.unwrap();
            assert_eq!(hints(&list), expected, "{method}");
            let list = raw.ask(method, modern(json!({}))).await;
            assert_eq!(hints(&list["result"]), expected, "{method}");
        }
    }
}

#[tokio::test]
async fn every_page_says_the_same() {
    let server = server().public_lists(true).page_size(1);
    let client = TestClient::connect(server.add(handlers![private])).await;
    let first = client.request("resources/list", json!({})).await.unwrap();
    let next = json!({ "cursor": first["nextCursor"] });
    let second = client.request("resources/list", next).await.unwrap();
    assert_eq!(hints(&first), hints(&second));
}

#[tokio::test]
async fn sessions_are_told_nothing_of_it() {
    let service = server().list_ttl(Duration::from_secs(30)).build().unwrap();
    for &protocol in &Protocol::ALL[1..] {
        let client = TestClient::connect_as(service.clone(), protocol).await;
        let (mut raw, _) = Raw::initialized(&service, protocol.as_str()).await;
        for method in LISTS {
            let list = client.request(method, json!({})).await.unwrap();
            assert_eq!(hints(&list), json!([null, null]), "{method}");
            let list = raw.ask(method, json!({})).await;
            assert_eq!(hints(&list["result"]), json!([null, null]), "{method}");
        }
        let read = client.read("rates://today").await;
        assert_eq!(hints(read.raw()), json!([null, null]));
        let read = raw.ask("resources/read", json!({ "uri": "rates://today" }));
        assert_eq!(hints(&read.await["result"]), json!([null, null]));
    }
}

#[test]
fn what_depends_on_the_caller_is_not_for_everybody() {
    let error = server().add(handlers![name]).build().unwrap_err();
    let expected = "resource `me://name`: what depends on a `Principal` is not for everybody: \
                    remove `scope = \"public\"`";
    assert_eq!(error.to_string().lines().count(), 2, "{error}");
    assert!(error.to_string().contains(expected), "{error}");
    assert!(server().add(handlers![private]).build().is_ok());
}
