//! What a client hears of changes, byte by byte.

use serde_json::{Value, json};

use crate::child::{Child, initialize, with_meta};

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const TOOLS: &str = "notifications/tools/list_changed";
const UPDATED: &str = "notifications/resources/updated";
const STREAM: &str = "io.modelcontextprotocol/subscriptionId";

fn start() -> Child {
    Child::start_with(&[("FIXTURE_DYNAMIC", "1")])
}

fn listen(id: impl Into<Value>, filter: Value) -> Value {
    let params = with_meta(json!({ "notifications": filter }));
    let method = "subscriptions/listen";
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

fn announce(notes: usize, times: usize) -> Value {
    let arguments = json!({ "notes": notes, "times": times });
    let params = with_meta(json!({ "name": "announce", "arguments": arguments }));
    json!({ "jsonrpc": "2.0", "id": "announce", "method": "tools/call", "params": params })
}

fn cancel(id: Value) -> Value {
    let params = json!({ "requestId": id });
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })
}

/// Announces once; the answer, and the notifications that belong to streams, by their ids and methods.
fn announced(child: &mut Child, notes: usize, notifications: usize) -> Vec<(Value, Value)> {
    child.send(&announce(notes, 1));
    let mut heard = Vec::new();
    for _ in 0..=notifications {
        let message = child.receive();
        if message["id"] != "announce" {
            let stream = message["params"]["_meta"][STREAM].clone();
            heard.push((stream, message["method"].clone()));
        }
    }
    assert_eq!(heard.len(), notifications);
    child.is_silent();
    heard
}

#[test]
fn a_stream_is_acknowledged_first_and_its_notifications_carry_its_id() {
    let mut child = start();
    let filter = json!({
        "toolsListChanged": true,
        "resourceSubscriptions": ["note://0", "nowhere://0"],
        "newsOfTheWorld": true,
    });
    child.send(&listen(7, filter));
    let honoured = json!({ "toolsListChanged": true, "resourceSubscriptions": ["note://0"] });
    let expected = json!({
        "jsonrpc": "2.0",
        "method": ACKNOWLEDGED,
        "params": { "_meta": { STREAM: 7 }, "notifications": honoured },
    });
    assert_eq!(child.receive(), expected);
    child.send(&announce(2, 1));
    let mut messages = [child.receive(), child.receive(), child.receive()];
    messages.sort_by_key(|message| message["method"].as_str().map(str::to_owned));
    assert_eq!(messages[0]["id"], "announce");
    let updated = json!({ "_meta": { STREAM: 7 }, "uri": "note://0" });
    let expected = json!({ "jsonrpc": "2.0", "method": UPDATED, "params": updated });
    assert_eq!(messages[1], expected);
    let changed = json!({ "_meta": { STREAM: 7 } });
    let expected = json!({ "jsonrpc": "2.0", "method": TOOLS, "params": changed });
    assert_eq!(messages[2], expected);
    child.is_silent();
}

#[test]
fn streams_are_told_apart_by_their_ids() {
    let mut child = start();
    for id in [json!(1), json!("1")] {
        child.send(&listen(id.clone(), json!({ "toolsListChanged": true })));
        assert_eq!(child.receive()["params"]["_meta"][STREAM], id);
    }
    child.refuses(&listen(1, json!({})).to_string(), -32600);
    let heard = announced(&mut child, 0, 2);
    assert_eq!(
        heard,
        [(json!(1), json!(TOOLS)), (json!("1"), json!(TOOLS))]
    );
    child.send(&cancel(json!(1)));
    assert_eq!(announced(&mut child, 0, 1), [(json!("1"), json!(TOOLS))]);
    child.send(&listen(1, json!({})));
    assert_eq!(child.receive()["method"], ACKNOWLEDGED);
    assert_eq!(announced(&mut child, 0, 1), [(json!("1"), json!(TOOLS))]);
}

#[test]
fn nothing_is_told_of_a_stream_that_was_taken_back() {
    let mut child = start();
    for round in 0..50 {
        let bytes = [
            listen(round, json!({ "toolsListChanged": true })),
            announce(0, 1),
            cancel(json!(round)),
            json!({ "jsonrpc": "2.0", "id": "end", "method": "ping" }),
            announce(0, 1),
        ];
        let lines: Vec<String> = bytes.iter().map(|line| format!("{line}\n")).collect();
        child.write(lines.concat().as_bytes());
        assert_eq!(child.receive()["method"], ACKNOWLEDGED);
        while child.receive()["id"] != "end" {}
        loop {
            let message = child.receive();
            assert!(message.get("method").is_none(), "{message}");
            if message["id"] == "announce" {
                break;
            }
        }
        child.is_silent();
    }
}

#[test]
fn a_filter_that_is_none_is_refused() {
    let mut child = start();
    for filter in [
        Value::Null,
        json!([]),
        json!("all"),
        json!({ "toolsListChanged": "yes" }),
        json!({ "toolsListChanged": 1 }),
        json!({ "resourceSubscriptions": "note://1" }),
        json!({ "resourceSubscriptions": [1] }),
        json!({ "resourceSubscriptions": (0..1001).map(|at| format!("note://{at}")).collect::<Vec<_>>() }),
    ] {
        child.send(&listen("wrong", filter.clone()));
        let answer = child.receive();
        assert_eq!(answer["error"]["code"], -32602, "{filter} {answer}");
        assert_eq!(answer["id"], "wrong");
    }
    child.send(&listen("all", json!({ "resourceSubscriptions": null })));
    assert_eq!(child.receive()["method"], ACKNOWLEDGED);
}

#[test]
fn there_is_an_end_to_the_streams_of_a_client() {
    let mut child = start();
    for id in 0..64 {
        child.send(&listen(id, json!({})));
        assert_eq!(child.receive()["method"], ACKNOWLEDGED);
    }
    child.send(&listen(64, json!({})));
    assert_eq!(child.receive()["error"]["code"], -32602);
    child.send(&cancel(json!(3)));
    child.send(&listen(64, json!({})));
    assert_eq!(child.receive()["method"], ACKNOWLEDGED);
}

#[test]
fn streams_end_with_a_result_at_the_end_of_the_input() {
    let mut child = start();
    for id in [1, 2] {
        child.send(&listen(id, json!({ "toolsListChanged": true })));
        child.receive();
    }
    child.send(&announce(0, 1));
    child.tells("announced");
    child.close_input();
    let (status, rest) = child.end();
    assert!(status.success(), "{status}");
    let rest: Vec<Value> = rest
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for id in [1, 2] {
        let of_stream =
            |message: &&Value| message["id"] == id || message["params"]["_meta"][STREAM] == id;
        let told: Vec<&Value> = rest.iter().filter(of_stream).collect();
        let [changed, end] = told[..] else {
            panic!("{rest:?}");
        };
        assert_eq!(changed["method"], TOOLS);
        let server = json!({ "name": "fixture", "version": "1.2.3" });
        let meta = json!({ STREAM: id, "io.modelcontextprotocol/serverInfo": server });
        let result = json!({ "resultType": "complete", "_meta": meta });
        assert_eq!(
            end,
            &json!({ "jsonrpc": "2.0", "id": id, "result": result })
        );
    }
}

#[cfg(unix)]
#[test]
fn streams_end_with_a_result_at_a_signal() {
    let mut child = start();
    child.send(&listen("stream", json!({ "toolsListChanged": true })));
    child.receive();
    child.signal("-TERM");
    let end = child.receive();
    assert_eq!(end["id"], "stream");
    assert_eq!(end["result"]["_meta"][STREAM], "stream");
    child.tells("served Ok");
    child.ends_well();
}

#[test]
fn a_stream_does_not_keep_a_client_that_does_not_read_alive() {
    let mut child = start();
    child.send(&listen(1, json!({ "toolsListChanged": true })));
    child.receive();
    child.close_output();
    child.send(&announce(0, 1));
    child.close_input();
    child.tells("served Ok");
}

/// Subscribes to notes, in a session or by a stream.
fn subscribed(modern: bool, notes: usize) -> Child {
    let mut child = start();
    let uris: Vec<String> = (0..notes).map(|note| format!("note://{note}")).collect();
    if modern {
        let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": uris });
        child.send(&listen("stream", filter));
        assert_eq!(child.receive()["method"], ACKNOWLEDGED);
    } else {
        child.initialize();
        for uri in uris {
            let answer = child.request(1, "resources/subscribe", json!({ "uri": uri }));
            assert_eq!(answer["result"], json!({}));
        }
    }
    child
}

/// The URIs of all changes that there are to be told, until nothing more comes.
fn told_until_silent(child: &mut Child) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let before = told.len();
        child.send(&json!({ "jsonrpc": "2.0", "id": "end", "method": "ping" }));
        loop {
            let message = child.receive();
            match message["id"].as_str() {
                Some("end") => break,
                Some(_) => {}
                None => told.push(message["params"]["uri"].clone()),
            }
        }
        if told.len() == before {
            return told;
        }
    }
}

#[test]
fn a_client_that_does_not_read_costs_no_memory_and_hears_of_everything_later() {
    const NOTES: usize = 99;
    for modern in [true, false] {
        let mut child = subscribed(modern, NOTES);
        #[cfg(target_os = "linux")]
        let before = child.peak_memory();
        let gate = child.gate();
        let paused = gate.lock().unwrap();
        child.send(&announce(NOTES, 1000));
        child.tells("announced");
        #[cfg(target_os = "linux")]
        assert!(child.peak_memory() < before + (8 << 20));
        drop(paused);
        let heard = told_until_silent(&mut child);
        let mut what: Vec<&Value> = heard.iter().collect();
        what.sort_by_key(ToString::to_string);
        what.dedup();
        assert_eq!(what.len(), NOTES + 1);
        // What fits into the pipe and the buffers, and each change once more.
        assert!(heard.len() < 10_000, "{}", heard.len());
        child.is_silent();
    }
}

#[test]
fn a_session_is_told_nothing_before_it_is_initialized() {
    let mut child = start();
    child.send(&initialize("2025-11-25"));
    assert_eq!(child.receive()["id"], "initialize");
    child.send(&announce(1, 3));
    assert_eq!(child.receive()["id"], "announce");
    child.is_silent();
    child.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let expected = json!({ "jsonrpc": "2.0", "method": TOOLS });
    assert_eq!(child.receive(), expected);
    child.is_silent();
}

#[test]
fn a_session_is_told_by_the_uri_that_it_has_subscribed_to() {
    let mut child = start();
    child.initialize();
    let subscribe = |child: &mut Child, method: &str, uri: &str| {
        let answer = child.request("subscribe", method, json!({ "uri": uri }));
        answer["error"]["code"].as_i64().unwrap_or_default()
    };
    assert_eq!(
        subscribe(&mut child, "resources/subscribe", "NOTE://%30"),
        0
    );
    assert_eq!(
        subscribe(&mut child, "resources/subscribe", "nowhere://0"),
        -32002
    );
    let wrong = child.request("wrong", "resources/subscribe", json!({ "uri": 5 }));
    assert_eq!(wrong["error"]["code"], -32602);
    child.send(&announce(2, 1));
    let messages = [child.receive(), child.receive(), child.receive()];
    let params = json!({ "uri": "NOTE://%30" });
    let expected = json!({ "jsonrpc": "2.0", "method": UPDATED, "params": params });
    assert!(messages.contains(&expected), "{messages:?}");
    assert_eq!(
        subscribe(&mut child, "resources/unsubscribe", "note://0"),
        0
    );
    let heard = announced(&mut child, 2, 1);
    assert_eq!(heard, [(Value::Null, json!(TOOLS))]);
}

#[test]
fn a_client_with_a_session_can_listen_to_streams_too() {
    let mut child = start();
    child.initialize();
    child.send(&listen("stream", json!({ "toolsListChanged": true })));
    assert_eq!(child.receive()["method"], ACKNOWLEDGED);
    let mut heard = announced(&mut child, 0, 2);
    heard.sort_by_key(|(stream, _)| stream.is_null());
    assert_eq!(
        heard,
        [(json!("stream"), json!(TOOLS)), (Value::Null, json!(TOOLS))]
    );
}

#[test]
fn where_nothing_changes_nobody_can_listen() {
    let mut child = Child::initialized();
    child.send(&listen(1, json!({})));
    assert_eq!(child.receive()["error"]["code"], -32601);
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        let answer = child.request(2, method, json!({ "uri": "note://1" }));
        assert_eq!(answer["error"]["code"], -32601, "{method}");
    }
}
