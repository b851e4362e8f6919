//! What a test client asks for: calls, reads and prompts.

use std::{future::Future, panic::Location};

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{
    PromptResult, ProtocolError, ReadResult, RunningCall, TestClient, ToolResult,
    line::text,
    message::{With, Written},
    request::{Caller, Reply, Request, refused},
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
        async move { call.await.expected().await }
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
        let params = named(tool, arguments);
        async move {
            let what = format!("`{tool}`");
            RunningCall {
                request: self.send(what, "tools/call", &params, caller),
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
        let params = json!({ "uri": uri });
        let reply = self.ask(uri.to_owned(), "resources/read", params, caller);
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
        let what = format!("`{prompt}`");
        let params = named(prompt, arguments);
        async move {
            let reply = self.ask(what, "prompts/get", params, caller);
            let (received, _) = reply.await?;
            Ok(PromptResult { received })
        }
    }

    /// Sends a request, in the way of a client of its revision.
    pub(super) fn send(
        &self,
        what: String,
        method: &str,
        params: &impl Serialize,
        caller: Caller,
    ) -> Request {
        Request::send(&self.line, what, caller, |id| {
            let meta = self.meta(Some(id));
            text(&Written::new(id, method, &With { params, meta }))
        })
    }

    pub(super) fn ask<'a>(
        &'a self,
        what: String,
        method: &'a str,
        params: impl Serialize + Send + 'a,
        caller: Caller,
    ) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let mut request = self.send(what, method, &params, caller);
            drop(params);
            request.reply().await
        })
    }
}

/// The parameters of a request with a name and arguments.
#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Box<RawValue>>,
}

#[track_caller]
fn named(name: &str, arguments: impl Serialize) -> Named<'_> {
    let arguments = match to_raw_value(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => panic!("the arguments have no JSON form: {error}"),
    };
    let arguments = match arguments.get() {
        "null" => None,
        object if object.starts_with('{') => Some(arguments),
        other => panic!(
            "arguments must be a JSON object, not `{other}`: use `TestClient::request` to send anything else"
        ),
    };
    Named { name, arguments }
}
