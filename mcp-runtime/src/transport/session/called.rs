//! The result of a tool, as JSON.

use rmcp::model::{CallToolResult, ContentBlock, TextContent};

/// Writes the result of a tool.
///
/// What most tools return, one text and maybe a value, is written by hand: to have it derived takes four times as long, most of
/// it to escape names that are known.
pub(super) fn write(result: &CallToolResult, line: &mut Vec<u8>) -> serde_json::Result<()> {
    let CallToolResult {
        result_type,
        content,
        structured_content,
        is_error,
        meta: None,
        ..
    } = result
    else {
        return serde_json::to_writer(line, result);
    };
    let [
        ContentBlock::Text(TextContent {
            text,
            meta: None,
            annotations: None,
            ..
        }),
    ] = &content[..]
    else {
        return serde_json::to_writer(line, result);
    };
    line.push(b'{');
    if let Some(kind) = result_type {
        line.extend_from_slice(br#""resultType":"#);
        serde_json::to_writer(&mut *line, kind)?;
        line.push(b',');
    }
    line.extend_from_slice(br#""content":[{"type":"text","text":"#);
    serde_json::to_writer(&mut *line, text)?;
    line.extend_from_slice(b"}]");
    if let Some(value) = structured_content {
        line.extend_from_slice(br#","structuredContent":"#);
        serde_json::to_writer(&mut *line, value)?;
    }
    if let Some(is_error) = is_error {
        line.extend_from_slice(br#","isError":"#);
        serde_json::to_writer(&mut *line, is_error)?;
    }
    line.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use rmcp::model::{Annotations, MetaObject, ResultType};
    use serde_json::{Map, json};

    use super::*;

    fn results() -> Vec<CallToolResult> {
        let text = |text: &str| vec![ContentBlock::text(text)];
        let mut results = vec![
            CallToolResult::success(Vec::new()),
            CallToolResult::success(text("1 \"2\" \u{e9}\n")),
            CallToolResult::error(text("")),
            CallToolResult::success([text("one"), text("two")].concat()),
            CallToolResult::success(vec![ContentBlock::image("AAAA", "image/png")]),
        ];
        let mut noted = TextContent::new("noted");
        noted.meta = Some(MetaObject(Map::new()));
        results.push(CallToolResult::success(vec![ContentBlock::Text(noted)]));
        let mut marked = TextContent::new("marked");
        marked.annotations = Some(Annotations::default());
        results.push(CallToolResult::success(vec![ContentBlock::Text(marked)]));
        results
    }

    #[test]
    fn every_result_is_written_as_it_is_derived() {
        for result in results() {
            for structured in [None, Some(json!(null)), Some(json!({ "a": [1, "x"] }))] {
                for kind in [None, Some(ResultType::COMPLETE)] {
                    for is_error in [None, Some(true)] {
                        for meta in [None, Some(MetaObject(Map::new()))] {
                            let mut result = result.clone();
                            result.structured_content.clone_from(&structured);
                            result.result_type.clone_from(&kind);
                            result.is_error = is_error;
                            result.meta = meta;
                            let mut line = Vec::new();
                            write(&result, &mut line).unwrap();
                            let derived = serde_json::to_string(&result).unwrap();
                            assert_eq!(String::from_utf8(line).unwrap(), derived);
                        }
                    }
                }
            }
        }
    }
}
