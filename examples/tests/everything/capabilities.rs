//! What the server can do, over real pipes, in both forms of the protocol.

use serde_json::{Value, json};

use crate::{
    child::Child,
    era::{Era, accept, text},
};

const LISTENING: &str = "notifications/subscriptions/acknowledged";

impl Child {
    /// The text of the result of a call, when nothing else is sent before it.
    #[track_caller]
    fn says(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.call(tool, arguments);
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        text(&answer)
    }

    /// As many messages as are said to come, in any order.
    #[track_caller]
    fn gather(&mut self, count: usize) -> Vec<Value> {
        (0..count).map(|_| self.receive()).collect()
    }

    /// Calls a tool with a progress token: the notifications before the answer, and the answer.
    #[track_caller]
    fn follow(&mut self, tool: &str, arguments: Value) -> (Vec<Value>, Value) {
        let meta = json!({ "progressToken": "steps" });
        self.hear(json!({ "name": tool, "arguments": arguments, "_meta": meta }))
    }

    /// The same with other parameters.
    #[track_caller]
    fn hear(&mut self, params: Value) -> (Vec<Value>, Value) {
        self.begin_with("followed", params);
        let mut notifications = Vec::new();
        loop {
            let message = self.receive();
            if message["id"] == "followed" {
                return (notifications, message);
            }
            notifications.push(message);
        }
    }

    /// Is told of changes from now on, in the way of the era.
    #[track_caller]
    fn listens(&mut self, filter: Value, uri: Option<&str>) {
        match (self.era, uri) {
            (Era::Modern, _) => {
                let params = self.era.params(json!({ "notifications": filter }));
                let method = "subscriptions/listen";
                self.send(&json!({
                    "jsonrpc": "2.0", "id": "listen", "method": method, "params": params,
                }));
                let first = self.receive();
                assert_eq!(first["method"], LISTENING, "{first}");
                assert_eq!(first["params"]["notifications"], filter);
            }
            (Era::Legacy(_), Some(uri)) => {
                let answer = self.request("resources/subscribe", json!({ "uri": uri }));
                assert_eq!(answer["result"], json!({}), "{answer}");
            }
            // Sessions are told of lists without having asked.
            (Era::Legacy(_), None) => {}
        }
    }

    /// The end: a modern listener gets the result of its request, and nobody gets anything else.
    #[track_caller]
    fn ends_listening(self) {
        let modern = self.era == Era::Modern;
        let (status, rest) = self.end();
        assert!(status.success(), "{status}");
        let ids: Vec<&Value> = rest.iter().map(|message| &message["id"]).collect();
        assert_eq!(
            ids,
            if modern { vec!["listen"] } else { vec![] },
            "{rest:?}"
        );
    }
}

/// The notification among messages.
#[track_caller]
fn notification<'a>(messages: &'a [Value], method: &str) -> &'a Value {
    let found = messages.iter().find(|message| message["method"] == method);
    found.unwrap_or_else(|| panic!("no {method}: {messages:#?}"))
}

#[test]
fn a_question_is_asked() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let asked = child.ask("ask_name", json!({}), |key, params| {
            assert_eq!(key, "name");
            assert_eq!(params["message"], "What is your name?");
            assert_eq!(params["requestedSchema"]["required"], json!(["name"]));
            accept(json!({ "name": "Ada" }))
        });
        assert_eq!(text(&asked.answer), "hello Ada");
        assert_eq!(asked.rounds, [["name"]]);
        child.lives();
        child.ends_well();
    }
}

#[test]
fn two_questions_are_one_round_and_the_next_another() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let asked = child.ask("ask_two", json!({}), |key, _| match key {
            "city" => accept(json!({ "city": "Rome" })),
            "seat" => accept(json!({ "seat": "12 A" })),
            _ => accept(json!({})),
        });
        assert_eq!(text(&asked.answer), "Rome/12 A/accept");
        let rounds = match era {
            Era::Modern => vec![vec!["city", "seat"], vec!["confirm"]],
            Era::Legacy(_) => vec![vec!["city"], vec!["seat"], vec!["confirm"]],
        };
        assert_eq!(asked.rounds, rounds);
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_side_effect_happens_once() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for effects in 1..=3 {
            let amount = json!({ "amount": 7 });
            let asked = child.ask("charge", amount, |_, _| accept(json!({})));
            let expected = format!("charged 7, {effects} side effects");
            assert_eq!(text(&asked.answer), expected);
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_refusal_is_told_to_the_model() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for action in ["decline", "cancel"] {
            let asked = child.ask(
                "charge",
                json!({ "amount": 7 }),
                |_, _| json!({ "action": action }),
            );
            assert_eq!(asked.answer["result"]["isError"], true);
            let asked = child.ask("ask_two", json!({}), |key, _| match key {
                "city" => accept(json!({ "city": "Rome" })),
                "seat" => accept(json!({ "seat": "12 A" })),
                _ => json!({ "action": action }),
            });
            assert_eq!(text(&asked.answer), format!("Rome/12 A/{action}"));
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_parameter_asks() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let path = json!({ "path": "a.txt" });
        let asked = child.ask("delete_file", path, |key, params| {
            assert_eq!(
                (key, &params["message"]),
                ("sure", &json!("Really delete a.txt?"))
            );
            accept(json!({ "forever": false }))
        });
        assert_eq!(text(&asked.answer), "deleted a.txt for now");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_page_is_opened() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let asked = child.ask("open_page", json!({}), |_, params| {
            assert_eq!(params["mode"], "url");
            assert_eq!(params["url"], "https://example.com/sign-in");
            json!({ "action": "accept" })
        });
        assert_eq!(text(&asked.answer), "opened");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn the_model_and_the_roots_are_asked_for() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let tool = "test_input_required_result_multiple_inputs";
        let asked = child.ask(tool, json!({}), |_, params| {
            if params.get("maxTokens").is_some() {
                let content = json!({ "type": "text", "text": "Welcome" });
                json!({ "role": "assistant", "model": "test", "content": content })
            } else if params.get("message").is_some() {
                accept(json!({ "name": "Ada" }))
            } else {
                json!({ "roots": [{ "uri": "file:///a" }] })
            }
        });
        assert_eq!(text(&asked.answer), "Welcome, Ada! 1 roots");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn progress_is_told_before_the_answer() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let (steps, answer) = child.follow("test_tool_with_progress", json!({}));
        assert_eq!(text(&answer), "Progress test completed");
        let told: Vec<&Value> = steps
            .iter()
            .map(|step| &step["params"]["progress"])
            .collect();
        let told: Vec<f64> = told.into_iter().filter_map(Value::as_f64).collect();
        assert_eq!(told, [0.0, 50.0, 100.0]);
        assert!(
            steps
                .iter()
                .all(|step| step["params"]["progressToken"] == "steps")
        );
        assert!(steps.iter().all(|step| step["params"]["total"] == 100.0));
        // Nobody is told who did not ask.
        let answer = child.call("test_tool_with_progress", json!({}));
        assert_eq!(text(&answer), "Progress test completed");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_list_is_tracked() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let items: Vec<u32> = (0..50).collect();
        let (steps, answer) = child.follow("sum", json!({ "items": items }));
        assert_eq!(text(&answer), "1225");
        let last = &steps.last().unwrap()["params"];
        assert_eq!(
            (&last["progress"], &last["total"]),
            (&json!(50.0), &json!(50.0))
        );
        child.lives();
        child.ends_well();
    }
}

#[test]
fn chunks_are_told_and_are_the_result() {
    for era in Era::ALL {
        for tool in ["stream", "tell"] {
            let mut child = Child::open(era);
            let (chunks, answer) = child.follow(tool, json!({ "chunks": 3 }));
            let told: Vec<&str> = chunks
                .iter()
                .filter_map(|chunk| chunk["params"]["message"].as_str())
                .collect();
            assert_eq!(told.concat(), "chunk 0chunk 1chunk 2");
            assert_eq!(text(&answer), told.concat());
            // Without a token the result holds them all the same.
            let answer = child.says(tool, json!({ "chunks": 3 }));
            assert_eq!(answer, told.concat());
            child.lives();
            child.ends_well();
        }
    }
}

fn logged(notifications: &[Value]) -> Vec<&str> {
    let logs = notifications
        .iter()
        .filter(|log| log["method"] == "notifications/message");
    logs.filter_map(|log| log["params"]["data"].as_str())
        .collect()
}

#[test]
fn logs_are_told_to_those_who_want_them() {
    const LEVEL: &str = "io.modelcontextprotocol/logLevel";
    let told = [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ];
    for era in Era::ALL {
        let mut child = Child::open(era);
        let call = json!({ "name": "test_tool_with_logging" });
        let with_level = |child: &mut Child, level: &str| match era {
            Era::Modern => json!({ "name": "test_tool_with_logging", "_meta": { LEVEL: level } }),
            Era::Legacy(_) => {
                let answer = child.request("logging/setLevel", json!({ "level": level }));
                assert_eq!(answer["result"], json!({}), "{answer}");
                call.clone()
            }
        };
        let unasked = child.hear(call.clone()).0;
        let expected: &[&str] = if era == Era::Modern { &[] } else { &told };
        assert_eq!(logged(&unasked), expected);
        let params = with_level(&mut child, "debug");
        assert_eq!(logged(&child.hear(params).0), told);
        let params = with_level(&mut child, "error");
        assert_eq!(child.hear(params).0, Vec::<Value>::new());
        match era {
            Era::Modern => {
                let params = json!({ "name": "echo", "_meta": { LEVEL: "loud" } });
                child.declines("tools/call", params, -32602);
            }
            Era::Legacy(_) => {
                child.declines("logging/setLevel", json!({ "level": "loud" }), -32602);
            }
        }
        child.ends_well();
    }
}

#[test]
fn another_task_has_the_context_of_the_call() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let (steps, answer) = child.follow("background", json!({}));
        assert_eq!(text(&answer), "followed");
        let [step] = &steps[..] else {
            panic!("one step: {steps:?}");
        };
        assert_eq!(step["params"]["message"], "in another task");
        child.lives();
        child.ends_well();
    }
}

#[test]
fn the_trace_of_the_client_is_known() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (parent, known) in [
            (format!("00-{id}-00f067aa0ba902b7-01"), id),
            (format!("00-{id}-00f067aa0ba902b7"), "none"),
            ("garbage".to_owned(), "none"),
        ] {
            let meta = json!({ "traceparent": parent });
            let (_, answer) = child.hear(json!({ "name": "trace", "_meta": meta }));
            assert_eq!(text(&answer), known);
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn nobody_is_known_without_authentication() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        assert_eq!(child.says("whoami", json!({})), "anonymous");
        let answer = child.call("admin_only", json!({}));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        child.ends_well();
    }
}

#[test]
fn a_tool_calls_a_tool_and_reads_a_resource() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        assert_eq!(child.says("double", json!({ "number": 21 })), "42");
        let text = child.fails("double", json!({ "number": i64::MAX }));
        assert!(text.contains("too large"), "{text}");
        let note = child.says("read_note", json!({ "id": 1 }));
        assert_eq!(note, "note 1, changed 0 times");
        child.fails("read_note", json!({ "id": 99 }));
        child.ends_well();
    }
}

#[test]
fn a_list_that_grows_is_announced() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.listens(json!({ "toolsListChanged": true }), None);
        child.begin(1, "grow", json!({}));
        let messages = child.gather(2);
        notification(&messages, "notifications/tools/list_changed");
        assert_eq!(child.says("grown", json!({})), "grown");
        let again = child.fails("grow", json!({}));
        assert!(again.contains("already"), "{again}");
        child.ends_listening();
    }
}

#[test]
fn a_note_that_changes_is_announced() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let filter = json!({ "resourceSubscriptions": ["note://1"] });
        child.listens(filter, Some("note://1"));
        child.begin(1, "touch_note", json!({ "id": 2 }));
        assert_eq!(child.receive()["id"], 1);
        child.begin(2, "touch_note", json!({ "id": 1 }));
        let messages = child.gather(2);
        let updated = notification(&messages, "notifications/resources/updated");
        assert_eq!(updated["params"]["uri"], "note://1");
        let note = child.request("resources/read", json!({ "uri": "note://1" }));
        let text = &note["result"]["contents"][0]["text"];
        assert_eq!(text, "note 1, changed 1 times");
        child.ends_listening();
    }
}

#[test]
fn nobody_is_told_who_did_not_listen() {
    let mut child = Child::open(Era::Modern);
    for tool in [
        "grow",
        "test_trigger_tool_change",
        "test_trigger_prompt_change",
    ] {
        let answer = child.call(tool, json!({}));
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        child.lives();
    }
    child.ends_well();
}

#[test]
fn a_tool_that_is_switched_off_is_gone() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        child.listens(json!({ "toolsListChanged": true }), None);
        for (on, listed) in [(false, 0), (true, 1)] {
            child.begin(1, "switch_echo", json!({ "on": on }));
            notification(&child.gather(2), "notifications/tools/list_changed");
            let tools = child.request("tools/list", json!({}));
            let tools = tools["result"]["tools"].as_array().unwrap();
            assert_eq!(
                tools.iter().filter(|tool| tool["name"] == "echo").count(),
                listed
            );
            let answer = child.call("echo", json!({ "payload": "x" }));
            assert_eq!(answer["error"]["code"] == -32602, !on, "{answer}");
        }
        child.ends_listening();
    }
}

#[test]
fn arguments_are_completed() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for (reference, name, typed, expected) in [
            (
                json!({ "type": "ref/prompt", "name": "review" }),
                "style",
                "v",
                json!(["verbose"]),
            ),
            (
                json!({ "type": "ref/prompt", "name": "test_prompt_with_arguments" }),
                "arg1",
                "par",
                json!(["paris", "park", "party"]),
            ),
            (
                json!({ "type": "ref/resource", "uri": "note://{id}" }),
                "id",
                "",
                json!(["1", "2", "3"]),
            ),
        ] {
            let argument = json!({ "name": name, "value": typed });
            let params = json!({ "ref": reference, "argument": argument });
            let answer = child.request("completion/complete", params);
            assert_eq!(
                answer["result"]["completion"]["values"], expected,
                "{answer}"
            );
        }
        let nobody = json!({ "type": "ref/prompt", "name": "nobody" });
        let argument = json!({ "name": "style", "value": "" });
        let params = json!({ "ref": nobody, "argument": argument });
        child.declines("completion/complete", params, -32602);
        child.ends_well();
    }
}

#[test]
fn cache_hints_stand_where_the_revision_has_them() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for (method, params, hints) in [
            ("tools/list", json!({}), (json!(0), json!("private"))),
            ("prompts/list", json!({}), (json!(0), json!("private"))),
            (
                "resources/read",
                json!({ "uri": "test://static-text" }),
                (json!(60_000), json!("public")),
            ),
            (
                "resources/read",
                json!({ "uri": "note://1" }),
                (json!(0), json!("private")),
            ),
        ] {
            let result = child.request(method, params)["result"].clone();
            let told = (result["ttlMs"].clone(), result["cacheScope"].clone());
            let expected = match era {
                Era::Modern => hints,
                Era::Legacy(_) => (Value::Null, Value::Null),
            };
            assert_eq!(told, expected, "{method}");
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn three_revisions_are_spoken() {
    for era in [
        Era::Modern,
        Era::Legacy("2025-11-25"),
        Era::Legacy("2025-06-18"),
    ] {
        let mut child = Child::open(era);
        let sum = child.call("add", json!({ "a": 1, "b": 2 }));
        let expected = match era {
            Era::Modern => json!(3),
            Era::Legacy(_) => json!({ "result": 3 }),
        };
        assert_eq!(sum["result"]["structuredContent"], expected);
        child.ends_well();
    }
    let mut child = Child::open(Era::Modern);
    let answer = child.request("server/discover", json!({}));
    let versions = json!(["2026-07-28", "2025-11-25", "2025-06-18"]);
    assert_eq!(answer["result"]["supportedVersions"], versions);
    let capabilities = &answer["result"]["capabilities"];
    assert_eq!(capabilities["tools"]["listChanged"], true);
    assert_eq!(capabilities["prompts"]["listChanged"], true);
    assert_eq!(capabilities["resources"]["subscribe"], true);
    assert!(capabilities["completions"].is_object());
    assert!(capabilities["logging"].is_object());
    child.ends_well();
}
