//! Lines and envelopes that are wrong.

use serde_json::{Value, json};

use crate::{child::Child, era::Era};

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// A line that calls `echo` with arguments that are no JSON, or that no client of ours would write.
fn echo(arguments: &str) -> String {
    let params = format!(r#"{{"name":"echo","arguments":{arguments}}}"#);
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#)
}

#[test]
fn malformed_json() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for line in [
            r#"{"jsonrpc":"#,
            "nonsense",
            r#"{"jsonrpc":"2.0",}"#,
            "{}{}",
        ] {
            child.refuses(line, -32700);
        }
        child.ends_well();
    }
}

#[test]
fn a_batch() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let params = era.params(json!({ "name": "touch_note", "arguments": { "id": 1 } }));
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        child.refuses(json!([call, call]).to_string(), -32600);
        // Nothing in it was executed.
        let note = child.request("resources/read", json!({ "uri": "note://1" }));
        let text = note["result"]["contents"][0]["text"].as_str().unwrap();
        assert!(text.contains("changed 0 times"), "{text}");
        child.ends_well();
    }
}

#[test]
fn what_is_no_object() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.line("");
        child.lives();
        for line in ["\"\"", "null", "42", "[]", "{}", "true"] {
            child.refuses(line, -32600);
        }
        child.ends_well();
    }
}

#[test]
fn an_id_of_a_wrong_type() {
    let mut child = Child::open(Era::LEGACY);
    for id in ["null", "true", "1.5", "{}", "[1]"] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        child.refuses(line, -32600);
    }
    child.ends_well();
}

#[test]
fn an_id_that_is_hard_to_echo() {
    let mut child = Child::open(Era::LEGACY);
    for id in [
        json!(-5),
        json!(""),
        json!(i64::MIN),
        json!("\u{0}é\u{202e}"),
    ] {
        child.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }));
        assert_eq!(child.receive()["id"], id);
    }
    let long = json!("x".repeat(10 << 10)).to_string();
    for id in ["9223372036854775808", "2.0", "1e2", &long] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        child.refuses(line, -32600);
    }
    child.ends_well();
}

#[test]
fn the_same_id_twice_in_flight() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.begin(7, "slow", json!({ "seconds": 0.5, "steps": 1 }));
        child.begin(7, "touch_note", json!({ "id": 1 }));
        let refusal = child.receive();
        assert_eq!(refusal["error"]["code"], -32600, "{refusal}");
        assert!(refusal.get("id").is_none(), "{refusal}");
        let answer = child.receive();
        assert_eq!(answer["id"], 7);
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        let note = child.request("resources/read", json!({ "uri": "note://1" }));
        let text = note["result"]["contents"][0]["text"].as_str().unwrap();
        assert!(text.contains("changed 0 times"), "{text}");
        child.lives();
        child.ends_well();
    }
}

/// A line is refused as an invalid request, with its id.
#[track_caller]
fn assert_invalid(child: &mut Child, line: &str) {
    child.line(line);
    let answer = child.receive();
    assert_eq!(answer["error"]["code"], -32600, "{line} -> {answer}");
    assert_eq!(answer["id"], 1, "{line} -> {answer}");
    child.lives();
}

#[test]
fn another_jsonrpc() {
    let mut child = Child::open(Era::LEGACY);
    assert_invalid(&mut child, r#"{"id":1,"method":"ping"}"#);
    assert_invalid(&mut child, r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#);
    assert_invalid(&mut child, r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#);
    child.ends_well();
}

#[test]
fn a_method_and_a_result() {
    let mut child = Child::open(Era::LEGACY);
    for line in [
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":"x"}}"#,
    ] {
        assert_invalid(&mut child, line);
    }
    child.ends_well();
}

#[test]
fn a_key_twice() {
    let mut child = Child::open(Era::LEGACY);
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#;
    assert_invalid(&mut child, twice);
    let id_twice = r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#;
    child.refuses(id_twice, -32600);
    for params in [
        r#"{"name":"echo","name":"boom","arguments":{"payload":"x"}}"#,
        r#"{"name":"echo","arguments":{"payload":"x","payload":"y"}}"#,
        r#"{"name":"echo","arguments":{"payload":"x"},"_meta":{"a":1,"a":2}}"#,
        r#"{"name":"echo","arguments":{"payload":"x"},"arguments":{"payload":"y"}}"#,
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        child.line(&line);
        let answer = child.receive();
        assert_eq!(answer["error"]["code"], -32602, "{line} -> {answer}");
        assert_eq!(answer["id"], 1, "{line} -> {answer}");
        child.lives();
    }
    child.ends_well();
}

/// A call is refused because its arguments cannot be read.
#[track_caller]
fn assert_unreadable(child: &mut Child, value: &str) {
    child.line(echo(&format!(r#"{{"payload":{value}}}"#)));
    let answer = child.receive();
    let shown = &value[..value.len().min(60)];
    let code = answer["error"]["code"].as_i64();
    assert!(
        matches!(code, Some(-32700 | -32600 | -32602)),
        "{shown} -> {answer}"
    );
    child.lives();
}

#[test]
fn nesting_of_a_hundred_thousand() {
    let mut child = Child::open(Era::LEGACY);
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = [open.repeat(100_000), "1".into(), close.repeat(100_000)].concat();
        assert_unreadable(&mut child, &deep);
        assert_unreadable(&mut child, &deep[..deep.len() / 2]);
    }
    child.ends_well();
}

#[test]
fn number_bombs() {
    let mut child = Child::open(Era::LEGACY);
    let digits = "9".repeat(1_000_000);
    for number in [
        "1e999", "-1e999", &digits, "NaN", "Infinity", "1e", "0x10", "01",
    ] {
        assert_unreadable(&mut child, number);
    }
    // What is a number, however odd, is one: a wrong argument or a right one, never a panic.
    for number in ["-0", "-0.0", "1e-999", "9007199254740993", "1E2"] {
        let params = format!(r#"{{"name":"add","arguments":{{"a":{number},"b":1}}}}"#);
        child.line(format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#
        ));
        let answer = child.receive();
        assert!(
            answer["result"]["isError"].is_boolean(),
            "{number} -> {answer}"
        );
        child.lives();
    }
    child.ends_well();
}

#[test]
fn text_that_is_no_unicode() {
    let mut child = Child::open(Era::LEGACY);
    child.refuses(
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        -32700,
    );
    child.refuses(b"\"\xc0\xaf\"", -32700);
    child.refuses(b"\"\xed\xa0\x80\"", -32700);
    for value in [r#""\ud800""#, r#""\udc00\ud800""#, r#""\ud800\u0041""#] {
        assert_unreadable(&mut child, value);
    }
    child.ends_well();
}

#[test]
fn a_byte_order_mark() {
    let mut child = Child::start(Era::LEGACY);
    child.line([b"\xef\xbb\xbf", PING.as_bytes()].concat());
    assert_eq!(child.receive()["result"], json!({}));
    child.initialize();
    // Anywhere else it is no JSON.
    child.refuses([b"\xef\xbb\xbf", PING.as_bytes()].concat(), -32700);
    child.ends_well();
}

#[test]
fn a_line_of_64_mebibytes() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.lives();
        #[cfg(target_os = "linux")]
        let base = child.memory();
        let chunk = vec![b'x'; 1 << 20];
        for _ in 0..64 {
            child.write(&chunk);
        }
        child.refuses(b"", -32600);
        #[cfg(target_os = "linux")]
        {
            assert!(child.peak_memory() < base + (24 << 20));
            let left = child.memory().saturating_sub(base);
            assert!(left < 8 << 20, "{left} bytes more than before");
        }
        child.ends_well();
    }
}

#[test]
fn a_thousand_lines_of_garbage() {
    let mut child = Child::open(Era::LEGACY);
    child.write("garbage\n".repeat(1000));
    child.send(&json!({ "jsonrpc": "2.0", "id": "end", "method": "ping" }));
    let told = |message: &Value| message["error"]["code"] == -32700;
    let complaints = std::iter::repeat_with(|| child.receive())
        .take_while(told)
        .count();
    assert!((1..=10).contains(&complaints), "{complaints}");
    child.lives();
    child.ends_well();
}

#[test]
fn every_byte_of_a_line_wrong() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let right = child.line_of(1, "echo", json!({ "payload": "x" }));
        let right = right.trim_end().as_bytes();
        for wrong in [b'"', b'{', b']', b'\\', b'0', 0, 0xff] {
            let mut lines = Vec::new();
            for at in 0..right.len() {
                let line = [&right[..at], &[wrong], &right[at + 1..], b"\n"];
                lines.extend(line.concat());
            }
            child.write(lines);
            child.begin("end", "echo", json!({ "payload": "x" }));
            // Whatever is answered is JSON, and nothing keeps the last one from being answered.
            while child.receive()["id"] != "end" {}
        }
        // Calls that came out right may be answered later than others.
        let (status, _) = child.end();
        assert!(status.success(), "{status}");
    }
}

#[test]
fn every_beginning_of_a_line() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let right = child.line_of(1, "echo", json!({ "payload": "x" }));
        for end in 1..right.len() - 1 {
            child.line(&right[..end]);
        }
        child.begin("end", "echo", json!({ "payload": "x" }));
        while child.receive()["id"] != "end" {}
        child.lives();
        child.ends_well();
    }
}
