//! `subscriptions/listen`: streams of changes.

use mcp_runtime::Server;
use serde_json::json;

use crate::{
    client::{Post, events},
    fixture::Site,
};

const ID: &str = "io.modelcontextprotocol/subscriptionId";

fn listen(filter: serde_json::Value) -> Post {
    Post::modern("subscriptions/listen", json!({ "notifications": filter }))
}

#[tokio::test]
async fn changes_are_told_to_those_who_listen_and_to_nobody_else() {
    let mut site = Site::start().await;
    let mut tools = site.connect().await;
    let filter = json!({ "toolsListChanged": true, "unknown": true });
    tools.write(listen(filter).bytes()).await;
    let mut prompts = site.connect().await;
    prompts
        .write(listen(json!({ "promptsListChanged": true })).bytes())
        .await;
    for (stream, honoured) in [
        (&mut tools, "toolsListChanged"),
        (&mut prompts, "promptsListChanged"),
    ] {
        let head = stream.answer_head().await;
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, "text/event-stream")
        );
        let first = events(&stream.chunk().await.unwrap());
        assert_eq!(
            first[0]["method"],
            "notifications/subscriptions/acknowledged"
        );
        assert_eq!(
            first[0]["params"]["notifications"],
            json!({ honoured: true })
        );
        assert_eq!(first[0]["params"]["_meta"][ID], 7);
    }

    for _ in 0..2 {
        site.send(&Post::call("announce", json!({}))).await;
        let told = events(&tools.chunk().await.unwrap());
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["method"], "notifications/tools/list_changed");
        assert_eq!(told[0]["params"]["_meta"][ID], 7);
    }

    // At the end of the server each stream ends with its result, and that is all that the other one was told.
    site.end();
    for mut stream in [tools, prompts] {
        let last = events(&stream.chunk().await.unwrap());
        assert_eq!((&last[0]["id"], last.len()), (&json!(7), 1), "{last:?}");
        assert_eq!(last[0]["result"]["resultType"], "complete");
        assert_eq!(stream.chunk().await, None);
    }
    site.ended().await.unwrap();
}

#[tokio::test]
async fn a_client_may_stop_listening_by_going() {
    let site = Site::start().await;
    for _ in 0..3 {
        let mut stream = site.connect().await;
        stream
            .write(listen(json!({ "toolsListChanged": true })).bytes())
            .await;
        stream.answer_head().await;
        stream.chunk().await.unwrap();
        drop(stream);
        site.send(&Post::call("announce", json!({}))).await;
        site.is_well().await;
    }
}

#[tokio::test]
async fn filters_that_are_none_are_refused() {
    let site = Site::start().await;
    let uris = |count: usize| {
        (0..count)
            .map(|at| format!("note://{at}"))
            .collect::<Vec<_>>()
    };
    for filter in [
        json!(true),
        json!({ "toolsListChanged": 1 }),
        json!({ "resourceSubscriptions": uris(1001) }),
    ] {
        site.refuses(&listen(filter), 400, -32602).await;
    }
    site.refuses(
        &Post::modern("subscriptions/listen", json!({})),
        400,
        -32602,
    )
    .await;
    let json = listen(json!({})).header("Accept", "application/json");
    site.refuses(&json, 406, -32600).await;
}

#[tokio::test]
async fn a_server_that_does_not_change_has_nothing_to_tell() {
    let service = Server::new("fixed", "1.0.0").into_http_service().unwrap();
    let mut connection =
        crate::mounted::application(axum::Router::new().route_service("/mcp", service)).await;
    let answer = connection
        .send(&listen(json!({ "toolsListChanged": true })))
        .await;
    assert_eq!(answer.status, 404);
    answer.is_error(-32601);
}

#[tokio::test]
async fn a_filter_may_name_what_is_not_there() {
    let site = Site::start().await;
    for filter in [
        json!({}),
        json!({ "resourceSubscriptions": ["nothing://here", "note://99"] }),
    ] {
        let mut stream = site.connect().await;
        stream.write(listen(filter).bytes()).await;
        assert_eq!(stream.answer_head().await.status, 200);
        let first = events(&stream.chunk().await.unwrap());
        assert_eq!(
            first[0]["method"],
            "notifications/subscriptions/acknowledged"
        );
        site.is_well().await;
    }
}

#[tokio::test]
async fn many_may_listen_and_one_may_not_read() {
    let site = Site::start().await;
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = site.connect().await;
        stream
            .write(listen(json!({ "toolsListChanged": true })).bytes())
            .await;
        stream.answer_head().await;
        stream.chunk().await.unwrap();
        streams.push(stream);
    }
    let mut announcer = site.connect().await;
    for _ in 0..100 {
        let answer = announcer.send(&Post::call("announce", json!({}))).await;
        assert_eq!(answer.status, 200);
    }
    site.is_well().await;
    for stream in &mut streams {
        let told = events(&stream.chunk().await.unwrap());
        assert_eq!(told[0]["method"], "notifications/tools/list_changed");
    }
}
