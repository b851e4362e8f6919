//! Lists in pages: cursors come back over other connections, and not always as they were given.

use serde_json::{Value, json};

use crate::{client::Post, fixture::Site};

async fn site() -> Site {
    Site::serve(|server| server.page_size(5), |http| http).await
}

fn list(method: &str, cursor: &Value) -> Post {
    Post::modern(method, json!({ "cursor": cursor }))
}

#[tokio::test]
async fn a_list_is_read_page_by_page_over_other_connections() {
    let site = site().await;
    let whole = Site::start().await;
    let whole = whole.send(&Post::modern("tools/list", json!({}))).await;
    let mut answer = site.send(&Post::modern("tools/list", json!({}))).await;
    let mut tools = Vec::new();
    loop {
        let mut result = answer.json()["result"].take();
        tools.append(result["tools"].as_array_mut().unwrap());
        match &result["nextCursor"] {
            Value::Null => break,
            cursor => answer = site.send(&list("tools/list", cursor)).await,
        }
    }
    assert!(tools.len() > 5);
    assert_eq!(json!(tools), whole.json()["result"]["tools"]);
}

#[tokio::test]
async fn a_cursor_that_was_not_given_is_refused() {
    let site = site().await;
    let first = site.send(&Post::modern("tools/list", json!({}))).await;
    let first = first.json();
    let cursor = first["result"]["nextCursor"].as_str().unwrap();
    let flipped = if cursor.starts_with('A') { "B" } else { "A" };
    for bad in [
        "",
        "5",
        &format!("{flipped}{}", &cursor[1..]),
        &cursor[..cursor.len() - 1],
        &format!("{cursor}{cursor}"),
        &"x".repeat(1024 * 1024),
    ] {
        site.refuses(&list("tools/list", &json!(bad)), 400, -32602)
            .await;
    }
    // It is one of another list.
    site.refuses(&list("prompts/list", &json!(cursor)), 400, -32602)
        .await;
    let answer = site.send(&list("tools/list", &json!(cursor))).await;
    assert_eq!(answer.status, 200);
}
