//! Messages for the log of the client.

#![expect(
    deprecated,
    reason = "the protocol has deprecated logging; it must be right nevertheless"
)]

use mcp_runtime::{
    Context, LogLevel, Server, State, handlers,
    logging::ClientLayer,
    testing::{Notification, Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};
use tracing_subscriber::{layer::SubscriberExt, registry, util::SubscriberInitExt};

use super::{Leak, call_with, has_sessions, in_every_revision};

const LEVEL: &str = "io.modelcontextprotocol/logLevel";

const ALL: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

/// Logs on every level.
#[tool]
async fn log(ctx: Context) {
    for level in [
        LogLevel::Debug,
        LogLevel::Info,
        LogLevel::Notice,
        LogLevel::Warning,
        LogLevel::Error,
        LogLevel::Critical,
        LogLevel::Alert,
        LogLevel::Emergency,
    ] {
        ctx.log(level, level.as_str()).await;
    }
}

/// Logs an object under a name.
#[tool]
async fn log_as(ctx: Context) {
    ctx.log_as("database", LogLevel::Error, json!({ "rows": 3 }))
        .await;
}

/// Logs what has no JSON form.
#[tool]
async fn log_nothing(ctx: Context) {
    let unwritable = std::collections::HashMap::from([((1, 2), 3)]);
    ctx.log(LogLevel::Emergency, unwritable).await;
}

/// Logs in a task, and returns.
#[tool]
async fn log_in_a_task(ctx: Context, leak: State<Leak>) {
    Leak::keep(&leak, &ctx);
    let logger = ctx.clone();
    tokio::spawn(async move {
        loop {
            logger.log(LogLevel::Emergency, "too late").await;
            tokio::task::yield_now().await;
        }
    });
}

/// Tells `tracing` about itself.
#[tool]
fn trace() {
    tracing::error!(target: "mine", code = 7, right = true, rate = 0.5, who = "me", what = ?[1], "failed");
    tracing::warn!("a warning");
    tracing::info!("information");
    tracing::debug!("details");
    tracing::trace!("more details");
}

/// Tells `tracing` about itself, in a task and after it has waited.
#[tool]
async fn trace_later(ctx: Context) {
    tokio::task::yield_now().await;
    tracing::error!("in the handler");
    ctx.spawn(async { tracing::error!("in its task") })
        .await
        .unwrap();
    tokio::spawn(async { tracing::error!("elsewhere") })
        .await
        .unwrap();
}

/// Tells `tracing` a lot.
#[tool]
fn trace_a_lot() {
    for number in 0..1000 {
        tracing::error!(number);
    }
}

/// Fails in a way that no client may see.
#[tool]
fn fail() -> Result<(), std::io::Error> {
    tracing::error!("seen");
    Err(std::io::Error::other("hunter2"))
}

/// Tells `tracing` about a value that does so itself.
#[tool]
fn trace_in_a_trace() {
    struct Talkative;

    impl std::fmt::Debug for Talkative {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::error!("inner");
            f.write_str("talkative")
        }
    }

    tracing::error!(value = ?Talkative, "outer");
}

fn server() -> Server {
    leaking(Leak::default())
}

fn leaking(leak: Leak) -> Server {
    Server::new("reporting", "1")
        .state(leak)
        .client_logging(true)
        .add(handlers![
            log,
            log_as,
            log_nothing,
            log_in_a_task,
            trace,
            trace_later,
            trace_a_lot,
            fail,
            trace_in_a_trace
        ])
}

fn silent() -> Server {
    server().client_logging(false)
}

/// The messages since the last time.
struct Log<'a>(&'a TestClient, usize);

impl Log<'_> {
    fn new(client: &TestClient) -> Log<'_> {
        Log(client, 0)
    }

    fn more(&mut self) -> Vec<Value> {
        let all = self.0.notifications();
        let is_log = |told: &&Notification| told.method == "notifications/message";
        let new = all.iter().filter(is_log).skip(self.1);
        let new: Vec<_> = new.map(|told| told.params.clone()).collect();
        self.1 += new.len();
        new
    }

    /// What a call tells whose request or session wants to be told of a level.
    async fn of(&mut self, tool: &str, level: &str) -> Vec<Value> {
        let client = self.0;
        let extra = if has_sessions(client) {
            let set = client
                .request("logging/setLevel", json!({ "level": level }))
                .await;
            assert_eq!(set.unwrap(), json!({}));
            json!({})
        } else {
            json!({ LEVEL: level })
        };
        call_with(client, tool, extra).await;
        self.more()
    }
}

fn levels(log: &[Value]) -> Vec<&str> {
    log.iter()
        .filter_map(|told| told["level"].as_str())
        .collect()
}

fn data(log: &[Value]) -> Vec<&Value> {
    log.iter().map(|told| &told["data"]).collect()
}

#[tokio::test]
async fn without_the_servers_leave_nothing_is_logged() {
    in_every_revision(silent, async |client| {
        assert_eq!(client.capabilities().get("logging"), None);
        call_with(client, "log", json!({ LEVEL: "debug" })).await;
        assert_eq!(client.notifications(), []);
        let refused = client
            .request("logging/setLevel", json!({ "level": "debug" }))
            .await;
        assert_eq!(refused.unwrap_err().code, -32601);
    })
    .await;
}

#[tokio::test]
async fn a_client_is_told_of_its_level_and_above() {
    in_every_revision(server, async |client| {
        assert_eq!(client.capabilities()["logging"], json!({}));
        let mut log = Log::new(client);
        for (at, level) in ALL.into_iter().enumerate() {
            let told = log.of("log", level).await;
            assert_eq!(levels(&told), ALL[at..]);
            assert_eq!(data(&told), ALL[at..]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_is_told_of_info_and_a_request_of_nothing_unless_it_asks() {
    in_every_revision(server, async |client| {
        call_with(client, "log", json!({})).await;
        let expected = if has_sessions(client) { &ALL[1..] } else { &[] };
        assert_eq!(levels(&Log::new(client).more()), expected);
    })
    .await;
}

#[tokio::test]
async fn sessions_have_levels_of_their_own() {
    let service = server().build().unwrap();
    let one = TestClient::connect_as(service.clone(), Protocol::LEGACY).await;
    let other = TestClient::connect_as(service, Protocol::LEGACY).await;
    assert_eq!(Log::new(&one).of("log", "alert").await.len(), 2);
    call_with(&other, "log", json!({})).await;
    assert_eq!(Log::new(&other).more().len(), 7);
    // A session is not asked by its requests.
    let mut log = Log::new(&one);
    log.more();
    call_with(&one, "log", json!({ LEVEL: "debug" })).await;
    assert_eq!(log.more().len(), 2);
}

#[tokio::test]
async fn an_unknown_level_is_refused() {
    in_every_revision(server, async |client| {
        for level in [
            json!("loud"),
            json!("INFO"),
            json!(7),
            json!(null),
            json!({}),
        ] {
            let code = if has_sessions(client) {
                let set = client
                    .request("logging/setLevel", json!({ "level": level }))
                    .await;
                set.unwrap_err().code
            } else {
                let call = call_with(client, "log", json!({ LEVEL: level })).await;
                call["error"].as_i64().unwrap().try_into().unwrap()
            };
            assert_eq!(code, -32602, "{level}");
        }
        assert_eq!(client.notifications(), []);
    })
    .await;
}

#[tokio::test]
async fn levels_are_not_set_where_there_are_no_sessions() {
    let client = TestClient::connect(server()).await;
    let refused = client
        .request("logging/setLevel", json!({ "level": "info" }))
        .await;
    assert_eq!(refused.unwrap_err().code, -32601);
}

#[tokio::test]
async fn a_message_is_any_value_and_may_have_a_name() {
    in_every_revision(server, async |client| {
        let mut log = Log::new(client);
        let expected = json!({ "level": "error", "logger": "database", "data": { "rows": 3 } });
        assert_eq!(log.of("log_as", "info").await, [expected]);
        assert_eq!(log.of("log_nothing", "debug").await, [] as [Value; 0]);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_logged_after_the_end() {
    for protocol in Protocol::ALL {
        let leak = Leak::default();
        let client = TestClient::connect_as(leaking(leak.clone()), *protocol).await;
        let mut log = Log::new(&client);
        log.of("log_in_a_task", "debug").await;
        leak.tell().await;
        client.call("log_as", ()).await;
        log.more();
        leak.tell().await;
        client.call("log_as", ()).await;
        let late = log
            .more()
            .into_iter()
            .filter(|told| told["data"] != json!({ "rows": 3 }));
        assert_eq!(late.collect::<Vec<_>>(), [] as [Value; 0]);
        client.close().await;
    }
}

#[tokio::test]
async fn events_of_a_handler_are_forwarded() {
    let _subscriber = registry().with(ClientLayer::new()).set_default();
    in_every_revision(server, async |client| {
        let mut log = Log::new(client);
        let told = log.of("trace", "debug").await;
        assert_eq!(
            levels(&told),
            ["error", "warning", "info", "debug", "debug"]
        );
        let expected = json!({
            "code": 7, "right": true, "rate": 0.5, "who": "me", "what": "[1]", "message": "failed",
        });
        assert_eq!(told[0]["data"], expected);
        assert_eq!(told[0]["logger"], "mine");
        assert_eq!(told[1]["logger"], module_path!());
        assert_eq!(
            levels(&log.of("trace", "warning").await),
            ["error", "warning"]
        );
        let told = log.of("trace_later", "debug").await;
        let messages: Vec<_> = told.iter().map(|told| &told["data"]["message"]).collect();
        assert_eq!(messages, ["in the handler", "in its task"]);
    })
    .await;
    in_every_revision(silent, async |client| {
        call_with(client, "trace", json!({ LEVEL: "debug" })).await;
        assert_eq!(client.notifications(), []);
    })
    .await;
}

#[tokio::test]
async fn what_the_runtime_logs_about_a_handler_is_not_forwarded() {
    let _subscriber = registry().with(ClientLayer::new()).set_default();
    in_every_revision(server, async |client| {
        let told = Log::new(client).of("fail", "debug").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["data"]["message"], "seen");
    })
    .await;
}

#[tokio::test]
async fn what_is_told_while_an_event_is_forwarded_is_not_forwarded() {
    let _subscriber = registry().with(ClientLayer::new()).set_default();
    in_every_revision(server, async |client| {
        let told = Log::new(client).of("trace_in_a_trace", "debug").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["data"]["value"], "talkative");
    })
    .await;
}

#[tokio::test]
async fn more_than_a_client_can_take_is_lost_and_counted() {
    let _subscriber = registry().with(ClientLayer::new()).set_default();
    in_every_revision(server, async |client| {
        let told = Log::new(client).of("trace_a_lot", "debug").await;
        let (last, others) = told.split_last().unwrap();
        assert!((256..1000).contains(&others.len()), "{}", others.len());
        for (at, told) in others.iter().enumerate() {
            assert_eq!(told["data"]["number"], at);
        }
        let expected = format!(
            "{} messages were lost: they came too fast",
            1000 - others.len()
        );
        assert_eq!(*last, json!({ "level": "warning", "data": expected }));
    })
    .await;
}
