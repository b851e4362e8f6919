//! Revisions with sessions and without, on one connection.

use serde_json::{Value, json};

use crate::child::{Child, initialize, meta, with_meta};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn code(answer: &Value) -> i64 {
    answer["error"]["code"]
        .as_i64()
        .unwrap_or_else(|| panic!("no error: {answer}"))
}

#[test]
fn initialize_opens_a_session() {
    let mut child = Child::start();
    child.send(&initialize("2025-06-18"));
    let answer = child.receive();
    assert_eq!(answer["id"], "initialize");
    assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(
        answer["result"]["serverInfo"],
        json!({ "name": "fixture", "version": "1.2.3" })
    );
    assert_eq!(
        answer["result"]["capabilities"],
        json!({ "tools": {}, "resources": {}, "prompts": {} })
    );
    assert!(answer["result"].get("resultType").is_none());
    // `notifications/initialized` never comes.
    assert_eq!(
        child.call("add", json!({ "a": 1, "b": 2 }))["result"]["structuredContent"],
        json!({ "result": 3 })
    );
}

#[test]
fn initialize_with_a_revision_without_sessions_gets_the_newest_that_has_them() {
    for version in ["2026-07-28", "1999-01-01", "9999-99-99", "2024-11-05"] {
        let mut child = Child::start();
        child.send(&initialize(version));
        assert_eq!(
            child.receive()["result"]["protocolVersion"],
            "2025-11-25",
            "{version}"
        );
    }
}

#[test]
fn initialize_works_once() {
    let mut child = Child::initialized();
    child.send(&initialize("2025-11-25"));
    assert_eq!(code(&child.receive()), -32600);
    assert_eq!(
        child.call("add", json!({ "a": 1, "b": 2 }))["result"]["isError"],
        false
    );
}

#[test]
fn initialize_with_the_wrong_parameters_opens_nothing() {
    let mut child = Child::start();
    assert_eq!(code(&child.request(1, "initialize", json!({}))), -32602);
    assert_eq!(code(&child.request(1, "tools/list", json!({}))), -32600);
    child.initialize();
}

#[test]
fn a_request_before_initialize_is_told_what_to_do() {
    let mut child = Child::start();
    let answer = child.call("add", json!({ "a": 1, "b": 2 }));
    assert_eq!(code(&answer), -32600);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`initialize`")
    );
    assert_eq!(child.request(2, "ping", json!({}))["result"], json!({}));
    child.initialize();
}

#[test]
fn a_request_that_carries_everything_needs_no_session() {
    let mut child = Child::start();
    let params = with_meta(json!({ "name": "add", "arguments": { "a": 1, "b": 2 } }));
    let answer = child.request(1, "tools/call", params);
    let identity =
        json!({ "io.modelcontextprotocol/serverInfo": { "name": "fixture", "version": "1.2.3" } });
    assert_eq!(
        answer["result"],
        json!({
            "resultType": "complete",
            "content": [{ "type": "text", "text": "3" }],
            "structuredContent": 3,
            "isError": false,
            "_meta": identity,
        })
    );
}

#[test]
fn a_session_is_not_opened_after_a_request_without_one() {
    let mut child = Child::start();
    child.is_silent();
    child.send(&initialize("2025-11-25"));
    assert_eq!(code(&child.receive()), -32600);
    assert_eq!(code(&child.request(1, "tools/list", json!({}))), -32602);
    child.is_silent();
}

#[test]
fn a_request_without_a_session_is_fine_beside_one() {
    let mut child = Child::initialized();
    child.is_silent();
    let answer = child.request(1, "tools/list", json!({}));
    assert!(answer["result"].get("resultType").is_none(), "{answer}");
    let answer = child.request(1, "tools/list", json!({ "_meta": meta() }));
    assert_eq!(answer["result"]["resultType"], "complete");
}

#[test]
fn discover_works_at_any_time_and_decides_nothing() {
    let mut child = Child::start();
    let before = child.request(1, "server/discover", json!({ "_meta": meta() }));
    child.initialize();
    let after = child.request(1, "server/discover", json!({ "_meta": meta() }));
    assert_eq!(before, after);
    assert_eq!(
        after["result"],
        json!({
            "resultType": "complete",
            "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18"],
            "capabilities": { "tools": {}, "resources": {}, "prompts": {} },
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {
                "io.modelcontextprotocol/serverInfo": { "name": "fixture", "version": "1.2.3" },
            },
        })
    );
    assert_eq!(
        code(&child.request(1, "server/discover", json!({}))),
        -32602
    );
}

#[test]
fn what_is_missing_in_meta_is_named() {
    let mut child = Child::start();
    for (meta, missing) in [
        (json!({ VERSION: "2026-07-28" }), CAPABILITIES),
        (
            json!({ VERSION: "2026-07-28", CAPABILITIES: [] }),
            CAPABILITIES,
        ),
        (json!({ VERSION: 5, CAPABILITIES: {} }), VERSION),
        (json!({ CAPABILITIES: {} }), VERSION),
    ] {
        let answer = child.request(1, "tools/list", json!({ "_meta": meta }));
        assert_eq!(code(&answer), -32602, "{answer}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains(missing),
            "{answer}"
        );
    }
    assert_eq!(
        code(&child.request(1, "tools/list", json!({ "_meta": [] }))),
        -32602
    );
    child.initialize();
}

#[test]
fn an_unsupported_revision_is_refused_with_those_that_are() {
    let mut child = Child::start();
    for version in ["1999-01-01", "9999-99-99", "", "2024-11-05"] {
        let meta = json!({ VERSION: version, CAPABILITIES: {} });
        let answer = child.request(1, "tools/list", json!({ "_meta": meta }));
        assert_eq!(code(&answer), -32022, "{version}");
        assert_eq!(
            answer["error"]["data"],
            json!({
                "supported": ["2026-07-28", "2025-11-25", "2025-06-18"], "requested": version,
            })
        );
    }
    child.initialize();
}

#[test]
fn methods_of_sessions_are_not_served_without_one() {
    let mut child = Child::start();
    for method in [
        "ping",
        "initialize",
        "logging/setLevel",
        "resources/subscribe",
    ] {
        let answer = child.request(1, method, json!({ "_meta": meta() }));
        assert_eq!(code(&answer), -32601, "{method}");
    }
}

#[test]
fn lists_are_the_same_in_both_forms_but_for_what_differs() {
    for (method, key) in [
        ("tools/list", "tools"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
        ("prompts/list", "prompts"),
    ] {
        let mut child = Child::initialized();
        let legacy = child.request(1, method, json!({}))["result"].clone();
        let modern = child.request(1, method, json!({ "_meta": meta() }))["result"].clone();
        assert!(legacy[key].is_array(), "{legacy}");
        assert_eq!(legacy.as_object().unwrap().len(), 1, "{legacy}");
        assert_eq!(
            legacy[key].as_array().unwrap().len(),
            modern[key].as_array().unwrap().len()
        );
        assert_eq!(modern["resultType"], "complete");
        assert_eq!(modern["ttlMs"], 0);
        assert_eq!(modern["cacheScope"], "private");
    }
}

#[test]
fn a_list_is_cut_into_pages() {
    let mut child = Child::start_with(&[("FIXTURE_PAGE", "5")]);
    child.initialize();
    let mut names = Vec::new();
    let mut params = json!({});
    loop {
        let result = child.request(1, "tools/list", params)["result"].clone();
        let page = result["tools"].as_array().unwrap();
        assert!(page.len() <= 5);
        names.extend(page.iter().map(|tool| tool["name"].clone()));
        match result.get("nextCursor") {
            Some(next) => params = json!({ "cursor": next }),
            None => break,
        }
    }
    assert_eq!(names.first(), Some(&json!("add")));
    assert_eq!(names.last(), Some(&json!("text")));
}

#[test]
fn resources_and_prompts_are_served_in_both_forms() {
    let mut child = Child::initialized();
    let read = json!({ "uri": "note://7" });
    let legacy = child.request(1, "resources/read", read.clone());
    assert_eq!(
        legacy["result"],
        json!({ "contents": [{ "uri": "note://7", "mimeType": "text/plain", "text": "note 7" }] })
    );
    let modern = child.request(1, "resources/read", with_meta(read));
    assert_eq!(modern["result"]["resultType"], "complete");
    assert_eq!(modern["result"]["ttlMs"], 0);
    assert_eq!(modern["result"]["cacheScope"], "private");

    let get = json!({ "name": "greet", "arguments": { "name": "Ada" } });
    let legacy = child.request(1, "prompts/get", get.clone());
    let content = json!({ "type": "text", "text": "Hello, Ada!" });
    assert_eq!(
        legacy["result"]["messages"],
        json!([{ "role": "user", "content": content }])
    );
    assert!(legacy["result"].get("resultType").is_none());
    let modern = child.request(1, "prompts/get", with_meta(get));
    assert_eq!(modern["result"]["resultType"], "complete");

    let missing = json!({ "uri": "note://100" });
    assert_eq!(
        code(&child.request(1, "resources/read", missing.clone())),
        -32002
    );
    assert_eq!(
        code(&child.request(1, "resources/read", with_meta(missing))),
        -32602
    );
}
