//! Requests past all that a client would check.

use std::{future::Future, panic::Location};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    ProtocolError, TestClient,
    message::Written,
    request::{Open, closed},
};

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
        let params = self.raw(params);
        let method = method.to_owned();
        async move {
            self.line.log.check(caller);
            let id = self.line.id();
            let message = Written::new(&id, &method, params.as_ref());
            let Some(coming) = self.line.ask_raw(&id, &message) else {
                closed(caller)
            };
            Open::new(&self.line, id).answer(coming, caller).await
        }
    }

    /// The parameters of a request that is sent as it is, with the metadata that the revision wants.
    pub(super) fn raw(&self, mut params: Value) -> Option<Value> {
        if !self.protocol().has_sessions() {
            if params.is_null() {
                params = json!({});
            }
            if let Some(params) = params.as_object_mut()
                && !params.contains_key("_meta")
            {
                params.insert("_meta".to_owned(), self.client.clone().into());
            }
        }
        Some(params).filter(|params| !params.is_null())
    }
}
