//! Handlers that misbehave, and clients that change their minds.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    child::Child,
    era::{Era, text},
};

#[test]
fn a_panic() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for tool in ["boom", "boom_later", "boom", "boom_later"] {
            let text = child.fails(tool, json!({}));
            assert!(text.contains("internal error"), "{text}");
        }
        // The lock that it held is not lost for those that come after it.
        let note = child.request("resources/read", json!({ "uri": "note://1" }));
        assert!(note["result"]["contents"].is_array(), "{note}");
        child.ends_well();
    }
}

#[test]
fn an_error_with_a_secret() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        assert_eq!(child.fails("fail_public", json!({})), "out of stock");
        let text = child.fails("fail_internal", json!({}));
        assert!(text.contains("reference"), "{text}");
        child.ends_well();
    }
}

#[test]
fn a_handler_that_blocks_its_thread() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let begun = Instant::now();
        for id in 0..2 {
            child.begin(id, "block", json!({ "ms": 5000 }));
        }
        for _ in 0..10 {
            child.lives();
        }
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
        for _ in 0..2 {
            assert_eq!(child.receive()["result"]["isError"], false);
        }
        child.ends_well();
    }
}

#[test]
fn a_handler_that_sleeps_for_ever() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let text = child.fails("nap", json!({}));
        assert!(text.contains("200"), "{text}");
        child.ends_well();
    }
}

#[test]
fn a_handler_that_prints() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let line = json!({ "jsonrpc": "2.0", "id": 1, "result": {} }).to_string();
        let answer = child.call("stdout", json!({ "line": line }));
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        child.tells(&line);
        child.lives();
        child.ends_well();
    }
}

fn hour() -> Value {
    json!({ "seconds": 3600, "steps": 1 })
}

#[test]
fn a_cancellation_of_what_runs() {
    for era in Era::ALL {
        for id in [json!(7), json!("7")] {
            let mut child = Child::open(era);
            child.begin(id.clone(), "slow", hour());
            child.lives();
            let begun = Instant::now();
            child.cancel(id.clone());
            child.tells("slow dropped");
            assert!(begun.elapsed().as_secs() < 1, "{:?}", begun.elapsed());
            child.cancel(id.clone());
            child.lives();
            // The id is free again.
            child.begin(id.clone(), "echo", json!({ "payload": "again" }));
            let answer = child.receive();
            assert_eq!((&answer["id"], &*text(&answer)), (&id, "again"));
            child.ends_well();
        }
    }
}

#[test]
fn a_cancellation_of_nothing() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.begin(7, "slow", json!({ "seconds": 0.2, "steps": 1 }));
        for params in [
            json!({ "requestId": "7" }),
            json!({ "requestId": 8 }),
            json!({ "requestId": 7.0 }),
            json!({ "requestId": null }),
            json!({ "requestId": [7] }),
            json!({ "reason": "none" }),
            json!([7]),
        ] {
            child.notify("notifications/cancelled", params);
        }
        assert_eq!(child.receive()["id"], 7);
        // Too late.
        child.cancel(7);
        // Too early.
        child.cancel(8);
        child.begin(8, "echo", json!({ "payload": "here" }));
        assert_eq!(child.receive()["id"], 8);
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_cancellation_of_initialize() {
    let mut child = Child::start(Era::LEGACY);
    let params = crate::child::initialize("2025-11-25");
    child.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
    child.cancel(1);
    assert!(child.receive()["result"].is_object());
    child.lives();
    child.ends_well();
}

fn with_token(tool: &str, arguments: Value, token: impl Into<Value>) -> Value {
    json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": token.into() } })
}

#[test]
fn a_progress_token_of_a_wrong_type() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let long = "x".repeat(1 << 20);
        for token in [json!({}), json!([1]), json!(1.5), json!(true), json!(long)] {
            let params = with_token("echo", json!({ "payload": "x" }), token);
            child.declines("tools/call", params, -32602);
        }
        child.ends_well();
    }
}

#[test]
fn a_progress_token_of_two_requests() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for id in [1, 2] {
            let slow = json!({ "seconds": 0.3, "steps": 3 });
            child.begin_with(id, with_token("slow", slow, "both"));
        }
        let mut answered = 0;
        while answered < 2 {
            let message = child.receive();
            match message["method"].as_str() {
                Some(method) => {
                    assert_eq!(method, "notifications/progress", "{message}");
                    assert_eq!(message["params"]["progressToken"], "both");
                }
                None => answered += 1,
            }
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_million_steps_of_progress() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let quick = json!({ "seconds": 0, "steps": 200_000 });
        child.begin_with(1, with_token("slow", quick, 7));
        let mut last = 0.0;
        let mut told = 0;
        loop {
            let message = child.receive();
            if message["id"] == 1 {
                break;
            }
            let step = message["params"]["progress"].as_f64().unwrap();
            assert!(step > last, "{step} after {last}");
            (last, told) = (step, told + 1);
        }
        assert!(
            (last - 200_000.0).abs() < 0.5,
            "the last step is not told: {last}"
        );
        assert!(told < 20_000, "{told} notifications");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_client_that_does_not_read() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.lives();
        #[cfg(target_os = "linux")]
        let base = child.memory();
        let gate = child.gate();
        let paused = gate.lock().unwrap();
        let quick = json!({ "seconds": 3600, "steps": 1_000_000 });
        child.begin_with(1, with_token("slow", quick, 1));
        child.begin(2, "slow", json!({ "seconds": 1, "steps": 1 }));
        child.cancel(1);
        child.tells("slow dropped");
        drop(paused);
        while child.receive()["id"] != 2 {}
        child.lives();
        #[cfg(target_os = "linux")]
        {
            let left = child.memory().saturating_sub(base);
            assert!(left < 16 << 20, "{left} bytes more than before");
        }
        child.ends_well();
    }
}
