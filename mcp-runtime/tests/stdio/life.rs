//! The beginning and the end of the process.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::child::Child;

fn call(id: u64, tool: &str, arguments: serde_json::Value) -> serde_json::Value {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

#[test]
fn the_end_of_the_input_is_the_end_of_the_server() {
    let mut child = Child::initialized();
    child.close_input();
    child.tells("shut down");
    child.tells("served Ok");
    child.ends_well();
}

#[test]
fn a_server_that_was_never_asked_ends_well_too() {
    let mut child = Child::start();
    child.close_input();
    child.ends_well();
}

#[test]
fn half_a_line_at_the_end_is_ignored() {
    let mut child = Child::initialized();
    child.write(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    child.close_input();
    child.ends_well();
}

#[test]
fn calls_in_flight_are_answered_after_the_end_of_the_input() {
    let mut child = Child::initialized();
    child.send(&call(1, "sleep", json!({ "ms": 300 })));
    child.send(&call(2, "block", json!({ "ms": 300 })));
    for id in 10..1000 {
        child.send(&call(id, "add", json!({ "a": 1, "b": 2 })));
    }
    child.close_input();
    let (status, rest) = child.end();
    assert!(status.success());
    assert_eq!(rest.len(), 992);
}

#[test]
fn a_call_that_never_ends_is_dropped_before_shutdown() {
    let mut child = Child::initialized();
    child.send(&call(1, "wait", json!({})));
    child.tells("waiting");
    let begun = Instant::now();
    child.close_input();
    child.tells("wait dropped");
    child.tells("shut down");
    child.ends_well();
    let taken = begun.elapsed();
    assert!(
        taken > Duration::from_secs(4) && taken < Duration::from_secs(8),
        "{taken:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_is_the_end_too() {
    for signal in ["-TERM", "-INT"] {
        let mut child = Child::initialized();
        child.signal(signal);
        child.tells("shut down");
        child.tells("served Ok");
        child.ends_well();
    }
}

#[cfg(unix)]
#[test]
fn calls_in_flight_may_finish_after_a_signal() {
    let mut child = Child::initialized();
    child.send(&call(1, "sleep", json!({ "ms": 300 })));
    child.send(&call(2, "wait", json!({})));
    child.tells("waiting");
    let begun = Instant::now();
    child.signal("-TERM");
    assert_eq!(child.receive()["id"], 1);
    child.tells("wait dropped");
    child.ends_well();
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_at_once() {
    let mut child = Child::initialized();
    child.send(&call(1, "wait", json!({})));
    child.tells("waiting");
    let begun = Instant::now();
    child.signal("-TERM");
    // Signals of one kind that come together are one.
    child.signal("-INT");
    child.tells("wait dropped");
    child.ends_well();
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_client_that_stops_reading_is_the_end_too() {
    let mut child = Child::initialized();
    child.send(&call(1, "wait", json!({})));
    child.tells("waiting");
    child.close_output();
    let begun = Instant::now();
    // The output is closed behind the first, and the second is longer than what a pipe holds.
    child.send(&call(2, "text", json!({ "length": 1 })));
    child.send(&call(3, "text", json!({ "length": 1_000_000 })));
    child.tells("wait dropped");
    child.tells("served Ok");
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
}

#[cfg(unix)]
#[test]
fn a_handler_that_blocks_for_ever_does_not_keep_the_process() {
    let mut child = Child::initialized();
    child.send(&call(1, "block", json!({ "ms": 3_600_000 })));
    child.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" }));
    assert_eq!(child.receive()["id"], 2);
    child.signal("-TERM");
    child.tells("served Ok");
    child.ends_well();
}

#[test]
fn a_server_that_fails_to_start_says_so_and_reads_nothing() {
    let child = Child::start_with(&[("FIXTURE_BROKEN", "1")]);
    let (status, rest) = child.end();
    assert!(!status.success());
    assert_eq!(rest, Vec::<String>::new());
}
