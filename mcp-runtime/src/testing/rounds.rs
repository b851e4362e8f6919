//! Answers the questions of a server where they arrive: as requests in a session, as the result of a call without one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, ClientResult, CustomResult, ErrorCode, ErrorData,
    InputRequests, InputRequiredResult, InputResponses, JsonRpcMessage, JsonRpcRequest, RequestId,
    ServerJsonRpcMessage, ServerRequest,
};
use serde_json::Value;

use super::{
    Question,
    line::{Line, Sent},
    question::Reply,
};
use crate::driver::message;

/// More rounds than any server needs: one that never has enough must not hold a test for ever.
const ROUNDS: usize = 100;

impl Line {
    /// Answers a request of the server if it is a question; any other one is left for rmcp's client.
    pub(super) fn asked(
        &self,
        asked: JsonRpcRequest<ServerRequest>,
    ) -> Option<ServerJsonRpcMessage> {
        let json = serde_json::to_value(&asked.request).unwrap_or_default();
        let Some(question) = Question::read(None, json) else {
            return Some(JsonRpcMessage::Request(asked));
        };
        self.log.push_question(question.clone());
        let message = match self.reply(&question) {
            None | Some(Reply::Nothing) => return None,
            Some(Reply::Result(result)) => in_place(result, asked.id),
            Some(Reply::Refusal(code, text)) => {
                let error = ErrorData::new(ErrorCode(code), text, None);
                ClientJsonRpcMessage::error(error, Some(asked.id))
            }
        };
        // A server that is gone needs no answer.
        let _ = self.send(message);
        None
    }

    /// Sends a request once more, with the answers to the questions that were its result.
    ///
    /// A question without an answer holds it back: either the test has failed, or it wants no answer to come.
    pub(super) fn next_round(&self, mut sent: Sent, required: InputRequiredResult) {
        let Some(answers) = self.answers(required.input_requests.unwrap_or_default()) else {
            return;
        };
        sent.rounds += 1;
        if sent.rounds > ROUNDS {
            let failure = format!("the server asked in more than {ROUNDS} rounds");
            return self.log.fail(failure);
        }
        resume(&mut sent.request, answers, required.request_state);
        // A server that is gone needs no answers.
        let _ = self.send_round(sent);
    }

    /// The answers to all questions of a round, if all are answered.
    fn answers(&self, requests: InputRequests) -> Option<InputResponses> {
        let mut questions = Vec::new();
        for (key, request) in requests {
            let json = serde_json::to_value(request).unwrap_or_default();
            // rmcp reads nothing but questions here.
            let question = Question::read(Some(key), json)?;
            self.log.push_question(question.clone());
            questions.push(question);
        }
        let mut answers = InputResponses::new();
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

/// The answer to a request of the server, read as it is where there are bytes.
fn in_place(result: Value, id: RequestId) -> ClientJsonRpcMessage {
    let result = serde_json::from_value(result.clone())
        .unwrap_or_else(|_| ClientResult::CustomResult(CustomResult::new(result)));
    ClientJsonRpcMessage::response(result, id)
}

fn resume(request: &mut ClientRequest, answers: InputResponses, state: Option<String>) {
    let answers = (!answers.is_empty()).then_some(answers);
    let params = match request {
        ClientRequest::CallToolRequest(request) => {
            let params = &mut request.params;
            (&mut params.input_responses, &mut params.request_state)
        }
        ClientRequest::GetPromptRequest(request) => {
            let params = &mut request.params;
            (&mut params.input_responses, &mut params.request_state)
        }
        ClientRequest::ReadResourceRequest(request) => {
            let params = &mut request.params;
            (&mut params.input_responses, &mut params.request_state)
        }
        // No other request may have questions as its result: rmcp refuses them.
        _ => return,
    };
    (*params.0, *params.1) = (answers, state);
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use futures_util::FutureExt;
    use rmcp::{
        model::{
            CallToolRequest, CallToolRequestParams, CallToolResult, ContentBlock, GetMeta,
            JsonObject, ServerResult,
        },
        transport::Transport,
    };
    use serde_json::json;

    use super::*;
    use crate::testing::{
        Answer,
        line::{ClientEnd, ServerEnd, line},
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
            let message = self.server.receive().await.expect("a message");
            serde_json::to_value(message).unwrap()
        }

        async fn asks(&mut self, id: &Value, questions: Value, state: &str) {
            let requests: InputRequests = serde_json::from_value(questions).unwrap();
            let result = InputRequiredResult::new(Some(requests), Some(state.to_owned()));
            let id = serde_json::from_value(id.clone()).unwrap();
            let result = ServerResult::InputRequiredResult(result);
            let message = ServerJsonRpcMessage::response(result, id);
            self.server.send(message).await.unwrap();
        }

        async fn answers(&mut self, id: &Value) {
            let result = CallToolResult::success(vec![ContentBlock::text("done")]);
            let id = serde_json::from_value(id.clone()).unwrap();
            let message = ServerJsonRpcMessage::response(result.into(), id);
            self.server.send(message).await.unwrap();
        }
    }

    fn form(message: &str) -> Value {
        let params = json!({ "message": message, "requestedSchema": { "type": "object", "properties": {} } });
        json!({ "method": "elicitation/create", "params": params })
    }

    fn ends() -> (Ends, std::sync::Arc<Line>) {
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
        assert_eq!(line.rounds(&RequestId::Number(5)), 2);
        assert_eq!(line.rounds(&RequestId::Number(6)), 1);
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
        let ping = serde_json::from_value(json!({ "method": "ping" })).unwrap();
        let message = ServerJsonRpcMessage::request(ping, RequestId::Number(1));
        ends.server.send(message).await.unwrap();
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
            let request = serde_json::from_value(asked).unwrap();
            let message = ServerJsonRpcMessage::request(request, RequestId::Number(id));
            ends.server.send(message).await.unwrap();
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
