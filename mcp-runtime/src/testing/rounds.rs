//! Answers the questions of a server where they arrive: as requests in a session, as the result of a call without one.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use rmcp::model::RequestId;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    Question,
    line::{Line, Sent, text},
    question::Reply,
};
use crate::driver::message;

/// More rounds than any server needs: one that never has enough must not hold a test for ever.
const ROUNDS: usize = 100;

/// The questions that are the result of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Required {
    #[serde(default)]
    input_requests: Map<String, Value>,
    request_state: Option<Value>,
}

impl Line {
    /// Answers a request of the server if it is a question; any other one is left for rmcp's client.
    pub(super) fn asked(&self, id: &RequestId, asked: Value) -> bool {
        let Some(question) = Question::read(None, asked) else {
            return false;
        };
        self.log.push_question(question.clone());
        let answer = match self.reply(&question) {
            None | Some(Reply::Nothing) => return true,
            Some(Reply::Result(result)) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Some(Reply::Refusal(code, text)) => {
                let error = json!({ "code": code, "message": text });
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            }
        };
        // A server that is gone needs no answer.
        let _ = self.send(Arc::new(text(&answer)));
        true
    }

    /// Sends a request once more, with the answers to the questions that were its result.
    ///
    /// A question without an answer holds it back: either the test has failed, or it wants no answer to come.
    pub(super) fn next_round(&self, mut sent: Sent, required: &RawValue) {
        let required = match serde_json::from_str::<Required>(required.get()) {
            Ok(required) => required,
            Err(error) => {
                let failure = format!("the server asked in an odd way, {error}: {required}");
                return self.log.fail(failure);
            }
        };
        let Some(answers) = self.answers(required.input_requests) else {
            return;
        };
        sent.rounds += 1;
        if sent.rounds > ROUNDS {
            let failure = format!("the server asked in more than {ROUNDS} rounds");
            return self.log.fail(failure);
        }
        sent.resume(answers, required.request_state);
        // A server that is gone needs no answers.
        let _ = self.send_round(sent);
    }

    /// The answers to all questions of a round, if all are answered.
    fn answers(&self, requests: Map<String, Value>) -> Option<Map<String, Value>> {
        let mut questions = Vec::new();
        for (key, request) in requests {
            let shown = request.to_string();
            let Some(question) = Question::read(Some(key), request) else {
                self.log
                    .fail(format!("this is no question to a client: {shown}"));
                return None;
            };
            self.log.push_question(question.clone());
            questions.push(question);
        }
        let mut answers = Map::new();
        for question in questions {
            match self.reply(&question)? {
                Reply::Nothing => return None,
                Reply::Result(result) => drop(answers.insert(question.key, result)),
                Reply::Refusal(..) => {
                    self.log.fail(format!(
                        "{:?} cannot be declined without a session: it is no question to the user",
                        question.key
                    ));
                    return None;
                }
            }
        }
        Some(answers)
    }

    /// What the test says to a question; nothing if the test has failed.
    fn reply(&self, question: &Question) -> Option<Reply> {
        // What a closure of the test panics with would end the connection instead of the test.
        let answer = catch_unwind(AssertUnwindSafe(|| self.script.answer(question)));
        match answer {
            Ok(Some(answer)) => Some(answer.to(question)),
            Ok(None) => {
                self.log.fail(question.unforeseen());
                None
            }
            Err(panic) => {
                let panic = message(&*panic);
                self.log.fail(format!(
                    "the answer to {:?} panicked: {panic}",
                    question.key
                ));
                None
            }
        }
    }
}

impl Sent {
    /// Makes the message of the next round.
    fn resume(&mut self, answers: Map<String, Value>, state: Option<Value>) {
        // What was sent is an object with parameters, or there would have been no questions.
        let mut message: Value = serde_json::from_slice(&self.text).unwrap_or_default();
        message["id"] = json!(self.known());
        let params = &mut message["params"];
        for (key, value) in [
            (
                "inputResponses",
                (!answers.is_empty()).then(|| answers.into()),
            ),
            ("requestState", state),
        ] {
            match (value, params.as_object_mut()) {
                (Some(value), _) => params[key] = value,
                (None, Some(params)) => drop(params.remove(key)),
                (None, None) => {}
            }
        }
        self.text = Arc::new(text(&message));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use futures_util::FutureExt;
    use rmcp::{
        model::{
            CallToolRequest, CallToolRequestParams, ClientJsonRpcMessage, ClientRequest, GetMeta,
            JsonObject,
        },
        transport::Transport,
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::testing::{
        Answer,
        ends::{ClientEnd, ServerEnd},
        line::line,
    };

    fn panic_of(run: impl FnOnce()) -> String {
        message(&*catch_unwind(AssertUnwindSafe(run)).expect_err("a panic"))
    }

    /// Both ends of a line, by hand.
    struct Ends {
        client: ClientEnd,
        server: ServerEnd,
    }

    impl Ends {
        async fn call(&mut self) {
            let mut params = CallToolRequestParams::new("order");
            params.arguments = Some(JsonObject::new());
            let mut request = ClientRequest::from(CallToolRequest::new(params));
            request.get_meta_mut().insert("mark".into(), json!(7));
            let message = ClientJsonRpcMessage::request(request, RequestId::Number(5));
            self.client.send(message).await.unwrap();
        }

        /// What the server gets, as JSON.
        async fn got(&mut self) -> Value {
            let mut bytes = vec![0; 64 * 1024];
            let count = self.server.reader.read(&mut bytes).await.unwrap();
            serde_json::from_slice(&bytes[..count]).unwrap()
        }

        /// The server sends something.
        async fn says(&mut self, message: Value) {
            let text = text(&message);
            self.server.writer.write_all(&text).await.unwrap();
        }

        async fn asks(&mut self, id: &Value, questions: Value, state: &str) {
            let result = json!({
                "resultType": "input_required",
                "inputRequests": questions,
                "requestState": state,
            });
            let message = json!({ "jsonrpc": "2.0", "id": id, "result": result });
            self.says(message).await;
        }

        async fn answers(&mut self, id: &Value) {
            let result = json!({ "content": [{ "type": "text", "text": "done" }] });
            let message = json!({ "jsonrpc": "2.0", "id": id, "result": result });
            self.says(message).await;
        }
    }

    fn form(message: &str) -> Value {
        let params = json!({ "message": message, "requestedSchema": { "type": "object", "properties": {} } });
        json!({ "method": "elicitation/create", "params": params })
    }

    fn ends() -> (Ends, Arc<Line>) {
        let (client, server, line) = line();
        (Ends { client, server }, line)
    }

    #[tokio::test]
    async fn a_call_without_a_session_is_sent_again_with_the_answers() {
        let (mut ends, line) = ends();
        line.script.add("a", Answer::accept(json!({ "yes": true })));
        line.script.add("b", Answer::decline());
        ends.call().await;
        let first = ends.got().await;
        ends.asks(
            &first["id"],
            json!({ "a": form("A?"), "b": form("B?") }),
            "one",
        )
        .await;
        ends.answers(&json!("5-round-2")).await;
        let last = ends.client.receive().await.expect("the result");
        let last = serde_json::to_value(last).unwrap();
        assert_eq!(
            (&last["id"], &last["result"]["content"][0]["text"]),
            (&json!(5), &json!("done"))
        );
        let second = ends.got().await;
        assert_eq!(second["id"], "5-round-2");
        let params = &second["params"];
        assert_eq!(
            (&params["name"], &params["_meta"]["mark"]),
            (&json!("order"), &json!(7))
        );
        assert_eq!(params["requestState"], "one");
        assert_eq!(
            params["inputResponses"],
            json!({ "a": { "action": "accept", "content": { "yes": true } }, "b": { "action": "decline" } })
        );
        let keys = line.log.read(|told| told.questions.len());
        assert_eq!(keys, 2);
    }

    #[tokio::test]
    async fn a_server_that_never_has_enough_fails_the_test() {
        let (mut ends, line) = ends();
        line.script.add("a", Answer::accept(()));
        ends.call().await;
        for _ in 0..ROUNDS {
            let got = ends.got().await;
            ends.asks(&got["id"], json!({ "a": form("A?") }), "more")
                .await;
            assert!(ends.client.receive().now_or_never().is_none());
        }
        let failed = panic_of(|| line.log.check(Location::caller()));
        assert!(
            failed.starts_with("the server asked in more than 100 rounds"),
            "{failed}"
        );
    }

    #[tokio::test]
    async fn an_answer_that_panics_fails_the_test() {
        let (mut ends, line) = ends();
        line.script
            .answer_others(|question: &Question| panic!("{} is odd", question.key));
        ends.call().await;
        let got = ends.got().await;
        ends.asks(&got["id"], json!({ "a": form("A?") }), "more")
            .await;
        assert!(ends.client.receive().now_or_never().is_none());
        let failed = panic_of(|| line.log.check(Location::caller()));
        assert!(
            failed.starts_with("the answer to \"a\" panicked: a is odd"),
            "{failed}"
        );
    }

    #[tokio::test]
    async fn a_call_that_is_taken_back_is_taken_back_by_the_id_that_the_server_knows() {
        let (mut ends, line) = ends();
        line.script.add("a", Answer::accept(()));
        ends.call().await;
        let first = ends.got().await;
        ends.asks(&first["id"], json!({ "a": form("A?") }), "one")
            .await;
        assert!(ends.client.receive().now_or_never().is_none());
        let params = rmcp::model::CancelledNotificationParam::new(Some(RequestId::Number(5)), None);
        let cancelled = rmcp::model::CancelledNotification::new(params);
        let message = ClientJsonRpcMessage::notification(cancelled.into());
        ends.client.send(message).await.unwrap();
        assert_eq!(ends.got().await["id"], "5-round-2");
        assert_eq!(ends.got().await["params"]["requestId"], "5-round-2");
    }

    #[tokio::test]
    async fn a_request_of_the_server_that_is_no_question_is_left_for_the_client() {
        let (mut ends, line) = ends();
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        ends.says(ping).await;
        let got = serde_json::to_value(ends.client.receive().await).unwrap();
        assert_eq!(got["method"], "ping");
        assert!(line.log.read(|told| told.questions.is_empty()));
    }

    #[tokio::test]
    async fn a_question_in_a_session_is_answered_in_place() {
        let (mut ends, line) = ends();
        line.script
            .add("sure", Answer::accept(json!({ "yes": true })));
        line.script.add("roots/list", Answer::decline());
        let mut asked = form("Sure?");
        asked["params"]["_meta"] = json!({ "mcp-runtime/key": "sure" });
        for (id, asked) in [(1, asked), (2, json!({ "method": "roots/list" }))] {
            let mut message = asked;
            message["jsonrpc"] = json!("2.0");
            message["id"] = json!(id);
            ends.says(message).await;
        }
        assert!(ends.client.receive().now_or_never().is_none());
        let got = ends.got().await;
        assert_eq!(got["id"], 1);
        assert_eq!(
            got["result"],
            json!({ "action": "accept", "content": { "yes": true } })
        );
        assert_eq!(ends.got().await["error"]["code"], -1);
    }
}
