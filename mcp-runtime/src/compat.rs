//! What differs between the revisions of the protocol: `(revision, value) -> value`, all of it in this place.

use std::sync::Arc;

use rmcp::model::{
    CacheScope, CallToolResult, ContentBlock, ErrorCode, ErrorData, ProtocolVersion, ResultType,
};
use serde_json::{Map, Value, json};

use crate::registry::Shape;

/// The revisions that are served, newest first.
pub(crate) const VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2026_07_28,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
];

/// The key in `_meta` under which a result names its server.
pub(crate) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// How long a client may keep a list: not at all.
pub(crate) const TTL_MS: u64 = 0;

/// Who may share a cached list: nobody but the caller.
pub(crate) const CACHE_SCOPE: CacheScope = CacheScope::Private;

/// The output schema of a tool for sessions before 2026-07-28, which want an object at its root.
pub(crate) fn output_schema(
    schema: Arc<Map<String, Value>>,
    shape: Shape,
) -> Arc<Map<String, Value>> {
    if shape != Shape::Value {
        return schema;
    }
    let mut inner = Map::clone(&schema);
    let definitions = inner.remove("$defs");
    let mut outer = Map::new();
    outer.insert("type".into(), "object".into());
    outer.insert("properties".into(), json!({ "result": inner }));
    outer.insert("required".into(), json!(["result"]));
    outer.extend(definitions.map(|definitions| ("$defs".into(), definitions)));
    Arc::new(outer)
}

/// The structured content of a tool, in the form that its advertised schema has in this revision.
pub(crate) fn structured(version: &ProtocolVersion, value: Value, shape: Shape) -> Value {
    if version.has_initialize() && (shape == Shape::Value || !value.is_object()) {
        json!({ "result": value })
    } else {
        value
    }
}

/// The result of a tool with the kinds of content that this revision knows.
pub(crate) fn tool_result(version: &ProtocolVersion, mut result: CallToolResult) -> CallToolResult {
    if version.as_str() < ProtocolVersion::V_2025_06_18.as_str() {
        for block in &mut result.content {
            if let ContentBlock::ResourceLink(link) = block {
                *block = ContentBlock::text(link.uri.clone());
            }
        }
        result.structured_content = None;
    }
    result
}

/// The error for a resource that does not exist: -32602 since 2026-07-28, -32002 before.
pub(crate) fn resource_not_found(
    version: &ProtocolVersion,
    message: String,
    data: Value,
) -> ErrorData {
    let code = if version.has_initialize() {
        ErrorCode::RESOURCE_NOT_FOUND
    } else {
        ErrorCode::INVALID_PARAMS
    };
    ErrorData::new(code, message, Some(data))
}

/// The kind of a result, which revisions without sessions want and those with sessions do not know.
pub(crate) fn result_type(version: &ProtocolVersion, kind: &mut Option<ResultType>) {
    if version.has_initialize() {
        kind.take_if(|kind| kind.is_complete());
    } else {
        kind.get_or_insert(ResultType::COMPLETE);
    }
}

/// How long a result may be kept and by whom, which revisions without sessions want to be told.
pub(crate) fn cache_hints(
    version: &ProtocolVersion,
    ttl_ms: &mut Option<u64>,
    scope: &mut Option<CacheScope>,
) {
    if !version.has_initialize() {
        ttl_ms.get_or_insert(TTL_MS);
        scope.get_or_insert(CACHE_SCOPE);
    }
}
