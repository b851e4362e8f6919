//! What differs between the revisions of the protocol: `(revision, value) -> value`, all of it in this place.

use std::{sync::Arc, time::Duration};

use rmcp::model::{
    CacheScope, CallToolResult, ContentBlock, ErrorCode, ErrorData, ProtocolVersion, ResultType,
    Tool,
};
use serde_json::{Map, Value, json};

use crate::registry::Shape;

/// The revisions that are served, newest first.
pub(crate) const VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2026_07_28,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
];

/// The same with those that are served as well as it goes, if the author wants them.
pub(crate) const OLDER_VERSIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2026_07_28,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2024_11_05,
];

/// The key in `_meta` under which a result names its server.
pub(crate) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Whether a revision is before 2025-06-18: without structured content, and with fewer kinds of content.
pub(crate) fn is_older(version: &ProtocolVersion) -> bool {
    version.as_str() < ProtocolVersion::V_2025_06_18.as_str()
}

/// The definition of a tool for revisions that have no structured content.
///
/// A client that knows output schemas nevertheless would look for content that does not come.
pub(crate) fn older_tool(tool: &Tool) -> Tool {
    let mut tool = tool.clone();
    tool.output_schema = None;
    tool
}

/// A block of content, as text if the revision does not know its kind.
pub(crate) fn content(version: &ProtocolVersion, block: ContentBlock) -> ContentBlock {
    match block {
        ContentBlock::ResourceLink(link) if is_older(version) => ContentBlock::text(link.uri),
        ContentBlock::Audio(audio) if version.as_str() < ProtocolVersion::V_2025_03_26.as_str() => {
            let kind = audio.mime_type;
            ContentBlock::text(format!("(audio of the type {kind}, which cannot be sent)"))
        }
        other => other,
    }
}

/// Whether a step of progress has a message, which it has since 2025-03-26.
pub(crate) fn has_progress_messages(version: &ProtocolVersion) -> bool {
    version.as_str() >= ProtocolVersion::V_2025_03_26.as_str()
}

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
        let mut object = Map::with_capacity(1);
        object.insert("result".into(), value);
        object.into()
    } else {
        value
    }
}

/// The result of a tool with the kinds of content that this revision knows.
pub(crate) fn tool_result(version: &ProtocolVersion, result: &mut CallToolResult) {
    if is_older(version) {
        let blocks = std::mem::take(&mut result.content).into_iter();
        result.content = blocks.map(|block| content(version, block)).collect();
        result.structured_content = None;
    }
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

/// The metadata of a result that has no other: a field as JSON, with a comma in front.
pub(crate) fn signature(identity: &Value) -> String {
    format!(",\"_meta\":{}", json!({ SERVER_INFO: identity }))
}

/// How long a result may be kept, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheHints {
    pub(crate) ttl_ms: u64,
    pub(crate) scope: CacheScope,
}

impl CacheHints {
    /// Hints for a time, and for everybody or for the caller alone.
    pub(crate) fn new(ttl: Duration, public: bool) -> Self {
        Self {
            ttl_ms: u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX),
            scope: if public {
                CacheScope::Public
            } else {
                CacheScope::Private
            },
        }
    }

    /// The same for the caller alone.
    pub(crate) fn private(self) -> Self {
        Self {
            scope: CacheScope::Private,
            ..self
        }
    }

    /// The hints in the form of a result; only revisions without sessions are told.
    pub(crate) fn told(self, version: &ProtocolVersion) -> (Option<u64>, Option<CacheScope>) {
        if version.has_initialize() {
            return (None, None);
        }
        (Some(self.ttl_ms), Some(self.scope))
    }
}
