//! What a call writes while it runs.

use serde_json::{Value, json};

use crate::child::{Child, meta};

const LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// A call of a revision without sessions that asks for progress; `extra` is added to its metadata.
fn call(id: u64, tool: &str, arguments: Value, extra: Value) -> Value {
    let mut meta = meta();
    meta["progressToken"] = id.into();
    for (key, value) in extra.as_object().unwrap() {
        meta[key] = value.clone();
    }
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

/// The same in a session.
fn in_a_session(mut call: Value) -> Value {
    let token = call["id"].clone();
    call["params"]["_meta"] = json!({ "progressToken": token });
    call
}

/// The notifications up to the answer, and the answer.
fn told(child: &mut Child, call: &Value) -> (Vec<Value>, Value) {
    child.send(call);
    let mut notifications = Vec::new();
    loop {
        let message = child.receive();
        if message["id"] == call["id"] {
            return (notifications, message);
        }
        assert!(message.get("id").is_none(), "{message}");
        notifications.push(message);
    }
}

fn steps(notifications: &[Value]) -> Vec<f64> {
    let progress = notifications
        .iter()
        .filter(|message| message["method"] == "notifications/progress");
    progress
        .map(|message| message["params"]["progress"].as_f64().unwrap())
        .collect()
}

fn logged(notifications: &[Value]) -> Vec<&Value> {
    let logged = notifications
        .iter()
        .filter(|message| message["method"] == "notifications/message");
    logged.map(|message| &message["params"]["data"]).collect()
}

#[test]
fn steps_that_come_too_fast_are_skipped_but_for_the_last() {
    let mut child = Child::start_with(&[("FIXTURE_INTERVAL", "1000000")]);
    let count = call(1, "count", json!({ "to": 100_000 }), json!({}));
    let (notifications, answer) = told(&mut child, &count);
    assert_eq!(steps(&notifications), [1.0, 100_000.0]);
    assert_eq!(answer["result"]["structuredContent"], 100_000);
    child.is_silent();
}

#[test]
fn a_step_is_written_while_the_handler_is_silent_and_none_when_it_is_gone() {
    let mut child = Child::start_with(&[("FIXTURE_INTERVAL", "20")]);
    child.initialize();
    child.send(&in_a_session(call(1, "think", json!({}), json!({}))));
    for step in [1.0, 2.0] {
        let params = &child.receive()["params"];
        assert_eq!(
            (&params["progress"], &params["progressToken"]),
            (&json!(step), &json!(1))
        );
    }
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } });
    child.send(&cancel);
    child.tells("think dropped");
    child.is_silent();
}

#[test]
fn nothing_waits_when_a_call_is_taken_back() {
    let mut child = Child::start_with(&[("FIXTURE_INTERVAL", "1000000")]);
    child.send(&call(1, "think", json!({}), json!({})));
    assert_eq!(steps(&[child.receive()]), [1.0]);
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } });
    child.send(&cancel);
    child.tells("think dropped");
    child.is_silent();
}

#[test]
fn a_handler_that_keeps_its_thread_is_heard() {
    let mut child = Child::start();
    child.send(&call(1, "climb", json!({ "steps": 50 }), json!({})));
    let first = child.receive();
    assert_eq!(first["params"]["message"], "climbing");
    assert_eq!(first["params"]["total"].as_f64(), Some(50.0));
    let ping = json!({ "jsonrpc": "2.0", "id": "ping", "method": "ping" });
    let (steps, _) = told(&mut child, &ping);
    assert!(steps.len() < 49, "it still climbs: {}", steps.len());
}

#[test]
fn chunks_are_written_as_they_come_and_again_in_the_result() {
    let mut child = Child::start();
    let emit = call(1, "emit", json!({ "chunks": 300 }), json!({}));
    let (notifications, answer) = told(&mut child, &emit);
    let chunks = notifications
        .iter()
        .map(|message| message["params"]["message"].as_str().unwrap());
    let numbers: Vec<_> = (1..=300).map(|chunk| chunk.to_string()).collect();
    let whole = numbers.join(" ") + " ";
    assert_eq!(chunks.collect::<String>(), whole);
    let expected = json!([{ "type": "text", "text": whole }, { "type": "text", "text": "end" }]);
    assert_eq!(answer["result"]["content"], expected);
}

#[test]
fn a_stream_is_a_list_in_both_forms() {
    let mut child = Child::initialized();
    let numbers = call(1, "numbers", json!({ "to": 3 }), json!({}));
    let (notifications, answer) = told(&mut child, &numbers);
    assert_eq!(steps(&notifications), [1.0, 2.0, 3.0]);
    assert_eq!(answer["result"]["structuredContent"], json!([1, 2, 3]));
    let (_, answer) = told(&mut child, &in_a_session(numbers));
    assert_eq!(
        answer["result"]["structuredContent"],
        json!({ "result": [1, 2, 3] })
    );
}

#[test]
fn a_server_without_logging_writes_none() {
    let mut child = Child::initialized();
    let set = child.request(1, "logging/setLevel", json!({ "level": "debug" }));
    assert_eq!(set["error"]["code"], -32601);
    let (notifications, _) = told(
        &mut child,
        &in_a_session(call(1, "log", json!({}), json!({}))),
    );
    assert_eq!(notifications, [] as [Value; 0]);
    let log = call(1, "log", json!({}), json!({ LEVEL: "debug" }));
    assert_eq!(told(&mut child, &log).0, [] as [Value; 0]);
}

#[test]
fn a_session_says_from_which_level_on_it_wants_to_be_told() {
    let mut child = Child::start_with(&[("FIXTURE_LOG", "1")]);
    child.initialize();
    let log = in_a_session(call(1, "log", json!({}), json!({})));
    assert_eq!(logged(&told(&mut child, &log).0), ["info", "error"]);
    for (level, expected) in [
        ("debug", &["debug", "info", "error"][..]),
        ("warning", &["error"]),
        ("alert", &[]),
    ] {
        let set = child.request(2, "logging/setLevel", json!({ "level": level }));
        assert_eq!(set["result"], json!({}));
        assert_eq!(logged(&told(&mut child, &log).0), expected);
    }
    for level in [json!("loud"), json!("INFO"), json!(7), json!(null)] {
        let set = child.request(2, "logging/setLevel", json!({ "level": level }));
        assert_eq!(set["error"]["code"], -32602, "{level}");
    }
    assert_eq!(
        child.request(2, "logging/setLevel", json!({}))["error"]["code"],
        -32602
    );
    assert_eq!(
        logged(&told(&mut child, &log).0),
        [] as [&str; 0],
        "the level stays"
    );
}

#[test]
fn a_request_without_a_session_says_so_itself() {
    let mut child = Child::start_with(&[("FIXTURE_LOG", "1")]);
    let mut log = |level: Value| {
        let extra = if level.is_null() {
            json!({})
        } else {
            json!({ LEVEL: level })
        };
        told(&mut child, &call(1, "log", json!({}), extra))
    };
    assert_eq!(logged(&log(Value::Null).0), [] as [&str; 0]);
    assert_eq!(logged(&log(json!("debug")).0), ["debug", "info", "error"]);
    assert_eq!(logged(&log(json!("notice")).0), ["error"]);
    for level in [json!("loud"), json!(7), json!({})] {
        let (notifications, answer) = log(level);
        assert_eq!(notifications, [] as [Value; 0]);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    let params = json!({ "level": "debug", "_meta": meta() });
    let set = child.request(1, "logging/setLevel", params);
    assert_eq!(set["error"]["code"], -32601);
    let discovered = child.request(1, "server/discover", json!({ "_meta": meta() }));
    assert_eq!(discovered["result"]["capabilities"]["logging"], json!({}));
}
