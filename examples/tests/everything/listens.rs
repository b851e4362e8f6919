//! Subscriptions: more than is sensible, of wrong types, taken back.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{child::Child, era::Era};

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

fn listen(child: &mut Child, id: impl Into<Value>, filter: Value) {
    let params = child.era.params(json!({ "notifications": filter }));
    child.send(&json!({
        "jsonrpc": "2.0", "id": id.into(), "method": "subscriptions/listen", "params": params,
    }));
}

/// Listens, and says what the server honours of the filter.
#[track_caller]
fn listening(child: &mut Child, id: impl Into<Value>, filter: Value) -> Value {
    let id = id.into();
    listen(child, id.clone(), filter);
    let first = child.receive();
    assert_eq!(first["method"], ACKNOWLEDGED, "{first}");
    assert_eq!(first["params"]["_meta"][SUBSCRIPTION], id, "{first}");
    first["params"]["notifications"].clone()
}

#[test]
fn a_filter_that_asks_for_what_nobody_knows() {
    let mut child = Child::open(Era::Modern);
    assert_eq!(listening(&mut child, 1, json!({})), json!({}));
    let filter = json!({ "toolsListChanged": true, "moon": "full", "promptsListChanged": false });
    let honoured = listening(&mut child, 2, filter);
    assert_eq!(honoured["toolsListChanged"], true);
    assert!(honoured.get("moon").is_none(), "{honoured}");
    let nowhere = json!({ "resourceSubscriptions": ["nothing://here", "note://99"] });
    listening(&mut child, 3, nowhere);
    child.lives();
    for id in 1..=3 {
        child.cancel(id);
    }
    child.lives();
    child.ends_well();
}

#[test]
fn a_filter_of_wrong_types() {
    let mut child = Child::open(Era::Modern);
    for filter in [
        json!(null),
        json!([]),
        json!("tools"),
        json!({ "toolsListChanged": "yes" }),
        json!({ "resourceSubscriptions": "note://1" }),
        json!({ "resourceSubscriptions": [1] }),
        json!({ "resourceSubscriptions": {} }),
    ] {
        let params = json!({ "notifications": filter });
        child.declines("subscriptions/listen", params, -32602);
    }
    child.declines("subscriptions/listen", json!({}), -32602);
    child.ends_well();
}

#[test]
fn a_filter_of_a_hundred_thousand_uris() {
    let mut child = Child::open(Era::Modern);
    child.lives();
    #[cfg(target_os = "linux")]
    let base = child.memory();
    let uris: Vec<String> = (0..100_000).map(|id| format!("note://{id}")).collect();
    let params = json!({ "notifications": { "resourceSubscriptions": uris } });
    child.declines("subscriptions/listen", params, -32602);
    #[cfg(target_os = "linux")]
    {
        let left = child.memory().saturating_sub(base);
        assert!(left < 32 << 20, "{left} bytes more than before");
    }
    child.ends_well();
}

#[test]
fn ten_thousand_listens() {
    let mut child = Child::open(Era::Modern);
    child.lives();
    #[cfg(target_os = "linux")]
    let base = child.memory();
    let (mut open, mut refused) = (HashSet::new(), 0);
    for id in 0..10_000 {
        listen(&mut child, id, json!({ "toolsListChanged": true }));
        let first = child.receive();
        if first["method"] == ACKNOWLEDGED {
            open.insert(id);
        } else {
            assert!(first["error"]["code"].is_i64(), "{first}");
            assert_eq!(first["id"], id);
            refused += 1;
        }
    }
    assert_eq!((open.len(), refused), (64, 9936));
    for id in &open {
        child.cancel(*id);
    }
    child.lives();
    // There is room again.
    listening(&mut child, "again", json!({ "toolsListChanged": true }));
    child.cancel("again");
    child.lives();
    #[cfg(target_os = "linux")]
    {
        let left = child.memory().saturating_sub(base);
        assert!(left < 16 << 20, "{left} bytes more than before");
    }
    child.ends_well();
}

#[test]
fn a_listen_that_is_taken_back() {
    let mut child = Child::open(Era::Modern);
    let filter = json!({ "resourceSubscriptions": ["note://1"] });
    for _ in 0..20 {
        listening(&mut child, 1, filter.clone());
        child.begin("touch", "touch_note", json!({ "id": 1 }));
        child.cancel(1);
        child.begin("fence", "echo", json!({ "payload": "x" }));
        let mut answered = 0;
        while answered < 2 {
            let message = child.receive();
            match message["method"].as_str() {
                Some(method) => assert_eq!(method, "notifications/resources/updated"),
                None => answered += 1,
            }
        }
        // Whatever won, nothing comes when the cancellation is read.
        let answer = child.call("touch_note", json!({ "id": 1 }));
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
    child.lives();
    child.ends_well();
}

/// So many that their answers are more than what a pipe holds.
const CALLS: usize = 5000;

#[test]
fn a_listener_that_does_not_read() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        match era {
            Era::Modern => {
                let filter = json!({ "resourceSubscriptions": ["note://1"] });
                listening(&mut child, "listen", filter);
            }
            Era::Legacy(_) => {
                let answer = child.request("resources/subscribe", json!({ "uri": "note://1" }));
                assert_eq!(answer["result"], json!({}), "{answer}");
            }
        }
        let gate = child.gate();
        let paused = gate.lock().unwrap();
        let calls: Vec<String> = (0..CALLS)
            .map(|id| child.line_of(id, "touch_note", json!({ "id": 1 })))
            .collect();
        // More than what the pipes hold.
        let writer = child.write_apart(calls);
        drop(paused);
        let (mut answered, mut told) = (0, 0);
        while answered < CALLS {
            match child.receive()["method"].as_str() {
                Some(_) => told += 1,
                None => answered += 1,
            }
        }
        child.written(writer);
        let (status, rest) = child.end();
        assert!(status.success(), "{status}");
        assert!(
            (1..=CALLS).contains(&(told + rest.len())),
            "{told}, {rest:?}"
        );
    }
}

#[test]
fn subscriptions_to_what_does_not_exist() {
    let mut child = Child::open(Era::LEGACY);
    for uri in ["nothing://here", "", "note://", "\u{0}"] {
        let answer = child.request("resources/subscribe", json!({ "uri": uri }));
        assert!(answer["error"]["code"].is_i64(), "{uri} -> {answer}");
        child.lives();
    }
    for params in [json!({}), json!({ "uri": 5 }), json!({ "uri": null })] {
        child.declines("resources/subscribe", params, -32602);
    }
    child.ends_well();
}

#[test]
fn ten_thousand_subscriptions() {
    let mut child = Child::open(Era::LEGACY);
    let mut taken = 0;
    for id in 0..10_000 {
        let uri = format!("note://{id}");
        let answer = child.request("resources/subscribe", json!({ "uri": uri }));
        taken += usize::from(answer["result"].is_object());
    }
    assert_eq!(taken, 1000);
    child.lives();
    child.ends_well();
}
