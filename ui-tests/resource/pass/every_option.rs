//! Every option of a resource, once.

use mcp_runtime::{Server, handlers, resource};

/// The settings.
#[resource(
    "config://settings",
    name = "All settings",
    title = "Settings",
    icons("https://example.com/settings.png"),
    meta("example.com/level" = 3),
    tags("config"),
    timeout = "2m",
    crate = mcp_runtime,
    mime_type = "application/json; charset=utf-8",
    size = 1_024,
    audience = "assistant",
    priority = 0.5,
    ttl = "1h",
    scope = "public",
)]
async fn settings() -> &'static str {
    "{}"
}

/// Is as important as can be.
#[resource(
    "config://first",
    priority = 1,
    audience = "user",
    ttl = "0s",
    scope = "private"
)]
fn first() -> String {
    String::new()
}

#[test]
fn all_of_them_are_accepted() {
    let built = Server::new("options", "1.0.0")
        .add(handlers![settings, first])
        .build();
    assert!(built.is_ok(), "{built:?}");
}
