//! Answers and states that were tampered with, and clients that cannot be asked.

use serde_json::{Value, json};

use crate::{
    child::{Child, initialize},
    era::{Era, accept, text},
};

const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// The first round of `charge`, up to the state that comes with the question.
fn begin_to_charge(child: &mut Child) -> String {
    let answer = child.call("charge", json!({ "amount": 7 }));
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    let state = answer["result"]["requestState"].as_str();
    state.unwrap().to_owned()
}

/// The second round of `charge`.
fn go_on(state: &str) -> Value {
    json!({
        "name": "charge",
        "arguments": { "amount": 7 },
        "requestState": state,
        "inputResponses": { "confirm": accept(json!({})) },
    })
}

#[test]
fn a_state_that_was_tampered_with() {
    let mut child = Child::open(Era::Modern);
    let state = begin_to_charge(&mut child);
    let mut other = go_on(&state);
    other["arguments"]["amount"] = json!(70_000);
    let mut tool = go_on(&state);
    tool["name"] = json!("test_streaming_elicitation");
    tool["arguments"] = json!({});
    let mut refused = vec![other, tool];
    for at in [0, state.len() / 2, state.len() - 1] {
        let mut flipped = state.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        refused.push(go_on(&String::from_utf8(flipped).unwrap()));
    }
    for state in [
        String::new(),
        format!("{state}-TAMPERED"),
        format!("{state}="),
        state[..state.len() / 2].to_owned(),
        state.repeat(2),
        "x".repeat(1 << 20),
        "\u{0}".to_owned(),
    ] {
        refused.push(go_on(&state));
    }
    let messages: Vec<Value> = refused
        .into_iter()
        .map(|params| child.declines("tools/call", params, -32602)["message"].clone())
        .collect();
    assert!(
        messages.iter().all(|message| message == &messages[0]),
        "{messages:#?}"
    );
    // The right one still works, and was charged for once.
    let answer = child.request("tools/call", go_on(&state));
    assert_eq!(text(&answer), "charged 7, 1 side effects");
    child.lives();
    child.ends_well();
}

#[test]
fn a_state_that_is_no_text() {
    let mut child = Child::open(Era::Modern);
    for state in [json!(5), json!({}), json!([])] {
        let mut params = go_on("");
        params["requestState"] = state;
        child.declines("tools/call", params, -32602);
    }
    child.ends_well();
}

#[test]
fn a_state_twice() {
    let mut child = Child::open(Era::Modern);
    let state = begin_to_charge(&mut child);
    for _ in 0..2 {
        let answer = child.request("tools/call", go_on(&state));
        assert_eq!(text(&answer), "charged 7, 1 side effects");
    }
    child.lives();
    child.ends_well();
}

#[test]
fn a_state_of_another_process() {
    const KEYS: [&str; 2] = [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    ];
    let with_keys = |keys: &str| Child::start_with(Era::Modern, &[("MCP_STATE_KEY", keys)]);
    let state = begin_to_charge(&mut with_keys(KEYS[0]));
    for mut stranger in [Child::open(Era::Modern), with_keys(KEYS[1])] {
        stranger.declines("tools/call", go_on(&state), -32602);
        stranger.ends_well();
    }
    for keys in [KEYS[0].to_owned(), format!("{},{}", KEYS[1], KEYS[0])] {
        let mut sibling = with_keys(&keys);
        let answer = sibling.request("tools/call", go_on(&state));
        assert_eq!(text(&answer), "charged 7, 1 side effects");
        sibling.lives();
        sibling.ends_well();
    }
}

#[test]
fn answers_that_are_none() {
    let mut child = Child::open(Era::Modern);
    for answer in [
        json!(12345),
        json!(null),
        json!("Ada"),
        json!([]),
        json!({}),
        json!({ "action": "hack", "content": { "name": "Ada" } }),
        json!({ "action": "accept" }),
        json!({ "action": "ACCEPT", "content": { "name": "Ada" } }),
        json!({ "content": { "name": "Ada" } }),
        accept(json!({ "name": 5 })),
        accept(json!(null)),
        accept(json!(["Ada"])),
    ] {
        let params = json!({ "name": "ask_name", "inputResponses": { "name": answer } });
        let answer = child.request("tools/call", params);
        let asks_again = answer["result"]["resultType"] == "input_required";
        let refuses = answer["error"]["code"] == -32602;
        assert!(asks_again || refuses, "{answer}");
        child.lives();
    }
    child.ends_well();
}

#[test]
fn answers_to_what_was_not_asked() {
    let mut child = Child::open(Era::Modern);
    let ada = accept(json!({ "name": "Ada" }));
    let wrong = json!({ "name": "ask_name", "inputResponses": { "nobody": ada } });
    let answer = child.request("tools/call", wrong);
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    // The right one may come at once, and with others.
    let both = json!({ "name": "ask_name", "inputResponses": { "name": ada, "nobody": 5 } });
    assert_eq!(text(&child.request("tools/call", both)), "hello Ada");
    // Where nothing is asked, they are nothing.
    let list = child.request("tools/list", json!({ "inputResponses": { "name": ada } }));
    assert!(list["result"]["tools"].is_array(), "{list}");
    child.lives();
    child.ends_well();
}

#[test]
fn answers_that_are_no_map() {
    let mut child = Child::open(Era::Modern);
    for answers in [json!(null), json!([]), json!(5), json!("name")] {
        let params = json!({ "name": "ask_name", "inputResponses": answers });
        let answer = child.request("tools/call", params);
        let asks = answer["result"]["resultType"] == "input_required";
        assert!(asks || answer["error"]["code"] == -32602, "{answer}");
        child.lives();
    }
    child.ends_well();
}

#[test]
fn a_thousand_rounds_of_wrong_answers() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let asked = child.ask("ask_name", json!({}), |_, _| accept(json!({ "name": 5 })));
        assert!(asked.rounds.len() <= 16, "{}", asked.rounds.len());
        assert_ne!(asked.answer["result"]["isError"], false, "{}", asked.answer);
        child.lives();
        child.ends_well();
    }
}

#[test]
fn wrong_answers_to_a_question_in_place() {
    let mut child = Child::open(Era::LEGACY);
    child.begin(1, "ask_name", json!({}));
    let question = child.receive();
    let ada = accept(json!({ "name": "Ada" }));
    let text_of_id = question["id"].to_string();
    for id in [json!("nobody"), json!(null), json!(4711), json!(text_of_id)] {
        child.send(&json!({ "jsonrpc": "2.0", "id": id, "result": ada }));
        child.lives();
    }
    child.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": 5 }));
    // Asked again, with another id.
    let again = child.receive();
    assert_eq!(again["method"], "elicitation/create", "{again}");
    child.send(&json!({ "jsonrpc": "2.0", "id": again["id"], "result": ada }));
    let answer = child.receive();
    assert_eq!((&answer["id"], &*text(&answer)), (&json!(1), "hello Ada"));
    // An answer that comes twice is one to no question.
    child.send(&json!({ "jsonrpc": "2.0", "id": again["id"], "result": ada }));
    child.lives();
    child.ends_well();
}

#[test]
fn a_refusal_of_a_question_in_place() {
    let mut child = Child::open(Era::LEGACY);
    child.begin(1, "ask_name", json!({}));
    let question = child.receive();
    let error = json!({ "code": -1, "message": "the user is asleep" });
    child.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "error": error }));
    let answer = child.receive();
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    child.lives();
    child.ends_well();
}

#[test]
fn a_cancellation_while_a_question_is_open() {
    let mut child = Child::open(Era::LEGACY);
    child.begin(1, "ask_name", json!({}));
    let question = child.receive();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    child.cancel(1);
    child.lives();
    let late = accept(json!({ "name": "Ada" }));
    child.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": late }));
    child.lives();
    child.ends_well();
}

#[test]
fn a_client_that_cannot_be_asked() {
    let mut child = Child::open(Era::Modern);
    // What was declared once counts for that request alone.
    let asked = child.call("ask_name", json!({}));
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    for (tool, declared, required) in [
        (
            "ask_name",
            json!({}),
            json!({ "elicitation": { "form": {} } }),
        ),
        (
            "ask_name",
            json!({ "elicitation": { "url": {} } }),
            json!({ "elicitation": { "form": {} } }),
        ),
        (
            "open_page",
            json!({ "elicitation": {} }),
            json!({ "elicitation": { "url": {} } }),
        ),
        (
            "test_missing_capability",
            json!({ "elicitation": {} }),
            json!({ "sampling": {} }),
        ),
    ] {
        let mut params = Era::Modern.params(json!({ "name": tool }));
        params["_meta"][CAPABILITIES] = declared;
        let answer = child.exchange("tools/call", params);
        assert_eq!(answer["error"]["code"], -32021, "{tool} -> {answer}");
        let told = &answer["error"]["data"]["requiredCapabilities"];
        assert_eq!(told, &required, "{tool}");
        child.lives();
    }
    child.ends_well();
}

#[test]
fn a_session_that_cannot_be_asked() {
    let mut child = Child::start(Era::LEGACY);
    let mut params = initialize("2025-11-25");
    params["capabilities"] = json!({});
    child.exchange("initialize", params);
    for tool in ["ask_name", "open_page", "test_missing_capability"] {
        let text = child.fails(tool, json!({}));
        assert!(text.contains("cannot be asked"), "{text}");
    }
    child.ends_well();
}
