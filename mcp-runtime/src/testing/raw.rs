//! Requests past all that a client would check.

use std::{future::Future, panic::Location};

use rmcp::model::{ClientRequest, CustomRequest, RequestMetaObject};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ProtocolError, TestClient, line::Open};

impl TestClient {
    /// Sends any request, past all that a client would check: for what a hostile client sends. Questions that are the
    /// result of it are not answered.
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
            self.line.log.check(caller);
            let Some((id, answer)) = self.line.ask(request) else {
                panic!("the connection is closed\nasked for at {caller}");
            };
            let open = Open::new(&self.line, id);
            open.answer(answer, caller).await
        }
    }

    /// The request that a server would read from these parameters.
    pub(super) fn raw(&self, method: &str, mut params: Value) -> ClientRequest {
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
        let config = self.config().clone();
        let mut meta = RequestMetaObject::with_client_context(
            config.protocol_version,
            config.client_info,
            config.capabilities,
        );
        meta.extend(self.request_options().meta.unwrap_or_default());
        serde_json::to_value(meta).unwrap_or_default()
    }
}
