//! What a test client asks: calls, reads, prompts, lists, and anything else.

use std::{future::Future, panic::Location, sync::Arc};

use futures_util::future::BoxFuture;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, CustomRequest, GetPromptRequest,
    GetPromptRequestParams, ListPromptsRequest, ListResourceTemplatesRequest, ListResourcesRequest,
    ListToolsRequest, PaginatedRequestParams, ReadResourceRequest, ReadResourceRequestParams,
    RequestMetaObject, ServerCapabilities,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    PromptResult, ProtocolError, ReadResult, RunningCall, Surface, TestClient, ToolResult,
    client::config,
    line::Open,
    request::{self, Caller, Reply, Request, refused},
    result::Received,
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
        let tool = tool.to_owned();
        let mut params = CallToolRequestParams::new(tool.clone());
        params.arguments = object(arguments);
        let request = self.send(CallToolRequest::new(params).into(), caller);
        async move {
            RunningCall {
                request: request.await,
                tool,
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
        let reply = self.ask(request.into(), caller);
        let from = uri.to_owned();
        async move {
            let (json, _) = reply.await?;
            Ok(ReadResult {
                received: Received { from, json },
            })
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
        let reply = self.ask(GetPromptRequest::new(params).into(), caller);
        let from = format!("`{prompt}`");
        async move {
            let (json, _) = reply.await?;
            Ok(PromptResult {
                received: Received { from, json },
            })
        }
    }

    /// The definitions of all tools, over all pages, as they went over the wire.
    #[track_caller]
    pub fn tools(&self) -> impl Future<Output = Vec<Value>> + Send {
        self.list(&TOOLS, Location::caller())
    }

    /// The definitions of all resources, over all pages, as they went over the wire.
    #[track_caller]
    pub fn resources(&self) -> impl Future<Output = Vec<Value>> + Send {
        self.list(&RESOURCES, Location::caller())
    }

    /// The definitions of all resource templates, over all pages, as they went over the wire.
    #[track_caller]
    pub fn resource_templates(&self) -> impl Future<Output = Vec<Value>> + Send {
        self.list(&RESOURCE_TEMPLATES, Location::caller())
    }

    /// The definitions of all prompts, over all pages, as they went over the wire.
    #[track_caller]
    pub fn prompts(&self) -> impl Future<Output = Vec<Value>> + Send {
        self.list(&PROMPTS, Location::caller())
    }

    /// Everything that the server advertises, for snapshots.
    #[track_caller]
    pub fn surface(&self) -> impl Future<Output = Surface> + Send {
        let caller = Location::caller();
        async move {
            let parts = [
                ("instructions", self.instructions().into()),
                ("capabilities", self.capabilities()),
                ("tools", self.list(&TOOLS, caller).await.into()),
                ("resources", self.list(&RESOURCES, caller).await.into()),
                (
                    "resourceTemplates",
                    self.list(&RESOURCE_TEMPLATES, caller).await.into(),
                ),
                ("prompts", self.list(&PROMPTS, caller).await.into()),
            ];
            Surface::new(&self.server_info(), parts)
        }
    }

    /// Sends any request, past all that a client would check: for what a hostile client sends.
    ///
    /// The parameters are sent as they are; `null` sends none. Where the revision wants metadata in every request and the
    /// parameters have no `_meta`, it is added.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use mcp_runtime::{Server, serde_json::json, testing::TestClient};
    ///
    /// let client = TestClient::connect(Server::new("example", "1.0.0")).await;
    /// let error = client.request("tools/explode", json!({ "now": true })).await.unwrap_err();
    /// assert_eq!(error.code, -32601);
    /// # client.close().await;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error with which the server refuses the request.
    ///
    /// # Panics
    ///
    /// If the connection broke.
    #[track_caller]
    pub fn request(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> impl Future<Output = Result<Value, ProtocolError>> + Send {
        let caller = Location::caller();
        let params = match serde_json::to_value(params) {
            Ok(params) => params,
            Err(error) => panic!("the parameters have no JSON form: {error}"),
        };
        let request = self.raw(method, params);
        async move {
            let Some((id, answer)) = self.line.ask(request) else {
                panic!("the connection is closed\nasked for at {caller}");
            };
            let _open = Open {
                line: Arc::clone(&self.line),
                id,
            };
            match answer.await {
                Ok(Ok(result)) => Ok(request::json(&result)),
                Ok(Err(error)) => Err(error.into()),
                Err(closed) => panic!("the connection broke: {closed}\nasked for at {caller}"),
            }
        }
    }

    /// The request that a server would read from these parameters.
    fn raw(&self, method: &str, mut params: Value) -> ClientRequest {
        if !self.protocol().has_sessions() {
            if params.is_null() {
                params = json!({});
            }
            if let Some(params) = params.as_object_mut()
                && !params.contains_key("_meta")
            {
                params.insert("_meta".to_owned(), self.metadata());
            }
        }
        let mut message = json!({ "method": method });
        if !params.is_null() {
            message["params"] = params.clone();
        }
        // Only parameters that are not an object cannot be read, by any method.
        serde_json::from_value(message)
            .unwrap_or_else(|_| CustomRequest::new(method, Some(params)).into())
    }

    /// What requests say about the client where there are no sessions.
    fn metadata(&self) -> Value {
        let config = config(self.protocol());
        let meta = RequestMetaObject::with_client_context(
            config.protocol_version,
            config.client_info,
            config.capabilities,
        );
        serde_json::to_value(meta).unwrap_or_default()
    }

    /// Boxed, because rmcp's messages are large, and the futures of a test would be, too.
    fn send(&self, request: ClientRequest, caller: Caller) -> BoxFuture<'_, Request> {
        Box::pin(Request::send(self.peer(), &self.line.log, request, caller))
    }

    fn ask(&self, request: ClientRequest, caller: Caller) -> BoxFuture<'_, Reply> {
        let request = self.send(request, caller);
        Box::pin(async move { request.await.reply().await })
    }

    /// Follows the cursors of a list. A server that does not have the capability is not asked.
    async fn list(&self, list: &List, caller: Caller) -> Vec<Value> {
        let mut items = Vec::new();
        let info = self.peer().peer_info();
        if !info.is_some_and(|info| (list.served)(&info.capabilities)) {
            return items;
        }
        let mut cursor = None;
        loop {
            let params = PaginatedRequestParams::default().with_cursor(cursor.clone());
            let mut page = match self.ask((list.request)(params), caller).await {
                Ok((page, _)) => page,
                Err(error) => refused(&format!("the list of {}", list.key), &error, caller),
            };
            if let Value::Array(more) = page[list.key].take() {
                items.extend(more);
            }
            let next = page["nextCursor"].as_str().map(str::to_owned);
            assert!(
                next.is_none() || next != cursor,
                "the list of {} leads back to the same page\nasked for at {caller}",
                list.key
            );
            match next {
                None => return items,
                next => cursor = next,
            }
        }
    }
}

/// How one of the lists is asked for.
struct List {
    key: &'static str,
    request: fn(PaginatedRequestParams) -> ClientRequest,
    served: fn(&ServerCapabilities) -> bool,
}

const TOOLS: List = List {
    key: "tools",
    request: |params| ListToolsRequest::with_param(params).into(),
    served: |server| server.tools.is_some(),
};

const RESOURCES: List = List {
    key: "resources",
    request: |params| ListResourcesRequest::with_param(params).into(),
    served: |server| server.resources.is_some(),
};

const RESOURCE_TEMPLATES: List = List {
    key: "resourceTemplates",
    request: |params| ListResourceTemplatesRequest::with_param(params).into(),
    served: |server| server.resources.is_some(),
};

const PROMPTS: List = List {
    key: "prompts",
    request: |params| ListPromptsRequest::with_param(params).into(),
    served: |server| server.prompts.is_some(),
};

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
