//! How a server refuses, as a test sees it.

use std::fmt;

use rmcp::model::ErrorData;
use serde::Deserialize;
use serde_json::Value;

use crate::{Problem, outcome::ERROR};

/// An error of the protocol: the request was refused as a whole.
///
/// A tool that fails answers with a result, [`ToolResult::error`](super::ToolResult::error); this is for tools that do not
/// exist, for resources and for prompts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProtocolError {
    /// The code of JSON-RPC, such as -32602 for invalid parameters.
    pub code: i32,
    /// What went wrong.
    pub message: String,
    /// What programs may know about it.
    pub data: Option<Value>,
}

impl ProtocolError {
    /// The kind of the failure, such as `not_found`, `invalid_arguments` or `internal`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.failure()?.get("kind")?.as_str()
    }

    /// What is wrong with the arguments.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.failure().map(problems).unwrap_or_default()
    }

    fn failure(&self) -> Option<&Value> {
        self.data.as_ref()?.get("error")
    }
}

impl From<ErrorData> for ProtocolError {
    fn from(error: ErrorData) -> Self {
        Self {
            code: error.code.0,
            message: error.message.into_owned(),
            data: error.data,
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl std::error::Error for ProtocolError {}

/// The failure in the result of a tool, as programs see it.
pub(super) fn failure(result: &Value) -> Option<&Value> {
    result.get("_meta")?.get(ERROR)
}

pub(super) fn problems(failure: &Value) -> Vec<Problem> {
    let problems = failure.get("problems").and_then(Value::as_array);
    let problems = problems.into_iter().flatten();
    problems
        .filter_map(|problem| Problem::deserialize(problem).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_knows_its_kind_and_its_problems() {
        let problem = json!({ "path": "/n", "code": "minimum", "received": 0 });
        let error = ProtocolError::from(ErrorData::invalid_params(
            "no",
            Some(json!({ "error": { "kind": "invalid_arguments", "problems": [problem] } })),
        ));
        assert_eq!(error.to_string(), "no (code -32602)");
        assert_eq!(error.kind(), Some("invalid_arguments"));
        assert_eq!(error.problems()[0].path, "/n");
        let bare = ProtocolError::from(ErrorData::invalid_params("no", None));
        assert_eq!((bare.kind(), bare.problems()), (None, Vec::new()));
    }
}
