//! Results that are wrong or too large, and the end of the process.

use std::time::Instant;

use serde_json::json;

use crate::{child::Child, era::Era};

#[test]
fn a_result_of_a_hundred_mebibytes() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let text = child.fails("big", json!({ "bytes": 100 << 20 }));
        assert!(text.contains("larger than"), "{text}");
        let answer = child.call("big", json!({ "bytes": 1 << 20 }));
        let text = answer["result"]["content"][0]["text"].as_str();
        assert_eq!(text.map(str::len), Some(1 << 20));
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_result_that_is_no_number() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let text = child.fails("average", json!({}));
        assert!(text.contains("internal error"), "{text}");
        let answer = child.call("average", json!({ "numbers": [1, 2] }));
        assert_eq!(answer["result"]["content"][0]["text"], "1.5");
        child.ends_well();
    }
}

#[test]
fn half_a_line_and_then_the_end() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.lives();
        child.write(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"#);
        child.ends_well();
    }
}

#[test]
fn the_end_with_a_call_in_flight() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.begin(1, "slow", json!({ "seconds": 0.3, "steps": 1 }));
        let (status, rest) = child.end();
        assert!(status.success(), "{status}");
        let [answer] = &rest[..] else {
            panic!("one answer: {rest:?}");
        };
        assert_eq!(answer["id"], 1);
    }
}

#[test]
fn the_end_with_a_call_that_never_ends() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.begin(1, "slow", json!({ "seconds": 3600, "steps": 1 }));
        child.lives();
        let begun = Instant::now();
        child.close_input();
        child.tells("slow dropped");
        child.ends_well();
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_with_calls_in_flight() {
    for era in Era::ALL {
        for signal in ["-TERM", "-INT"] {
            let mut child = Child::open(era);
            child.begin(1, "slow", json!({ "seconds": 0.5, "steps": 1 }));
            child.lives();
            child.signal(signal);
            assert_eq!(child.receive()["id"], 1);
            child.ends_well();
        }
    }
}

#[cfg(unix)]
#[test]
fn a_signal_with_a_thread_that_is_blocked() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.begin(1, "block", json!({ "ms": 3_600_000 }));
        child.lives();
        let begun = Instant::now();
        child.signal("-TERM");
        child.ends_well();
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_with_an_open_listen() {
    let mut child = Child::open(Era::Modern);
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let params = Era::Modern.params(filter);
    let method = "subscriptions/listen";
    child.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
    assert!(child.receive()["method"].is_string());
    child.signal("-TERM");
    let answer = child.receive();
    assert_eq!(answer["id"], 1, "{answer}");
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
    child.ends_well();
}

#[test]
fn the_end_with_an_open_question() {
    let mut child = Child::open(Era::LEGACY);
    child.begin(1, "ask_name", json!({}));
    assert_eq!(child.receive()["method"], "elicitation/create");
    let begun = Instant::now();
    // Nobody is left to answer, so that nobody is waited for.
    let (status, rest) = child.end();
    assert!(status.success(), "{status}");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    assert!(rest.len() <= 1, "{rest:?}");
    for answer in rest {
        assert_eq!(answer["id"], 1, "{answer}");
        assert_eq!(answer["result"]["isError"], true, "{answer}");
    }
}
