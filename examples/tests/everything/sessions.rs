//! How a connection begins, and what belongs to which revision.

use std::process::Command;

use serde_json::{Value, json};

use crate::{
    child::{Child, initialize},
    era::{Era, meta},
};

#[test]
fn a_bad_first_message() {
    for first in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
    ] {
        let mut child = Child::start(Era::LEGACY);
        child.line(first);
        child.initialize();
        child.lives();
        child.ends_well();
    }
}

#[test]
fn garbage_first() {
    let mut child = Child::start(Era::LEGACY);
    child.line("\u{0}\u{1}\u{2} GET / HTTP/1.1");
    assert_eq!(child.receive()["error"]["code"], -32700);
    child.initialize();
    child.lives();
    child.ends_well();
}

#[test]
fn a_call_first_that_says_nothing_of_itself() {
    let mut child = Child::start(Era::LEGACY);
    let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    let answer = child.exchange("tools/call", params);
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    let advice = answer["error"]["message"].as_str().unwrap();
    assert!(advice.contains("`initialize`"), "{advice}");
    child.initialize();
    child.lives();
    child.ends_well();
}

#[test]
fn initialize_twice() {
    let mut child = Child::open(Era::LEGACY);
    child.declines("initialize", initialize("2025-11-25"), -32600);
    child.ends_well();
}

#[test]
fn initialize_after_modern() {
    let mut child = Child::open(Era::Modern);
    child.lives();
    let answer = child.exchange("initialize", initialize("2025-11-25"));
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    child.lives();
    child.ends_well();
}

#[test]
fn modern_after_initialize() {
    let mut child = Child::open(Era::LEGACY);
    let modern = child.exchange("tools/list", json!({ "_meta": meta() }));
    assert_eq!(modern["result"]["resultType"], "complete");
    let legacy = child.request("tools/list", json!({}));
    assert!(legacy["result"].get("resultType").is_none());
    child.lives();
    child.ends_well();
}

#[test]
fn initialized_never() {
    let mut child = Child::start(Era::LEGACY);
    let answer = child.exchange("initialize", initialize("2025-11-25"));
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    let answer = child.call("echo", json!({ "payload": "early" }));
    assert_eq!(answer["result"]["content"][0]["text"], "early");
    child.lives();
    child.ends_well();
}

#[test]
fn initialize_with_a_revision_that_has_no_sessions() {
    for version in ["2026-07-28", "9999-99-99", ""] {
        let mut child = Child::start(Era::LEGACY);
        let answer = child.exchange("initialize", initialize(version));
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn methods_that_were_removed() {
    let mut child = Child::open(Era::Modern);
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "unknown/method",
    ] {
        child.declines(method, json!({}), -32601);
        child.declines(
            method,
            json!({ "uri": "note://1", "level": "info" }),
            -32601,
        );
    }
    child.ends_well();
}

#[test]
fn methods_of_the_other_revision() {
    let mut child = Child::open(Era::LEGACY);
    for method in ["subscriptions/listen", "server/discover"] {
        let params = json!({ "notifications": { "toolsListChanged": true } });
        let answer = child.request(method, params);
        let code = answer["error"]["code"].as_i64();
        assert!(
            matches!(code, Some(-32601 | -32602)),
            "{method} -> {answer}"
        );
        child.lives();
    }
    child.ends_well();
}

#[test]
fn methods_of_capabilities_that_are_not_there() {
    for era in Era::ALL {
        let mut child = Child::run(&mut Command::new(env!("CARGO_BIN_EXE_hello")), era);
        child.initialize();
        for (method, params) in [
            ("prompts/list", json!({})),
            ("prompts/get", json!({ "name": "review" })),
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
            ("resources/read", json!({ "uri": "note://1" })),
            ("resources/subscribe", json!({ "uri": "note://1" })),
            ("completion/complete", json!({})),
            ("logging/setLevel", json!({ "level": "info" })),
            ("tasks/get", json!({ "taskId": "1" })),
            ("skills/list", json!({})),
        ] {
            let answer = child.request(method, params);
            assert_eq!(answer["error"]["code"], -32601, "{method} -> {answer}");
        }
        let answer = child.call("hello", json!({ "name": "Ada" }));
        assert_eq!(answer["result"]["isError"], false);
        child.ends_well();
    }
}

#[test]
fn a_revision_that_nobody_knows() {
    const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
    let mut child = Child::open(Era::Modern);
    for version in ["1999-01-01", "9999-99-99", ""] {
        let mut params = json!({ "_meta": meta() });
        params["_meta"][VERSION] = version.into();
        let answer = child.exchange("tools/list", params);
        assert_eq!(answer["error"]["code"], -32022, "{answer}");
        assert_eq!(answer["error"]["data"]["requested"], version);
        let supported = json!(["2026-07-28", "2025-11-25", "2025-06-18"]);
        assert_eq!(answer["error"]["data"]["supported"], supported);
        child.lives();
    }
    child.ends_well();
}

#[test]
fn meta_that_is_wrong() {
    const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
    const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
    let mut child = Child::open(Era::Modern);
    for meta in [
        Value::Null,
        json!([]),
        json!({}),
        json!({ VERSION: "2026-07-28" }),
        json!({ VERSION: "2026-07-28", CAPABILITIES: [] }),
        json!({ VERSION: 5, CAPABILITIES: {} }),
    ] {
        child.lives();
        let answer = child.exchange("tools/list", json!({ "_meta": meta }));
        assert_eq!(answer["error"]["code"], -32602, "{meta} -> {answer}");
    }
    child.lives();
    child.ends_well();
}
