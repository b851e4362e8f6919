//! `#[resource("…")]`.

use mcp_runtime::{Context, State, handlers, resource};
use serde_json::{Value, json};

use crate::{Stock, connect, named};

/// The stock.
#[resource(
    "stock://all",
    name = "The stock",
    title = "All of it",
    mime_type = "text/csv; header=present",
    size = 7,
    audience = "assistant",
    priority = 0.25,
    icons("https://example.com/a.png"),
    meta("example.com/a" = true),
    tags("t"),
    timeout = "1m"
)]
async fn stock(stock: State<Stock>) -> String {
    format!("nut,{}", stock.0)
}

/// A file.
#[resource("file:///{owner}/{+path}{?line,mode}", audience = "user", priority = 1)]
fn file(
    owner: String,
    /// Where the file lies.
    path: String,
    #[arg(default = 1, range(min = 1))] line: u32,
    mode: Option<String>,
    _ctx: Context,
) -> Option<String> {
    (path != "gone").then(|| format!("{owner}:{path}:{line}:{mode:?}"))
}

/// A picture.
#[resource("picture://{id}")]
fn picture(#[arg(rename = "id")] number: u8) -> Vec<u8> {
    vec![number]
}

#[tokio::test]
async fn a_fixed_resource_has_every_option() {
    let client = connect(handlers![stock]).await;
    let resources = client.resources().await;
    let resource = named(&resources, "The stock");
    assert_eq!(resource["uri"], "stock://all");
    assert_eq!(resource["title"], "All of it");
    assert_eq!(resource["description"], "The stock.");
    assert_eq!(resource["mimeType"], "text/csv; header=present");
    assert_eq!(resource["size"], 7);
    assert_eq!(resource["annotations"]["audience"], json!(["assistant"]));
    assert_eq!(resource["annotations"]["priority"], 0.25);
    assert_eq!(resource["icons"][0]["src"], "https://example.com/a.png");
    assert_eq!(resource["_meta"]["example.com/a"], true);
    assert_eq!(resource["_meta"]["mcp-runtime/tags"], json!(["t"]));
    let read = client.read("stock://all").await;
    assert_eq!(
        (read.text(), read.mime_type()),
        ("nut,7", Some("text/csv; header=present"))
    );
}

#[tokio::test]
async fn a_template_has_its_variables_as_parameters() {
    let client = connect(handlers![file, picture]).await;
    assert_eq!(client.resources().await, Vec::<Value>::new());
    let templates = client.resource_templates().await;
    let template = named(&templates, "file");
    assert_eq!(
        template["uriTemplate"],
        "file:///{owner}/{+path}{?line,mode}"
    );
    assert_eq!(
        template["annotations"],
        json!({ "audience": ["user"], "priority": 1.0 })
    );
    assert_eq!(
        client.read("file:///me/a/b%20c").await.text(),
        "me:a/b c:1:None"
    );
    assert_eq!(
        client.read("file:///me/a?mode=r&line=3").await.text(),
        "me:a:3:Some(\"r\")"
    );
    assert_eq!(client.read("picture://7").await.bytes(), [7]);
    assert!(client.try_read("file:///me/gone").await.is_err());
}
