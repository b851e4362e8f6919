//! What a test client asks for: calls, reads and prompts.

use std::{future::Future, panic::Location};

use futures_util::future::BoxFuture;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, GetPromptRequest,
    GetPromptRequestParams, ReadResourceRequest, ReadResourceRequestParams,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    PromptResult, ProtocolError, ReadResult, RunningCall, TestClient, ToolResult,
    request::{Caller, Reply, Request, Way, refused},
};

impl TestClient {
    /// Calls a tool. The arguments are a JSON object, usually made with `json!`, or anything that serializes to one; `()` is
    /// none.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use mcp_runtime::{Server, handlers, serde_json::json, testing::TestClient, tool};
    /// # /// Adds two numbers.
    /// # #[tool]
    /// # fn add(a: i64, b: i64) -> i64 { a + b }
    /// # let server = Server::new("calculator", "1.0.0").add(handlers![add]);
    /// let client = TestClient::connect(server).await;
    /// let sum: i64 = client.call("add", json!({ "a": 1, "b": 2 })).await.structured();
    /// assert_eq!(sum, 3);
    /// # client.close().await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the server refuses the call, as it does if there is no such tool. A tool that fails has a result nevertheless.
    #[track_caller]
    pub fn call(
        &self,
        tool: &str,
        arguments: impl Serialize,
    ) -> impl Future<Output = ToolResult> + Send {
        let call = self.start(tool, arguments);
        async move { call.await.await }
    }

    /// Calls a tool that the server may refuse to call.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a tool that does not exist.
    #[track_caller]
    pub fn try_call(
        &self,
        tool: &str,
        arguments: impl Serialize,
    ) -> impl Future<Output = Result<ToolResult, ProtocolError>> + Send {
        let call = self.start(tool, arguments);
        async move { call.await.result().await }
    }

    /// Starts to call a tool: to follow its progress, to take it back, or to do something else meanwhile.
    #[track_caller]
    pub fn start(
        &self,
        tool: &str,
        arguments: impl Serialize,
    ) -> impl Future<Output = RunningCall> + Send {
        let caller = Location::caller();
        let mut params = CallToolRequestParams::new(tool.to_owned());
        params.arguments = object(arguments);
        let request = CallToolRequest::new(params);
        let request = self.send(format!("`{tool}`"), request.into(), caller);
        async move {
            RunningCall {
                request: request.await,
                wraps: self.protocol().has_sessions(),
            }
        }
    }

    /// Reads a resource.
    ///
    /// # Panics
    ///
    /// If the server refuses, as it does if there is no such resource.
    #[track_caller]
    pub fn read(&self, uri: &str) -> impl Future<Output = ReadResult> + Send {
        let caller = Location::caller();
        let result = self.try_read(uri);
        async move {
            match result.await {
                Ok(result) => result,
                Err(error) => refused(uri, &error, caller),
            }
        }
    }

    /// Reads a resource that there may not be.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a resource that does not exist.
    #[track_caller]
    pub fn try_read(
        &self,
        uri: &str,
    ) -> impl Future<Output = Result<ReadResult, ProtocolError>> + Send {
        let caller = Location::caller();
        let request = ReadResourceRequest::new(ReadResourceRequestParams::new(uri));
        let reply = self.ask(uri.to_owned(), request.into(), caller);
        async move {
            let (received, _) = reply.await?;
            Ok(ReadResult { received })
        }
    }

    /// Renders a prompt. The arguments are those of [`call`](Self::call).
    ///
    /// # Panics
    ///
    /// If the server refuses, as it does if there is no such prompt or if its arguments are wrong.
    #[track_caller]
    pub fn prompt(
        &self,
        prompt: &str,
        arguments: impl Serialize,
    ) -> impl Future<Output = PromptResult> + Send {
        let caller = Location::caller();
        let result = self.try_prompt(prompt, arguments);
        async move {
            match result.await {
                Ok(result) => result,
                Err(error) => refused(&format!("`{prompt}`"), &error, caller),
            }
        }
    }

    /// Renders a prompt that the server may refuse to render.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a prompt that does not exist.
    #[track_caller]
    pub fn try_prompt(
        &self,
        prompt: &str,
        arguments: impl Serialize,
    ) -> impl Future<Output = Result<PromptResult, ProtocolError>> + Send {
        let caller = Location::caller();
        let mut params = GetPromptRequestParams::new(prompt);
        params.arguments = object(arguments);
        let request = GetPromptRequest::new(params);
        let reply = self.ask(format!("`{prompt}`"), request.into(), caller);
        async move {
            let (received, _) = reply.await?;
            Ok(PromptResult { received })
        }
    }

    /// Boxed, because rmcp's messages are large, and the futures of a test would be, too.
    pub(super) fn send(
        &self,
        what: String,
        request: ClientRequest,
        caller: Caller,
    ) -> BoxFuture<'_, Request> {
        let way = Way {
            client: self.peer(),
            line: &self.line,
            options: self.request_options(),
        };
        Box::pin(Request::send(way, what, request, caller))
    }

    pub(super) fn ask(
        &self,
        what: String,
        request: ClientRequest,
        caller: Caller,
    ) -> BoxFuture<'_, Reply> {
        let request = self.send(what, request, caller);
        Box::pin(async move { request.await.reply().await })
    }
}

#[track_caller]
fn object(arguments: impl Serialize) -> Option<Map<String, Value>> {
    match serde_json::to_value(arguments) {
        Ok(Value::Object(arguments)) => Some(arguments),
        Ok(Value::Null) => None,
        Ok(other) => panic!(
            "arguments must be a JSON object, not `{other}`: use `TestClient::request` to send anything else"
        ),
        Err(error) => panic!("the arguments have no JSON form: {error}"),
    }
}
