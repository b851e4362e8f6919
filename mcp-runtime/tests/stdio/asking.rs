//! Questions to the client, over real pipes.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::child::{Child, initialize, with_meta};

/// A server with a session of 2025-11-25 whose client shows forms.
fn session() -> Child {
    let mut child = Child::start();
    let mut request = initialize("2025-11-25");
    request["params"]["capabilities"] = json!({ "elicitation": {} });
    child.send(&request);
    child.receive();
    child.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    child
}

/// Calls `ask`, up to its question.
fn asked(child: &mut Child, id: u64) -> Value {
    let params = json!({ "name": "ask", "arguments": {} });
    child.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    child.receive()
}

fn answer(child: &mut Child, question: &Value, name: &str) {
    let result = json!({ "action": "accept", "content": { "name": name } });
    child.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }));
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("no text: {answer}"))
}

#[test]
fn a_session_is_asked_in_place() {
    let mut child = session();
    let question = asked(&mut child, 1);
    assert_eq!(question["jsonrpc"], "2.0");
    assert_eq!(question["method"], "elicitation/create");
    let params = json!({
        "mode": "form",
        "message": "What is your name?",
        "requestedSchema": {
            "type": "object",
            "properties": { "name": { "type": "string" } },
            "required": ["name"],
        },
        "_meta": { "mcp-runtime/key": "name" },
    });
    assert_eq!(question["params"], params);
    // Other calls go on meanwhile.
    child.is_silent();
    answer(&mut child, &question, "Ada");
    let answered = child.receive();
    assert_eq!(answered["id"], 1);
    assert_eq!(text(&answered), "Ada");
}

#[test]
fn each_answer_finds_its_call() {
    let mut child = session();
    let questions: Vec<Value> = (0..50).map(|id| asked(&mut child, id)).collect();
    for (at, question) in questions.iter().enumerate().rev() {
        answer(&mut child, question, &at.to_string());
        let answered = child.receive();
        assert_eq!(answered["id"], at);
        assert_eq!(text(&answered), at.to_string());
    }
}

#[test]
fn answers_to_no_question_are_ignored() {
    let mut child = session();
    let question = asked(&mut child, 1);
    for id in [json!(99), json!("1"), json!(null), json!(1.5), json!({})] {
        answer(&mut child, &json!({ "id": id }), "Eve");
    }
    let id = &question["id"];
    child.write(format!("{{\"id\":{id},\"id\":{id},\"result\":{{}}}}\n").as_bytes());
    child.is_silent();
    answer(&mut child, &question, "Ada");
    assert_eq!(text(&child.receive()), "Ada");
    answer(&mut child, &question, "late");
    child.is_silent();
}

#[test]
fn an_answer_in_doubt_is_asked_again() {
    let mut child = session();
    let mut question = asked(&mut child, 1);
    for rest in [
        r#""result":{},"error":{}"#,
        r#""result":{"action":"accept","action":"decline"}"#,
        r#""result":[]"#,
    ] {
        let id = question["id"].clone();
        child.write(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},{rest}}}\n").as_bytes());
        question = child.receive();
        assert_eq!(question["method"], "elicitation/create", "{rest}");
        assert_ne!(question["id"], id);
    }
}

#[test]
fn a_call_that_is_taken_back_says_nothing_more() {
    let mut child = session();
    let question = asked(&mut child, 1);
    let params = json!({ "requestId": 1 });
    child.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }));
    child.tells("ask dropped");
    child.is_silent();
    answer(&mut child, &question, "late");
    child.is_silent();
}

#[test]
fn a_client_that_goes_away_leaves_no_question_open() {
    let mut child = session();
    asked(&mut child, 1);
    child.close_input();
    let answered = child.receive();
    assert!(text(&answered).contains("the client is gone"), "{answered}");
    child.ends_well();
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_end_waits_for_no_answer() {
    let mut child = session();
    asked(&mut child, 1);
    child.signal("-TERM");
    let answered = child.receive();
    assert!(text(&answered).contains("the client is gone"), "{answered}");
    child.ends_well();
}

/// One round of `ask` without a session.
fn round(child: &mut Child, state: Option<&Value>) -> Value {
    let mut params = with_meta(json!({ "name": "ask", "arguments": {} }));
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
    if let Some(state) = state {
        params["requestState"] = state.clone();
        let name = json!({ "action": "accept", "content": { "name": "Ada" } });
        params["inputResponses"] = json!({ "name": name });
    }
    child.request("round", "tools/call", params)
}

#[test]
fn processes_with_one_key_take_calls_over_from_each_other() {
    let key = |byte: u8| BASE64.encode(&[byte; 32]);
    let with_keys = |keys: &str| Child::start_with(&[("MCP_STATE_KEY", keys)]);
    let mut one = with_keys(&key(1));
    let asked = round(&mut one, None);
    let state = &asked["result"]["requestState"];
    assert!(state.is_string(), "{asked}");
    let both = format!("{},{}", key(2), key(1));
    for (keys, opens) in [(key(1), true), (both, true), (key(2), false)] {
        let answer = round(&mut with_keys(&keys), Some(state));
        if opens {
            assert_eq!(text(&answer), "Ada");
        } else {
            assert_eq!(answer["error"]["code"], -32602, "{answer}");
        }
    }
    // Without a key, each process has its own.
    let answer = round(&mut Child::start(), Some(state));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[test]
fn a_key_that_is_none_is_told_at_start() {
    let mut child = Child::start_with(&[("MCP_STATE_KEY", "secret")]);
    let told = child.tells("MCP_STATE_KEY");
    assert!(told.contains("base64 of 32 bytes"), "{told}");
    assert!(!child.end().0.success());
}
