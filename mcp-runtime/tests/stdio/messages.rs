//! Lines, envelopes and parameters: what is refused and how, and that the server lives on.

use serde_json::json;

use crate::child::{Child, with_meta};

#[test]
fn what_is_not_json_is_refused_without_an_id() {
    let mut child = Child::start();
    child.refuses(r#"{"jsonrpc":"#, -32700);
    child.refuses("nonsense", -32700);
    child.refuses_bytes(
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        -32700,
    );
    child.refuses_bytes(b"\"\xc0\xaf\"", -32700);
    child.refuses(r#"{"jsonrpc":"2.0","id":NaN,"method":"ping"}"#, -32700);
}

#[test]
fn an_echo_of_garbage_is_answered_a_few_times_and_then_ignored() {
    let mut child = Child::start();
    child.write("garbage\n".repeat(1000).as_bytes());
    let params = with_meta(json!({}));
    child.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params }));
    let mut complaints = 0;
    while child.receive()["error"]["code"] == -32700 {
        complaints += 1;
    }
    assert!((1..=10).contains(&complaints), "{complaints}");
}

#[test]
fn a_batch_is_refused_and_nothing_in_it_is_executed() {
    let mut child = Child::initialized();
    let call =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "print" } });
    child.refuses(&json!([call, call]).to_string(), -32600);
    child.refuses("[]", -32600);
}

#[test]
fn what_is_not_an_object_is_refused() {
    let mut child = Child::start();
    for line in ["\"\"", "null", "42", "true", "{}"] {
        child.refuses(line, -32600);
    }
}

#[test]
fn empty_lines_and_carriage_returns_are_ignored() {
    let mut child = Child::start();
    child.write(b"\n\r\n  \t\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n");
    assert_eq!(
        child.receive(),
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} })
    );
    child.is_silent();
}

#[test]
fn a_byte_order_mark_at_the_start_is_ignored() {
    let mut child = Child::start();
    child.write(b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
    assert_eq!(child.receive()["id"], 1);
}

#[test]
fn a_message_may_come_in_pieces() {
    let mut child = Child::start();
    for byte in b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n" {
        child.write(&[*byte]);
    }
    assert_eq!(child.receive()["id"], 1);
}

#[test]
fn an_id_comes_back_as_it_was_sent() {
    let mut child = Child::start();
    for id in [
        json!(0),
        json!(-5),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("1"),
        json!("é\"\\\n"),
    ] {
        let answer = child.request(id, "ping", json!({}));
        assert_eq!(answer["result"], json!({}));
    }
}

#[test]
fn anything_else_is_no_id() {
    let mut child = Child::start();
    let long = format!("{:?}", "x".repeat(10 * 1024));
    for id in [
        "null",
        "true",
        "1.5",
        "2.0",
        "{}",
        "[1]",
        "9223372036854775808",
        &long,
    ] {
        child.refuses(
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#),
            -32600,
        );
    }
}

#[test]
fn an_envelope_that_is_wrong_is_refused_with_its_id() {
    let mut child = Child::start();
    for line in [
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
    ] {
        child.write(format!("{line}\n").as_bytes());
        let answer = child.receive();
        assert_eq!(answer["error"]["code"], -32600, "{line} -> {answer}");
        assert_eq!(answer["id"], 1, "{line} -> {answer}");
        child.is_silent();
    }
}

#[test]
fn an_id_that_stands_twice_is_not_told() {
    let mut child = Child::start();
    child.refuses(r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32600);
}

#[test]
fn a_key_that_stands_twice_in_the_parameters_is_refused() {
    let mut child = Child::initialized();
    for params in [
        r#"{"name":"add","name":"add","arguments":{"a":1,"b":2}}"#,
        r#"{"name":"add","arguments":{"a":1,"a":2,"b":2}}"#,
        r#"{"name":"add","arguments":{"a":1,"b":{"c":[{"d":1,"d":2}]}}}"#,
        r#"{"name":"add","_meta":{"x":1,"x":1},"arguments":{"a":1,"b":2}}"#,
    ] {
        child.write(
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{params}}}\n"
            )
            .as_bytes(),
        );
        let answer = child.receive();
        assert_eq!(answer["error"]["code"], -32602, "{params} -> {answer}");
        assert_eq!(answer["id"], 1);
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains("twice")
        );
    }
    child.is_silent();
}

#[test]
fn arguments_that_are_no_json_for_us_are_refused() {
    let mut child = Child::initialized();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let large = "9".repeat(1_000_000);
    for value in [&*deep, &*large, "1e999", r#""\ud800""#] {
        child.write(
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"add\",\"arguments\":{{\"a\":{value},\"b\":1}}}}}}\n"
            )
            .as_bytes(),
        );
        let answer = child.receive();
        assert_eq!(answer["error"]["code"], -32700, "{answer}");
        assert_eq!(answer["id"], 1);
        child.is_silent();
    }
}

#[test]
fn parameters_of_the_wrong_shape_are_named() {
    let mut child = Child::initialized();
    for (method, params, problem) in [
        ("tools/call", json!({}), "`name` is missing"),
        (
            "tools/call",
            json!({ "name": 5 }),
            "`name` must be a string",
        ),
        (
            "tools/call",
            json!({ "name": "add", "arguments": [] }),
            "`arguments` must be an object",
        ),
        ("tools/call", json!([]), "they must be an object"),
        (
            "tools/call",
            json!({ "name": "add", "_meta": [] }),
            "expected `_meta` to be an object",
        ),
        (
            "tools/call",
            json!({ "name": "add", "_meta": { "progressToken": {} } }),
            "progressToken",
        ),
        (
            "tools/call",
            json!({ "name": "add", "_meta": { "progressToken": "x".repeat(2000) } }),
            "progressToken",
        ),
        (
            "tools/list",
            json!({ "cursor": 5 }),
            "`cursor` must be a string",
        ),
        ("tools/list", json!({ "cursor": "" }), "cursor"),
        (
            "tools/list",
            json!({ "cursor": "x".repeat(1 << 20) }),
            "cursor",
        ),
        ("resources/read", json!({ "uri": null }), "`uri` is missing"),
        ("prompts/get", json!({ "name": "nobody" }), "Unknown prompt"),
        ("tools/call", json!({ "name": "Add" }), "Unknown tool `Add`"),
        ("tools/call", json!({ "name": "add\u{0}" }), "Unknown tool"),
        (
            "tools/call",
            json!({ "name": "x".repeat(1 << 20) }),
            "Unknown tool",
        ),
    ] {
        let answer = child.request(1, method, params);
        assert_eq!(answer["error"]["code"], -32602, "{method} -> {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(problem), "{message}");
        assert!(message.len() < 400, "{message}");
    }
}

#[test]
fn arguments_against_the_schema_are_for_the_model_to_read() {
    let mut child = Child::initialized();
    let answer = child.call("add", json!({ "a": "one", "c": 1 }));
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(answer["result"]["content"][0]["text"].is_string());
}

#[test]
fn methods_that_are_not_served_are_refused() {
    let mut child = Child::initialized();
    for method in [
        "nonsense",
        "",
        "logging/setLevel",
        "resources/subscribe",
        "completion/complete",
        "subscriptions/listen",
        "notifications/cancelled",
    ] {
        let answer = child.request(1, method, json!({}));
        assert_eq!(answer["error"]["code"], -32601, "{method} -> {answer}");
    }
}

#[test]
fn a_line_over_the_limit_is_refused_once() {
    let mut child = Child::start_with(&[("FIXTURE_LINE", "1000")]);
    child.refuses(&"x".repeat(5000), -32600);
    child.refuses(
        &format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}",
            "x".repeat(1000)
        ),
        -32600,
    );
}

#[test]
fn a_line_of_64_mebibytes_is_not_kept_in_memory() {
    let mut child = Child::start();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        child.write(&chunk);
    }
    let answer = child.receive();
    assert_eq!(answer["error"]["code"], -32600, "{answer}");
    assert!(answer.get("id").is_none());
    #[cfg(target_os = "linux")]
    assert!(child.peak_memory() < 48 << 20, "{}", child.peak_memory());
    child.write(b"\n");
    child.is_silent();
}

#[test]
fn notifications_and_answers_get_no_answer() {
    let mut child = Child::start();
    for line in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/nonsense","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"print"}}"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
    ] {
        child.write(format!("{line}\n").as_bytes());
        child.is_silent();
    }
}
