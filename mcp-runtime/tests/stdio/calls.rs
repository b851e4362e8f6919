//! Calls side by side: order, panics, deadlines, cancellation, progress, handlers that block.

use std::{collections::HashSet, time::Instant};

use serde_json::{Value, json};

use crate::child::Child;

fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": "tools/call", "params": params })
}

fn call_with_progress(id: u64, tool: &str, arguments: Value) -> Value {
    let mut call = call(id, tool, arguments);
    call["params"]["_meta"] = json!({ "progressToken": format!("token {id}") });
    call
}

fn cancel(id: impl Into<Value>) -> Value {
    let params = json!({ "requestId": id.into(), "reason": "changed my mind" });
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })
}

#[test]
fn a_thousand_calls_in_one_write_are_all_answered() {
    let mut child = Child::initialized();
    let calls: Vec<String> = (0..1000)
        .map(|id| format!("{}\n", call(id, "add", json!({ "a": id, "b": 1 }))))
        .collect();
    child.write(calls.concat().as_bytes());
    let mut answered = HashSet::new();
    for _ in 0..1000 {
        let answer = child.receive();
        let id = answer["id"].as_i64().unwrap();
        assert_eq!(answer["result"]["structuredContent"]["result"], id + 1);
        assert!(answered.insert(id), "{id} is answered twice");
    }
    child.is_silent();
}

#[test]
fn a_thousand_calls_that_wait_are_all_answered() {
    let mut child = Child::initialized();
    let calls: Vec<String> = (0..3000)
        .map(|id| format!("{}\n", call(id, "sleep", json!({ "ms": 5 }))))
        .collect();
    child.write(calls.concat().as_bytes());
    let answered: HashSet<i64> = (0..3000)
        .map(|_| child.receive()["id"].as_i64().unwrap())
        .collect();
    assert_eq!(answered.len(), 3000);
}

#[test]
fn a_quick_call_overtakes_a_slow_one() {
    let mut child = Child::initialized();
    child.send(&call(1, "sleep", json!({ "ms": 300 })));
    child.send(&call(2, "add", json!({ "a": 1, "b": 2 })));
    assert_eq!(child.receive()["id"], 2);
    assert_eq!(child.receive()["id"], 1);
}

#[test]
fn a_handler_that_blocks_its_thread_stops_nobody_else() {
    for tool in ["block", "block_later"] {
        let mut child = Child::initialized();
        let begun = Instant::now();
        child.send(&call(1, tool, json!({ "ms": 3000 })));
        for id in 2..20 {
            child.send(&call(id, "add", json!({ "a": 1, "b": 2 })));
            assert_eq!(child.receive()["id"], id, "{tool}");
        }
        child.send(&call(20, "sleep", json!({ "ms": 1 })));
        assert_eq!(child.receive()["id"], 20);
        assert!(
            begun.elapsed().as_millis() < 2500,
            "{tool}: {:?}",
            begun.elapsed()
        );
        assert_eq!(child.receive()["id"], 1);
        child.is_silent();
    }
}

#[test]
fn handlers_that_block_again_and_again_are_all_answered() {
    let mut child = Child::initialized();
    for id in 0..20 {
        child.send(&call(id, "block", json!({ "ms": 15 })));
        child.send(&call(id + 100, "add", json!({ "a": 1, "b": 2 })));
    }
    let answered: HashSet<i64> = (0..40)
        .map(|_| child.receive()["id"].as_i64().unwrap())
        .collect();
    assert_eq!(answered.len(), 40);
    child.is_silent();
}

#[test]
fn a_runtime_of_one_thread_serves_too() {
    let mut child = Child::start_with(&[("FIXTURE_THREADS", "1")]);
    child.initialize();
    child.send(&call(1, "sleep", json!({ "ms": 100 })));
    child.send(&call(2, "block", json!({ "ms": 20 })));
    child.send(&call(3, "add", json!({ "a": 1, "b": 2 })));
    let answered: HashSet<i64> = (0..3)
        .map(|_| child.receive()["id"].as_i64().unwrap())
        .collect();
    assert_eq!(answered, HashSet::from([1, 2, 3]));
    child.close_input();
    child.ends_well();
}

#[test]
fn a_panic_is_an_answer_and_the_server_lives_on() {
    let mut child = Child::initialized();
    for tool in ["panic_now", "panic_later", "panic_now"] {
        let answer = child.call(tool, json!({}));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(!answer.to_string().contains("secret"), "{answer}");
        child.is_silent();
    }
}

#[test]
fn a_call_that_misses_its_deadline_is_dropped_and_answered() {
    let mut child = Child::initialized();
    let answer = child.call("hang", json!({}));
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    child.tells("hang dropped");
}

#[test]
fn a_call_that_is_taken_back_is_dropped_and_not_answered() {
    for id in [json!(7), json!("seven")] {
        let mut child = Child::initialized();
        child.send(&call(id.clone(), "wait", json!({})));
        child.tells("waiting");
        let begun = Instant::now();
        child.send(&cancel(id));
        child.tells("wait dropped");
        assert!(begun.elapsed().as_millis() < 100, "{:?}", begun.elapsed());
        child.is_silent();
        child.close_input();
        child.ends_well();
    }
}

#[test]
fn an_id_of_the_other_type_takes_nothing_back() {
    let mut child = Child::initialized();
    child.send(&call(7, "sleep", json!({ "ms": 100 })));
    child.send(&cancel("7"));
    child.send(&cancel(8));
    assert_eq!(child.receive()["id"], 7);
}

#[test]
fn a_call_can_be_taken_back_twice_and_after_its_answer() {
    let mut child = Child::initialized();
    child.send(&call(7, "wait", json!({})));
    child.tells("waiting");
    child.send(&cancel(7));
    child.send(&cancel(7));
    child.tells("wait dropped");
    child.call("add", json!({ "a": 1, "b": 2 }));
    child.send(&cancel("call"));
    child.is_silent();
    // The id is free again.
    child.send(&call(7, "add", json!({ "a": 1, "b": 2 })));
    assert_eq!(child.receive()["id"], 7);
}

#[test]
fn initialize_cannot_be_taken_back() {
    let mut child = Child::start();
    child.send(&crate::child::initialize("2025-11-25"));
    child.send(&cancel("initialize"));
    assert!(child.receive()["result"].is_object());
}

#[test]
fn an_id_in_use_is_refused_without_an_id_and_the_first_is_answered() {
    let mut child = Child::initialized();
    child.send(&call(7, "sleep", json!({ "ms": 300 })));
    child.send(&call(7, "print", json!({})));
    child.send(&json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }));
    // Also what is wrong for another reason must not pass for the answer.
    child.send(&json!({ "jsonrpc": "1.0", "id": 7, "method": "ping" }));
    for _ in 0..3 {
        let refusal = child.receive();
        assert_eq!(refusal["error"]["code"], -32600);
        assert!(refusal.get("id").is_none(), "{refusal}");
    }
    let answer = child.receive();
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["result"]["isError"], false);
    assert_eq!(child.request(7, "ping", json!({}))["result"], json!({}));
}

#[test]
fn progress_comes_in_order_before_the_answer() {
    let mut child = Child::initialized();
    child.send(&call_with_progress(1, "count", json!({ "to": 1000 })));
    for step in 1..=1000 {
        let notification = child.receive();
        assert_eq!(
            notification["method"], "notifications/progress",
            "{notification}"
        );
        assert_eq!(
            notification["params"]["progress"].as_f64(),
            Some(f64::from(step))
        );
        assert_eq!(notification["params"]["progressToken"], "token 1");
    }
    assert_eq!(child.receive()["id"], 1);
    child.is_silent();
}

#[test]
fn few_steps_of_a_ready_handler_come_before_its_answer_too() {
    let mut child = Child::initialized();
    child.send(&call_with_progress(1, "count", json!({ "to": 3 })));
    for _ in 0..3 {
        assert_eq!(child.receive()["method"], "notifications/progress");
    }
    assert_eq!(child.receive()["id"], 1);
}

#[test]
fn nothing_is_reported_without_a_token() {
    let mut child = Child::initialized();
    child.send(&call(1, "count", json!({ "to": 100 })));
    assert_eq!(child.receive()["id"], 1);
}

#[test]
fn no_progress_follows_when_a_call_is_taken_back() {
    let mut child = Child::initialized();
    child.send(&call_with_progress(1, "chatter", json!({})));
    for _ in 0..100 {
        assert_eq!(child.receive()["method"], "notifications/progress");
    }
    child.send(&cancel(1));
    child.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" }));
    while child.receive()["id"] != 2 {}
    child.tells("chatter dropped");
    child.is_silent();
}

#[test]
fn a_client_that_does_not_read_slows_the_handler_down() {
    let mut child = Child::initialized();
    let gate = child.gate();
    let paused = gate.lock().unwrap();
    child.send(&call_with_progress(1, "chatter", json!({})));
    for id in 2..6 {
        child.send(&call(id, "hang", json!({})));
        child.tells("hang dropped");
    }
    child.send(&cancel(1));
    let told = child.tells("chatter dropped");
    let steps: u64 = told.split_whitespace().last().unwrap().parse().unwrap();
    assert!((100..3000).contains(&steps), "{steps}");
    drop(paused);
    // They all waited for room, and whoever gets it first is first.
    let mut open = HashSet::from([2, 3, 4, 5]);
    while !open.is_empty() {
        if let Some(id) = child.receive()["id"].as_u64() {
            assert!(open.remove(&id), "{id}");
        }
    }
    child.is_silent();
}
