//! The tools, written with rmcp alone, and well: the router is built once and kept. (What its macros expand to by default builds it
//! anew for each call.)

use std::sync::Arc;

use rmcp::{
    ErrorData, Peer, RoleServer, ServerHandler,
    handler::server::{
        common::schema_for_input,
        router::tool::{ToolRoute, ToolRouter},
        tool::ToolCallContext,
        wrapper::Parameters,
    },
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        InitializeResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
        RequestMetaObject, ServerCapabilities, Tool, ToolAnnotations,
    },
    service::RequestContext,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A server with all tools.
#[derive(Clone)]
pub struct Official(Arc<ToolRouter<Official>>);

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    to: u32,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Lookup {
    /// The name of the warehouse, as it stands on its gate.
    warehouse: String,
    /// The number of the order.
    order: u32,
    /// Whether orders that were cancelled are looked at, too.
    cancelled: bool,
    /// The oldest year to look at.
    since: Option<u32>,
}

fn add(Parameters(Add { a, b }): Parameters<Add>) -> CallToolResult {
    let mut result = text((a + b).to_string());
    result.structured_content = Some(json!({ "result": a + b }));
    result
}

async fn count(
    Parameters(Count { to }): Parameters<Count>,
    peer: Peer<RoleServer>,
    meta: RequestMetaObject,
) -> Result<CallToolResult, ErrorData> {
    if let Some(token) = meta.get_progress_token() {
        for step in 1..=to {
            let progress = ProgressNotificationParam::new(token.clone(), f64::from(step))
                .with_total(f64::from(to))
                .with_message("counting");
            let sent = peer.notify_progress(progress).await;
            sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        }
    }
    let mut result = text(to.to_string());
    result.structured_content = Some(json!({ "result": to }));
    Ok(result)
}

fn echo(Parameters(Echo { text: told }): Parameters<Echo>) -> CallToolResult {
    text(told)
}

fn lookup(Parameters(lookup): Parameters<Lookup>) -> CallToolResult {
    let Lookup {
        warehouse,
        order,
        cancelled,
        since,
    } = lookup;
    text(format!("{warehouse} {order} {cancelled} {since:?}"))
}

fn text(text: String) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

impl Official {
    /// Builds the router.
    #[must_use]
    pub fn new() -> Self {
        let mut router = ToolRouter::new()
            .with_route(ToolRoute::new(tool::<Add>("add", "Adds two numbers."), add))
            .with_route(ToolRoute::new(
                tool::<Count>("count", "Counts to a number and tells each step."),
                count,
            ))
            .with_route(ToolRoute::new(
                tool::<Echo>("echo", "Says what it was told."),
                echo,
            ));
        for number in 1..=52 {
            let name = format!("lookup_{number:02}");
            let lookups = tool::<Lookup>(name, "Looks an order up in the archive of a warehouse.");
            router.add_route(ToolRoute::new(lookups, lookup));
        }
        Self(Arc::new(router))
    }
}

fn tool<A: JsonSchema + 'static>(name: impl Into<String>, description: &'static str) -> Tool {
    let schema = schema_for_input::<A>().unwrap_or_default();
    Tool::new(name.into(), description, schema)
        .with_annotations(ToolAnnotations::new().read_only(true))
}

impl Default for Official {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Official {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Official").finish_non_exhaustive()
    }
}

impl ServerHandler for Official {
    fn get_info(&self) -> InitializeResult {
        InitializeResult::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("benches", "1.0.0"))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let context = ToolCallContext::new(self, request, context);
        self.0.call(context).await
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.list_all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.0.get(name).cloned()
    }
}
