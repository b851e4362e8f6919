//! Where a description may come from.

use mcp_runtime::{Server, handlers, tool};

const TEXT: &str = "A constant.";

/// First line.
///
/// - a list
///   - in a list
#[tool]
fn lines() {}

/** A block comment. */
#[tool]
fn block() {}

/**
 * A block comment
 *
 * with stars.
 */
#[tool]
fn stars() {}

#[doc = "An attribute."]
#[tool]
fn attribute() {}

#[doc = include_str!("description.md")]
#[tool]
fn file() {}

/// Begins here,
#[doc = include_str!("description.md")]
/// ends here.
#[tool]
fn mixture() {}

#[doc = concat!("Put ", "together.")]
#[tool]
fn concatenated() {}

#[tool(description = TEXT)]
fn constant() {}

#[tool(description = concat!("Put ", "together."))]
fn expression() {}

/// Behind the attribute, too.
#[tool]
/// Second line.
fn around() {}

#[allow(missing_docs, reason = "it needs none")]
#[tool]
fn none() {}

/// Describes its arguments.
#[tool]
fn arguments(
    /// One line.
    line: u8,
    /// Two
    /// lines.
    lines: u8,
    #[arg(description = TEXT)] constant: u8,
    #[doc = "An attribute."] attribute: u8,
    #[doc = include_str!("description.md")] file: u8,
    bare: u8,
) -> u8 {
    line + lines + constant + attribute + file + bare
}

#[test]
fn all_of_them_reach_the_client() {
    let described = |name: &str| {
        let handlers = handlers![
            lines,
            block,
            stars,
            attribute,
            file,
            mixture,
            concatenated,
            constant,
            expression,
            around,
            none,
            arguments,
        ];
        crate::definition(Server::new("descriptions", "1.0.0").add(handlers), name)
    };
    let text = |name| described(name)["description"].clone();
    assert_eq!(text("lines"), "First line.\n\n- a list\n  - in a list");
    assert_eq!(text("block"), "A block comment.");
    assert_eq!(text("stars"), "A block comment\n\nwith stars.");
    assert_eq!(text("attribute"), "An attribute.");
    assert_eq!(text("file").as_str().map(str::trim), Some("From a file."));
    assert_eq!(text("concatenated"), "Put together.");
    assert_eq!(text("constant"), "A constant.");
    assert_eq!(text("expression"), "Put together.");
    assert_eq!(text("around"), "Behind the attribute, too.\nSecond line.");
    assert_eq!(text("none"), mcp_runtime::serde_json::Value::Null);
    let mixture = text("mixture").to_string();
    assert!(mixture.contains("Begins here,"), "{mixture}");
    assert!(mixture.contains("From a file."), "{mixture}");
    assert!(mixture.contains("ends here."), "{mixture}");
    let properties = &described("arguments")["inputSchema"]["properties"];
    assert_eq!(properties["lines"]["description"], "Two\nlines.");
    assert_eq!(properties["constant"]["description"], "A constant.");
    assert_eq!(properties["attribute"]["description"], "An attribute.");
    assert_eq!(properties["bare"].get("description"), None);
}
