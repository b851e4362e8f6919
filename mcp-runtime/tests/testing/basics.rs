//! Calls, lists, progress, and the end of a client.

use std::{
    future::pending,
    io,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use mcp_runtime::{
    CallError, Content, Contents, Context, Json, PromptMessage, ResourceContent, Server, Service,
    State, handlers, prompt, resource,
    rmcp::model::{
        ArgumentInfo, CallToolRequestParams, CompleteRequestParams, Reference, RequestMetaObject,
        RequestParamsMeta,
    },
    testing::{Progress, Protocol, TestClient},
    tool,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::{in_every_revision, panic_of};

#[derive(Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
struct Receipt {
    item: String,
    quantity: u32,
}

/// How many handlers of `forever` are at work.
#[derive(Clone, Default)]
struct AtWork(Arc<AtomicUsize>);

/// Leaves work when it is dropped.
struct Worker(Arc<AtomicUsize>);

impl AtWork {
    fn begin(&self) -> Worker {
        self.0.fetch_add(1, Ordering::SeqCst);
        Worker(Arc::clone(&self.0))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Orders an item.
#[tool]
async fn order(
    ctx: Context,
    /// What to order.
    item: String,
    #[arg(range(min = 1), default = 1)] quantity: u32,
) -> Result<Receipt, CallError> {
    ctx.progress(1, 2, "reserving").await;
    if item == "gold" {
        return Err(CallError::new("`gold` is out of stock"));
    }
    ctx.progress(2, 2, "").await;
    Ok(Receipt { item, quantity })
}

/// Counts.
#[tool]
fn count() -> i64 {
    7
}

/// Greets.
#[tool]
fn greet() -> &'static str {
    "hello"
}

/// Does nothing.
#[tool]
fn nothing() {}

/// Tells a lot.
#[tool]
async fn hasty(ctx: Context) {
    for step in 1..=100 {
        ctx.progress(step, 100, "").await;
    }
}

/// Draws a dot.
#[tool]
fn dot() -> Contents {
    let blocks = [Content::text("a dot"), Content::image(b"dot", "image/png")];
    blocks.into_iter().collect()
}

/// Breaks.
#[tool]
fn burn() -> io::Result<()> {
    Err(io::Error::other("the disk is on fire"))
}

/// Tells where the request comes from.
#[tool]
fn trace(ctx: Context) -> String {
    let parent = ctx.meta("traceparent").and_then(Value::as_str);
    parent.unwrap_or("nowhere").to_owned()
}

/// Tells who asks.
#[tool]
fn who(ctx: Context) -> String {
    let (client, _) = ctx.client().expect("it says who it is");
    format!("{client} {}", ctx.protocol_version())
}

/// Never answers.
#[tool]
async fn forever(ctx: Context, at_work: State<AtWork>) {
    let _worker = at_work.begin();
    ctx.progress(1, 0, "at work").await;
    pending::<()>().await;
}

/// One note.
#[resource("note://{id}", mime_type = "text/plain")]
fn note(id: u64) -> Option<&'static str> {
    (id < 8).then_some("milk")
}

/// The logo.
#[resource("logo://large", mime_type = "image/png")]
fn logo() -> Vec<u8> {
    vec![0, 159, 146, 150]
}

/// All logos.
#[resource("logo://all")]
fn logos() -> Vec<ResourceContent> {
    vec![ResourceContent::text("a"), ResourceContent::text("b")]
}

/// The settings.
#[resource("config://settings")]
fn settings() -> Json<Value> {
    Json(json!({ "theme": "dark" }))
}

/// Reviews code.
#[prompt]
fn review(code: String) -> Vec<PromptMessage> {
    vec![
        PromptMessage::user(format!("Review this: {code}")),
        PromptMessage::assistant("Gladly."),
    ]
}

/// Says hello.
#[prompt]
fn hello() -> &'static str {
    "Say hello."
}

fn server() -> Server {
    server_with(AtWork::default())
}

fn server_with(at_work: AtWork) -> Server {
    Server::new("warehouse", "1.2.3")
        .title("The Warehouse")
        .instructions("Orders things.")
        .state(at_work)
        .add(handlers![
            order, count, greet, nothing, hasty, dot, burn, trace, who, forever
        ])
        .add(handlers![note, logo, logos, settings, review, hello])
}

fn steps(progress: &[Progress]) -> Vec<(f64, Option<f64>, Option<&str>)> {
    progress
        .iter()
        .map(|step| (step.done, step.total, step.message.as_deref()))
        .collect()
}

/// All tasks but the test itself must end by themselves, soon.
async fn all_tasks_end() {
    for _ in 0..1000 {
        if Handle::current().metrics().num_alive_tasks() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("tasks are left");
}

#[tokio::test]
async fn a_client_speaks_the_newest_revision_unless_told_otherwise() {
    let client = TestClient::connect(server()).await;
    assert_eq!(client.protocol(), Protocol::MODERN);
    assert_eq!(Protocol::default(), Protocol::MODERN);
}

#[tokio::test]
async fn a_handler_is_told_the_revision_and_the_client() {
    in_every_revision(server, async |client| {
        let expected = format!("mcp-runtime-test-client {}", client.protocol());
        assert_eq!(client.call("who", ()).await.text(), expected);
    })
    .await;
}

#[tokio::test]
async fn structured_content_is_read_into_a_type() {
    in_every_revision(server, async |client| {
        let result = client
            .call("order", json!({ "item": "nut", "quantity": 3 }))
            .await;
        let receipt: Receipt = result.structured();
        assert_eq!((receipt.item.as_str(), receipt.quantity), ("nut", 3));
        assert!(!result.is_error());
        assert_eq!(result.error_kind(), None);
        assert!(result.problems().is_empty());
        assert_eq!(result.raw()["structuredContent"]["item"], "nut");
    })
    .await;
}

#[tokio::test]
async fn a_plain_value_is_the_same_in_every_revision() {
    in_every_revision(server, async |client| {
        assert_eq!(client.call("count", ()).await.structured::<i64>(), 7);
    })
    .await;
}

#[tokio::test]
async fn arguments_may_be_anything_that_serializes_to_an_object() {
    in_every_revision(server, async |client| {
        let arguments = Receipt {
            item: "nut".to_owned(),
            quantity: 2,
        };
        let receipt: Receipt = client.call("order", &arguments).await.structured();
        assert_eq!(receipt, arguments);
    })
    .await;
}

#[tokio::test]
async fn text_and_other_contents_are_there() {
    in_every_revision(server, async |client| {
        assert_eq!(client.call("greet", ()).await.text(), "hello");
        let dot = client.call("dot", ()).await;
        assert_eq!(dot.text(), "a dot");
        assert_eq!(dot.contents()[1]["mimeType"], "image/png");
        assert!(
            client
                .call("nothing", json!(null))
                .await
                .contents()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_tool_that_fails_has_a_result() {
    in_every_revision(server, async |client| {
        let result = client.call("order", json!({ "item": "gold" })).await;
        assert!(result.is_error());
        assert_eq!(result.error(), "`gold` is out of stock");
        assert_eq!(result.text(), result.error());
        assert_eq!(result.error_kind(), Some("failed"));
        let broken = client.call("burn", ()).await;
        assert_eq!(broken.error_kind(), Some("internal"));
        assert!(!broken.error().contains("fire"), "{}", broken.error());
    })
    .await;
}

#[tokio::test]
async fn wrong_arguments_are_a_failure_with_its_problems() {
    in_every_revision(server, async |client| {
        let refused = client
            .call("order", json!({ "item": "nut", "quantity": 0 }))
            .await;
        assert!(refused.is_error());
        assert_eq!(refused.error_kind(), Some("invalid_arguments"));
        let problems = refused.problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            (&*problems[0].path, &*problems[0].code),
            ("/quantity", "minimum")
        );
        assert_eq!(problems[0].received, Some(json!(0)));
        let refused = client.try_prompt("review", ()).await.unwrap_err();
        assert_eq!(refused.kind(), Some("invalid_arguments"));
        assert_eq!(refused.problems()[0].path, "/code");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol() {
    in_every_revision(server, async |client| {
        let error = client.try_call("ordr", ()).await.unwrap_err();
        assert_eq!(error.code, -32602);
        assert!(error.message.contains("ordr"), "{error}");
        assert!(error.data.is_some());
        assert!(client.try_call("greet", ()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn resources_are_read() {
    in_every_revision(server, async |client| {
        let note = client.read("note://7").await;
        assert_eq!(note.text(), "milk");
        assert_eq!(note.bytes(), b"milk");
        assert_eq!(note.mime_type(), Some("text/plain"));
        assert_eq!(note.raw()["contents"][0]["uri"], "note://7");
        let logo = client.read("logo://large").await;
        assert_eq!(logo.bytes(), [0, 159, 146, 150]);
        assert_eq!(logo.mime_type(), Some("image/png"));
        assert_eq!(client.read("logo://all").await.contents().len(), 2);
        let settings: Value = client.read("config://settings").await.json();
        assert_eq!(settings, json!({ "theme": "dark" }));
    })
    .await;
}

#[tokio::test]
async fn a_missing_resource_is_an_error_of_the_protocol() {
    in_every_revision(server, async |client| {
        let error = client.try_read("note://9").await.unwrap_err();
        let code = if client.protocol() == Protocol::MODERN {
            -32602
        } else {
            -32002
        };
        assert_eq!(error.code, code);
        assert_eq!(error.kind(), Some("not_found"));
        assert!(client.try_read("note://1").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn prompts_are_rendered() {
    in_every_revision(server, async |client| {
        let review = client.prompt("review", json!({ "code": "1 + 1" })).await;
        assert_eq!(
            review.texts(),
            [("user", "Review this: 1 + 1"), ("assistant", "Gladly.")]
        );
        assert_eq!(review.description(), Some("Reviews code."));
        assert_eq!(review.messages()[1]["role"], "assistant");
        assert_eq!(client.prompt("hello", ()).await.text(), "Say hello.");
        let error = client.try_prompt("rewiev", ()).await.unwrap_err();
        assert_eq!(error.code, -32602);
    })
    .await;
}

#[tokio::test]
async fn lists_are_followed_over_all_pages() {
    fn paged() -> Server {
        server().page_size(2)
    }
    in_every_revision(paged, async |client| {
        let tools = client.tools().await;
        assert_eq!(tools.len(), 10);
        assert_eq!(tools[0]["name"], "order");
        assert_eq!(tools[0]["inputSchema"]["required"], json!(["item"]));
        assert_eq!(tools[9]["name"], "forever");
        assert_eq!(client.resources().await.len(), 3);
        let templates = client.resource_templates().await;
        assert_eq!(templates[0]["uriTemplate"], "note://{id}");
        assert_eq!(client.prompts().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_not_served_is_empty() {
    in_every_revision(
        || Server::new("empty", "1"),
        async |client| {
            assert!(client.tools().await.is_empty());
            assert!(client.resources().await.is_empty());
            assert!(client.resource_templates().await.is_empty());
            assert!(client.prompts().await.is_empty());
            assert_eq!(client.capabilities(), json!({}));
        },
    )
    .await;
}

#[tokio::test]
async fn the_server_says_who_it_is() {
    in_every_revision(server, async |client| {
        assert_eq!(client.server_info()["name"], "warehouse");
        assert_eq!(client.server_info()["version"], "1.2.3");
        assert_eq!(client.instructions().as_deref(), Some("Orders things."));
        assert!(client.capabilities()["tools"].is_object());
    })
    .await;
}

#[tokio::test]
async fn a_result_has_the_progress_of_its_call() {
    in_every_revision(server, async |client| {
        let one = client.call("order", json!({ "item": "nut" })).await;
        let other = client.call("order", json!({ "item": "gold" })).await;
        assert_eq!(
            steps(one.progress()),
            [(1.0, Some(2.0), Some("reserving")), (2.0, Some(2.0), None)]
        );
        assert_eq!(other.progress().len(), 1);
        assert_ne!(one.progress()[0].token, other.progress()[0].token);
        assert_eq!(
            client.progress(),
            [one.progress(), other.progress()].concat()
        );
        let methods: Vec<_> = client
            .notifications()
            .into_iter()
            .map(|n| n.method)
            .collect();
        assert_eq!(methods, ["notifications/progress"; 3]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn progress_is_complete_and_in_order_with_many_threads() {
    in_every_revision(
        || server().progress_interval(Duration::ZERO),
        async |client| {
            let (a, b) = tokio::join!(client.call("hasty", ()), client.call("hasty", ()));
            for result in [a, b] {
                let done: Vec<_> = result.progress().iter().map(|step| step.done).collect();
                let expected: Vec<_> = (1..=100).map(f64::from).collect();
                assert_eq!(done, expected);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn calls_run_side_by_side() {
    let at_work = AtWork::default();
    let client = TestClient::connect(server_with(at_work.clone())).await;
    let mut slow = client.start("forever", ()).await;
    slow.next_progress().await.unwrap();
    assert_eq!(client.call("greet", ()).await.text(), "hello");
    assert_eq!(at_work.count(), 1);
    slow.cancel().await;
}

#[tokio::test]
async fn a_started_call_has_a_result() {
    in_every_revision(server, async |client| {
        let mut call = client.start("order", json!({ "item": "nut" })).await;
        let first = call.next_progress().await.unwrap();
        assert_eq!(first.message.as_deref(), Some("reserving"));
        assert!(call.next_progress().await.is_some());
        assert_eq!(call.next_progress().await, None);
        assert_eq!(call.next_progress().await, None);
        let result = call.await;
        assert_eq!(result.structured::<Receipt>().item, "nut");
        assert_eq!(result.progress().len(), 2);
        let refused = client.start("ordr", ()).await.result().await;
        assert_eq!(refused.unwrap_err().code, -32602);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_call_is_gone_when_the_cancellation_is_done() {
    for protocol in Protocol::ALL {
        let at_work = AtWork::default();
        let client = TestClient::connect_as(server_with(at_work.clone()), *protocol).await;
        let mut call = client.start("forever", ()).await;
        call.next_progress().await.unwrap();
        assert_eq!(at_work.count(), 1);
        call.cancel().await;
        assert_eq!(at_work.count(), 0);
        client.start("forever", ()).await.cancel().await;
        assert_eq!(at_work.count(), 0);
        assert_eq!(client.call("greet", ()).await.text(), "hello");
        client.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelling_a_call_that_is_answered_does_nothing() {
    in_every_revision(server, async |client| {
        for _ in 0..50 {
            client.start("greet", ()).await.cancel().await;
        }
        assert_eq!(client.call("greet", ()).await.text(), "hello");
    })
    .await;
}

#[tokio::test]
async fn a_dropped_call_is_taken_back() {
    for protocol in Protocol::ALL {
        let at_work = AtWork::default();
        let client = TestClient::connect_as(server_with(at_work.clone()), *protocol).await;
        let mut call = client.start("forever", ()).await;
        call.next_progress().await.unwrap();
        drop(call);
        drop(client.start("forever", ()).await);
        let params = json!({ "name": "forever" });
        assert!(
            client
                .request("tools/call", params)
                .now_or_never()
                .is_none()
        );
        // The server reads what it is sent in order, and this is a single thread.
        client.call("greet", ()).await;
        assert_eq!(at_work.count(), 0);
        client.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn time_can_be_paused() {
    fn patient() -> Server {
        server().timeout(Duration::from_secs(3600))
    }
    in_every_revision(patient, async |client| {
        let begun = tokio::time::Instant::now();
        let result = client.call("forever", ()).await;
        assert_eq!(result.error_kind(), Some("timed_out"));
        assert_eq!(begun.elapsed().as_secs(), 3600);
    })
    .await;
}

#[tokio::test]
async fn any_request_can_be_sent() {
    in_every_revision(server, async |client| {
        let result = client
            .request("tools/call", json!({ "name": "count" }))
            .await
            .unwrap();
        assert_eq!(result["content"][0]["text"], "7");
        let error = client.request("tools/explode", ()).await.unwrap_err();
        assert_eq!(error.code, -32601);
        for params in [json!({ "name": 7 }), json!({ "arguments": {} })] {
            let error = client.request("tools/call", params.clone()).await;
            assert_eq!(error.unwrap_err().code, -32602, "{params}");
        }
        for params in [json!([1]), json!(7)] {
            let refused = client.request("tools/call", params.clone()).await;
            assert!(refused.is_err(), "{params}");
        }
        assert!(client.request("prompts/list", json!(null)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn metadata_of_a_request_is_sent_as_it_is() {
    in_every_revision(server, async |client| {
        // From here on, the server knows which revision is spoken.
        client.call("count", ()).await;
        let params = json!({ "name": "count", "_meta": {} });
        let answer = client.request("tools/call", params).await;
        match client.protocol() {
            Protocol::V2026_07_28 => assert_eq!(answer.unwrap_err().code, -32602),
            _ => assert!(answer.is_ok()),
        }
    })
    .await;
}

#[tokio::test]
async fn the_client_of_the_sdk_can_be_used() {
    in_every_revision(server, async |client| {
        let mut meta = RequestMetaObject::new();
        meta.set_traceparent("00-1-2-03");
        let mut params = CallToolRequestParams::new("trace");
        params.set_meta(meta);
        let result = client.peer().call_tool(params).await.unwrap();
        let text = result.content[0].as_text().unwrap().text.clone();
        assert_eq!(text, "00-1-2-03");
        let params = CompleteRequestParams::new(
            Reference::for_prompt("review"),
            ArgumentInfo::new("code", "a"),
        );
        assert!(client.peer().complete(params).await.is_err());
    })
    .await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what is said")]
async fn the_surface_shows_the_contract_and_nothing_else() {
    fn small() -> Server {
        Server::new("warehouse", "1.2.3")
            .instructions("Orders things.")
            .add(handlers![order, note, hello])
    }
    let client = TestClient::connect(small()).await;
    let surface = client.surface().await;
    insta::assert_json_snapshot!(surface, @r#"
    {
      "server": {
        "name": "warehouse"
      },
      "instructions": "Orders things.",
      "capabilities": {
        "prompts": {},
        "resources": {},
        "tools": {}
      },
      "tools": [
        {
          "name": "order",
          "description": "Orders an item.",
          "inputSchema": {
            "type": "object",
            "properties": {
              "item": {
                "type": "string",
                "description": "What to order."
              },
              "quantity": {
                "type": "integer",
                "minimum": 1,
                "default": 1,
                "maximum": 4294967295
              }
            },
            "required": [
              "item"
            ],
            "additionalProperties": false
          },
          "outputSchema": {
            "type": "object",
            "properties": {
              "item": {
                "type": "string"
              },
              "quantity": {
                "type": "integer",
                "minimum": 0,
                "maximum": 4294967295
              }
            },
            "required": [
              "item",
              "quantity"
            ]
          }
        }
      ],
      "resourceTemplates": [
        {
          "uriTemplate": "note://{id}",
          "name": "note",
          "description": "One note.",
          "mimeType": "text/plain"
        }
      ],
      "prompts": [
        {
          "name": "hello",
          "description": "Says hello."
        }
      ]
    }
    "#);
    let again = TestClient::connect(small()).await.surface().await;
    assert_eq!(surface.to_string(), again.to_string());
    let read: Value = serde_json::from_str(&surface.to_string()).unwrap();
    assert_eq!(read, json!(surface));
}

#[tokio::test]
async fn the_version_of_the_server_is_no_part_of_the_surface() {
    let old = TestClient::connect(Server::new("example", "1")).await;
    let new = TestClient::connect(Server::new("example", "2")).await;
    assert_eq!(old.surface().await, new.surface().await);
}

#[tokio::test]
async fn closing_leaves_no_task_and_ends_the_server() {
    static ENDED: AtomicBool = AtomicBool::new(false);
    for protocol in Protocol::ALL {
        ENDED.store(false, Ordering::SeqCst);
        let server = server().on_shutdown(async |_: State<AtWork>| {
            ENDED.store(true, Ordering::SeqCst);
            Ok::<_, io::Error>(())
        });
        let client = TestClient::connect_as(server, *protocol).await;
        client.call("order", json!({ "item": "nut" })).await;
        assert!(Handle::current().metrics().num_alive_tasks() > 0);
        assert!(!ENDED.load(Ordering::SeqCst));
        client.close().await;
        assert!(ENDED.load(Ordering::SeqCst));
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn closing_ends_the_calls_that_run() {
    for protocol in Protocol::ALL {
        let at_work = AtWork::default();
        let client = TestClient::connect_as(server_with(at_work.clone()), *protocol).await;
        let mut call = client.start("forever", ()).await;
        call.next_progress().await.unwrap();
        let begun = tokio::time::Instant::now();
        client.close().await;
        assert_eq!(at_work.count(), 0);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        assert_eq!(call.next_progress().await, None);
        assert!(
            panic_of(call.into_future())
                .await
                .contains("the connection is closed")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_ends_everything_without_waiting() {
    for protocol in Protocol::ALL {
        let at_work = AtWork::default();
        let client = TestClient::connect_as(server_with(at_work.clone()), *protocol).await;
        let mut call = client.start("forever", ()).await;
        call.next_progress().await.unwrap();
        drop(client);
        let begun = tokio::time::Instant::now();
        all_tasks_end().await;
        assert_eq!(at_work.count(), 0);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_task_is_left_with_many_threads() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        client.call("hasty", ()).await;
        client.close().await;
        drop(TestClient::connect_as(server(), *protocol).await);
        tokio::time::timeout(Duration::from_secs(5), async {
            while Handle::current().metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_built_service_can_be_tested() {
    let service: Service = server().build().unwrap();
    let one = TestClient::connect(service.clone()).await;
    let other = TestClient::connect_as(service, Protocol::LEGACY).await;
    assert_eq!(one.call("greet", ()).await.text(), "hello");
    assert_eq!(other.call("greet", ()).await.text(), "hello");
}

#[tokio::test]
async fn a_server_that_cannot_be_built_ends_the_test_with_all_its_problems() {
    let message = panic_of(async {
        TestClient::connect(Server::new(" ", "1").state(1_u8).state(2_u8)).await
    })
    .await;
    assert!(message.contains("two states of type `u8`"), "{message}");
    assert!(message.contains("name of the server"), "{message}");
}

#[tokio::test]
async fn a_server_that_does_not_start_ends_the_test() {
    let server = Server::new("example", "1")
        .on_start(async || Err::<u8, _>(io::Error::other("no database")));
    let here = Location::caller().file();
    let message = panic_of(TestClient::connect(server)).await;
    assert!(message.contains("no database"), "{message}");
    assert!(message.contains(here), "{message}");
}

#[tokio::test]
async fn a_server_that_does_not_stop_ends_the_test() {
    let server = Server::new("example", "1")
        .state(1_u8)
        .on_shutdown(async |_: State<u8>| Err(io::Error::other("unsaved")));
    let client = TestClient::connect(server).await;
    let message = panic_of(client.close()).await;
    assert!(message.contains("unsaved"), "{message}");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what is said")]
async fn an_expectation_that_fails_shows_what_was_received() {
    let client = TestClient::connect(server()).await;
    let order = client.call("order", json!({ "item": "nut" })).await;
    let failed = client.call("order", json!({ "item": "gold" })).await;
    let nothing = client.call("nothing", ()).await;
    let logos = client.read("logo://all").await;
    let logo = client.read("logo://large").await;
    let note = client.read("note://1").await;
    let review = client.prompt("review", json!({ "code": "x" })).await;

    let message = panic_of(async { order.structured::<Vec<u8>>() }).await;
    insta::assert_snapshot!(message, @r#"
    `order` answered with structured content that is no `alloc::vec::Vec<u8>`: invalid type: map, expected a sequence

    it answered: {
      "resultType": "complete",
      "content": [
        {
          "type": "text",
          "text": "{\"item\":\"nut\",\"quantity\":1}"
        }
      ],
      "structuredContent": {
        "item": "nut",
        "quantity": 1
      },
      "isError": false,
      "_meta": {
        "io.modelcontextprotocol/serverInfo": {
          "name": "warehouse",
          "title": "The Warehouse",
          "version": "1.2.3"
        }
      }
    }

    it told:
    - notifications/progress {"progressToken":1000000,"progress":1.0,"total":2.0,"message":"reserving"}
    - notifications/progress {"progressToken":1000000,"progress":2.0,"total":2.0}
    "#);
    let message = panic_of(async { failed.structured::<Receipt>() }).await;
    assert!(
        message.starts_with("`order` answered with an error: `gold` is out of stock"),
        "{message}"
    );
    let message = panic_of(async { nothing.text() }).await;
    assert!(
        message.starts_with("`nothing` answered without text"),
        "{message}"
    );
    let message = panic_of(async { nothing.structured::<u8>() }).await;
    assert!(message.contains("without structured content"), "{message}");
    let message = panic_of(async { order.error() }).await;
    assert!(
        message.starts_with("`order` answered without an error"),
        "{message}"
    );
    let message = panic_of(async { logos.text().to_owned() }).await;
    assert!(message.contains("2 contents instead of one"), "{message}");
    let message = panic_of(async { note.json::<u8>() }).await;
    assert!(message.contains("no JSON of a `u8`"), "{message}");
    let message = panic_of(async { logo.text().to_owned() }).await;
    assert!(
        message.starts_with("logo://large answered without text"),
        "{message}"
    );
    let message = panic_of(async { review.text().to_owned() }).await;
    assert!(message.contains("2 messages instead of one"), "{message}");
}

#[tokio::test]
async fn a_refusal_that_was_not_expected_shows_the_error_and_the_place() {
    let client = TestClient::connect(server()).await;
    let line = line!() + 1;
    let message = panic_of(client.call("ordr", ())).await;
    assert!(message.contains("`ordr` was refused: "), "{message}");
    assert!(message.contains("(code -32602)"), "{message}");
    assert!(
        message.contains(&format!("{}:{line}:", file!())),
        "{message}"
    );
    let message = panic_of(client.read("note://9")).await;
    assert!(message.starts_with("note://9 was refused: "), "{message}");
    let message = panic_of(client.prompt("rewiev", ())).await;
    assert!(message.starts_with("`rewiev` was refused: "), "{message}");
}

#[tokio::test]
async fn arguments_that_are_not_an_object_end_the_test() {
    let client = TestClient::connect(server()).await;
    let message = panic_of(async { client.call("order", json!([1])).await }).await;
    assert!(
        message.contains("must be a JSON object, not `[1]`"),
        "{message}"
    );
}
