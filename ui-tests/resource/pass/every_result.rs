//! Whatever a resource may return.

use std::io;

use mcp_runtime::{CallError, Json, ResourceContent, Server, handlers, resource};

/// Text.
#[resource("r://text")]
fn text() -> String {
    String::new()
}

/// Text that is always the same.
#[resource("r://fixed")]
fn fixed() -> &'static str {
    ""
}

/// Bytes.
#[resource("r://bytes")]
fn bytes() -> Vec<u8> {
    Vec::new()
}

/// JSON.
#[resource("r://json")]
fn json() -> Json<[u8; 2]> {
    Json([1, 2])
}

/// Content.
#[resource("r://content")]
fn content() -> ResourceContent {
    ResourceContent::text("").mime_type("text/markdown")
}

/// Contents.
#[resource("r://contents")]
fn contents() -> Vec<ResourceContent> {
    Vec::new()
}

/// Perhaps.
#[resource("r://perhaps")]
async fn perhaps() -> Option<Json<String>> {
    None
}

/// Perhaps, or an error.
#[resource("r://failing")]
async fn failing() -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

/// An error for the model.
#[resource("r://refused")]
async fn refused() -> Result<String, CallError> {
    Err(CallError::not_found())
}

#[test]
fn all_of_them_are_accepted() {
    let list = handlers![
        text, fixed, bytes, json, content, contents, perhaps, failing, refused
    ];
    let built = Server::new("results", "1.0.0").add(list).build();
    assert!(built.is_ok(), "{built:?}");
}
