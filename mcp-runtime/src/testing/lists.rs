//! What a server lists, and [`Surface`], which is all of it.

use std::{future::Future, panic::Location};

use rmcp::model::ServerCapabilities;
use serde_json::{Value, json};

use super::{
    Surface, TestClient,
    request::{Caller, refused},
};

impl TestClient {
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

    /// Follows the cursors of a list. A server that does not have the capability is not asked.
    async fn list(&self, list: &List, caller: Caller) -> Vec<Value> {
        let mut items = Vec::new();
        let info = self.peer().peer_info();
        if !info.is_some_and(|info| (list.served)(&info.capabilities)) {
            return items;
        }
        let mut cursor = None;
        loop {
            let params = match &cursor {
                Some(cursor) => json!({ "cursor": cursor }),
                None => json!({}),
            };
            let what = format!("the list of {}", list.key);
            let page = self.ask(what.clone(), list.method, params, caller);
            let mut page = match page.await {
                Ok((received, _)) => received.into_json(),
                Err(error) => refused(&what, &error, caller),
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
    method: &'static str,
    served: fn(&ServerCapabilities) -> bool,
}

const TOOLS: List = List {
    key: "tools",
    method: "tools/list",
    served: |server| server.tools.is_some(),
};

const RESOURCES: List = List {
    key: "resources",
    method: "resources/list",
    served: |server| server.resources.is_some(),
};

const RESOURCE_TEMPLATES: List = List {
    key: "resourceTemplates",
    method: "resources/templates/list",
    served: |server| server.resources.is_some(),
};

const PROMPTS: List = List {
    key: "prompts",
    method: "prompts/list",
    served: |server| server.prompts.is_some(),
};
