//! Whatever a tool may return.

use std::{collections::BTreeMap, error::Error, io, time::Duration};

use mcp_runtime::{
    CallError, Content, Contents, IntoCallError, Raw, ResourceContent, Server, ToolOutput,
    ToolReply, handlers, rmcp::model::CallToolResult, schemars::Schema, schemars::SchemaGenerator,
    tool,
};

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Receipt {
    total: u32,
}

/// A result of the user's own.
struct Shout(&'static str);

impl ToolOutput for Shout {
    fn into_reply(self) -> Result<ToolReply, CallError> {
        Contents::from(self.0.to_uppercase()).into_reply()
    }

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// An error of the user's own.
enum OrderError {
    SoldOut,
    Broken(io::Error),
}

impl IntoCallError for OrderError {
    fn into_call_error(self) -> CallError {
        match self {
            Self::SoldOut => CallError::new("sold out").retry_after(Duration::from_secs(60)),
            Self::Broken(error) => CallError::internal(error),
        }
    }
}

/// Nothing.
#[tool]
fn nothing() {}

/// Also nothing.
#[tool]
async fn unit() -> () {}

/// A text.
#[tool]
fn text() -> String {
    "text".to_owned()
}

/// A text that is always the same.
#[tool]
fn fixed() -> &'static str {
    "fixed"
}

/// Structured content.
#[tool]
fn receipt() -> Receipt {
    Receipt { total: 1 }
}

/// A list.
#[tool]
fn list() -> Vec<Receipt> {
    vec![]
}

/// A map.
#[tool]
fn map() -> BTreeMap<String, f64> {
    BTreeMap::new()
}

/// Perhaps.
#[tool]
fn perhaps() -> Option<Receipt> {
    None
}

/// A pair.
#[tool]
fn pair() -> (u8, String) {
    (1, String::new())
}

/// A block.
#[tool]
fn block() -> Content {
    Content::image([0; 4], "image/png")
}

/// Blocks.
#[tool]
fn blocks() -> Contents {
    let contents = [
        Content::from("text"),
        Content::resource(ResourceContent::text("more")),
    ];
    contents.into_iter().collect()
}

/// The protocol's own result.
#[tool]
fn raw() -> Raw {
    Raw(CallToolResult::success(vec![]))
}

/// A result of the user's own.
#[tool]
fn shout() -> Shout {
    Shout("hello")
}

/// Fails with words for the model.
#[tool]
fn call_error() -> Result<Receipt, CallError> {
    Err(CallError::new("no"))
}

/// Fails with an error of the user's own.
#[tool]
async fn own_error(sold_out: bool) -> Result<Shout, OrderError> {
    if sold_out {
        return Err(OrderError::SoldOut);
    }
    Err(OrderError::Broken(io::ErrorKind::NotFound.into()))
}

/// Fails with an error that is masked.
#[tool]
fn io_error() -> io::Result<String> {
    Err(io::ErrorKind::NotFound.into())
}

/// Fails with any error.
#[tool]
fn boxed_error() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("no".into())
}

/// Fails with a text for the model.
#[tool]
fn text_error() -> Result<Content, String> {
    Err("no".to_owned())
}

/// Fails with a text that is always the same.
#[tool]
fn fixed_error() -> Result<Contents, &'static str> {
    Err("no")
}

/// A result by its long name.
#[expect(clippy::unnecessary_wraps, reason = "it is about the type")]
#[tool]
fn long_name() -> ::std::result::Result<(), ::std::fmt::Error> {
    Ok(())
}

#[test]
fn all_of_them_are_served() {
    let server = || {
        Server::new("results", "1.0.0").add(handlers![
            nothing,
            unit,
            text,
            fixed,
            receipt,
            list,
            map,
            perhaps,
            pair,
            block,
            blocks,
            raw,
            shout,
            call_error,
            own_error,
            io_error,
            boxed_error,
            text_error,
            fixed_error,
            long_name,
        ])
    };
    let structured = |name| {
        crate::definition(server(), name)
            .get("outputSchema")
            .is_some()
    };
    assert!(structured("receipt"));
    assert!(structured("call_error"));
    assert!(!structured("text"));
    assert!(!structured("shout"));
}
