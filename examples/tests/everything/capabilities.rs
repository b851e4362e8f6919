//! What the server can do, over real pipes, in both forms of the protocol.

use serde_json::{Value, json};

use crate::{
    child::Child,
    era::{Era, accept, text},
};

impl Child {
    /// The text of the result of a call, when nothing else is sent before it.
    #[track_caller]
    fn says(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.call(tool, arguments);
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        text(&answer)
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
fn nobody_is_known_without_authentication() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        assert_eq!(child.says("whoami", json!({})), "anonymous");
        child.fails("admin_only", json!({}));
        child.ends_well();
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
