//! What a call says while it runs: the log of the server, and text that is streamed.

use mcp_runtime::{
    Context, LogLevel, Server, handlers,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};

use crate::{in_every_revision, panic_of};

/// Says something grave and something else.
#[tool]
#[expect(deprecated, reason = "as long as there is a log, it is tested")]
async fn work(ctx: Context) -> &'static str {
    ctx.log(LogLevel::Debug, "begun").await;
    ctx.log_as("stock", LogLevel::Warning, json!({ "left": 3 }))
        .await;
    "done"
}

/// Tells a story.
#[tool]
async fn tell(ctx: Context) -> &'static str {
    for chunk in ["Once ", "upon ", "a time"] {
        ctx.emit(chunk).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    "."
}

fn server() -> Server {
    Server::new("example", "1.0.0")
        .client_logging(true)
        .add(handlers![work, tell])
}

#[tokio::test]
async fn a_client_gets_the_log_that_it_wants() {
    for protocol in Protocol::ALL {
        let options = TestClient::options().protocol(*protocol);
        let client = options
            .clone()
            .log_level(LogLevel::Debug.as_str())
            .connect(server())
            .await;
        client.call("work", ()).await;
        let logs = client.logs();
        let levels: Vec<_> = logs.iter().map(|message| &*message.level).collect();
        assert_eq!(levels, ["debug", "warning"]);
        assert_eq!((&logs[0].logger, &logs[0].data), (&None, &json!("begun")));
        assert_eq!(logs[1].logger.as_deref(), Some("stock"));
        assert_eq!(logs[1].data, json!({ "left": 3 }));

        let grave = options.log_level("error").connect(server()).await;
        grave.call("work", ()).await;
        assert!(grave.logs().is_empty());
    }
}

#[tokio::test]
async fn a_client_that_wants_no_log_gets_what_its_revision_says() {
    in_every_revision(server, async |client| {
        client.call("work", ()).await;
        let levels: Vec<_> = client.logs().into_iter().map(|one| one.level).collect();
        // A session is told of `info` and above until it says otherwise.
        let expected: &[&str] = match client.protocol() {
            Protocol::V2026_07_28 => &[],
            _ => &["warning"],
        };
        assert_eq!(levels, expected);
    })
    .await;
}

#[tokio::test]
async fn an_expectation_that_fails_shows_the_log_of_the_call() {
    let options = TestClient::options().log_level("info");
    let client = options.connect(server()).await;
    let result = client.call("work", ()).await;
    let message = panic_of(async { result.structured::<Value>() }).await;
    let log = r#"- notifications/message {"level":"warning","logger":"stock","data":{"left":3}}"#;
    assert!(message.ends_with(&format!("it told:\n{log}")), "{message}");
}

#[tokio::test(start_paused = true)]
async fn text_is_read_while_it_is_streamed() {
    in_every_revision(server, async |client| {
        let mut call = client.start("tell", ()).await;
        assert_eq!(call.next_chunk().await.as_deref(), Some("Once "));
        assert_eq!(call.next_chunk().await.as_deref(), Some("upon "));
        let result = call.await;
        assert_eq!(result.chunks(), ["Once ", "upon ", "a time"]);
        assert_eq!(result.text(), "Once upon a time\n.");
    })
    .await;
}
