//! The two forms of the protocol: with a session, and with everything in every request.

use serde_json::{Value, json};

use crate::child::Child;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Era {
    /// 2026-07-28: no sessions.
    Modern,
    /// A session of this revision.
    Legacy(&'static str),
}

impl Era {
    pub(crate) const LEGACY: Self = Self::Legacy("2025-11-25");
    pub(crate) const ALL: [Self; 2] = [Self::Modern, Self::LEGACY];

    /// Parameters as this era sends them.
    pub(crate) fn params(self, mut params: Value) -> Value {
        if self == Self::Modern && params.is_object() {
            for (key, value) in meta().as_object().unwrap() {
                params["_meta"][key] = value.clone();
            }
        }
        params
    }
}

/// What a client says of itself that can do everything.
pub(crate) fn capabilities() -> Value {
    json!({
        "elicitation": { "form": {}, "url": {} },
        "sampling": {},
        "roots": { "listChanged": true },
    })
}

/// What every request without a session carries.
pub(crate) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities(),
    })
}

impl Child {
    /// The answer to a request, when nothing else is sent before it.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.exchange(method, self.era.params(params))
    }

    /// The answer to a call of a tool, when nothing else is sent before it.
    #[track_caller]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Sends a call of a tool whose answer is not awaited here.
    pub(crate) fn begin(&mut self, id: impl Into<Value>, tool: &str, arguments: Value) {
        let line = self.line_of(id, tool, arguments);
        self.write(line);
    }

    /// The same with parameters beside the arguments.
    pub(crate) fn begin_with(&mut self, id: impl Into<Value>, params: Value) {
        let params = self.era.params(params);
        let id = id.into();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    }

    /// The line that calls a tool.
    pub(crate) fn line_of(&self, id: impl Into<Value>, tool: &str, arguments: Value) -> String {
        let params = self
            .era
            .params(json!({ "name": tool, "arguments": arguments }));
        let id = id.into();
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        format!("{call}\n")
    }

    pub(crate) fn cancel(&mut self, id: impl Into<Value>) {
        let params = json!({ "requestId": id.into(), "reason": "changed my mind" });
        self.notify("notifications/cancelled", params);
    }

    /// A request is refused with this code, and the server lives on.
    #[track_caller]
    pub(crate) fn declines(&mut self, method: &str, params: Value, code: i64) -> Value {
        let answer = self.request(method, params);
        assert_eq!(answer["error"]["code"], code, "{method} -> {answer}");
        self.lives();
        answer["error"].clone()
    }

    /// A call of a tool ends with an error for the model, and the server lives on.
    #[track_caller]
    pub(crate) fn fails(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.call(tool, arguments);
        assert_eq!(answer["result"]["isError"], true, "{tool} -> {answer}");
        self.lives();
        text(&answer)
    }
}

/// The text of the first block of a tool's result.
#[track_caller]
pub(crate) fn text(answer: &Value) -> String {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text: {answer}"))
        .to_owned()
}

/// What came of a request that asks.
pub(crate) struct Asked {
    /// The answer to the last round.
    pub(crate) answer: Value,
    /// The keys of the questions, round by round; with a session every question is a round.
    pub(crate) rounds: Vec<Vec<String>>,
}

impl Child {
    /// Calls a tool and gives the results of this closure, which gets keys and parameters, for what it asks.
    #[track_caller]
    pub(crate) fn ask(
        &mut self,
        tool: &str,
        arguments: Value,
        mut answer: impl FnMut(&str, &Value) -> Value,
    ) -> Asked {
        let call = json!({ "name": tool, "arguments": arguments });
        let mut params = call.clone();
        let mut rounds = Vec::new();
        self.begin_with(1, params);
        loop {
            let message = self.receive();
            if message["method"].is_string() {
                // A question in place.
                let key = message["params"]["_meta"]["mcp-runtime/key"]
                    .as_str()
                    .unwrap();
                let result = answer(key, &message["params"]);
                rounds.push(vec![key.to_owned()]);
                self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
                continue;
            }
            let result = &message["result"];
            if result["resultType"] != "input_required" {
                return Asked {
                    answer: message,
                    rounds,
                };
            }
            let requests = result["inputRequests"].as_object().unwrap();
            params = call.clone();
            params["requestState"] = result["requestState"].clone();
            for (key, request) in requests {
                params["inputResponses"][key] = answer(key, &request["params"]);
            }
            rounds.push(requests.keys().cloned().collect());
            self.begin_with(1, params);
        }
    }
}

/// The answer of a user who fills in a form.
pub(crate) fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}
