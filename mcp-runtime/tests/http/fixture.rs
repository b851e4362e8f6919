//! The server under test, in this process.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mcp_runtime::{
    CallError, Context, Http, HttpParts, LogLevel, Principal, Server, ServerHandle, State,
    handlers, prompt, resource, schemars::JsonSchema, serde::Deserialize, tool,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use crate::client::{Answer, Connection, Post};

/// What handlers tell the test, and the test them.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// A handler has begun.
    pub(crate) begun: Notify,
    /// It may end.
    pub(crate) go: Notify,
    /// It was dropped before its end.
    pub(crate) dropped: Notify,
    /// It has come to its end.
    pub(crate) finished: Notify,
    /// How much a handler has streamed.
    pub(crate) chunks: AtomicUsize,
    /// How many handlers have run.
    pub(crate) runs: AtomicUsize,
}

/// Adds two numbers.
#[tool]
fn add(signals: State<Arc<Signals>>, a: i64, b: i64) -> i64 {
    signals.runs.fetch_add(1, Ordering::SeqCst);
    a + b
}

/// Counts to a number.
#[tool]
async fn count(ctx: Context, to: u32) -> u32 {
    for step in 1..=to {
        ctx.progress(step, to, "").await;
    }
    to
}

/// Reports that it has begun, and waits.
#[tool]
async fn wait(ctx: Context, signals: State<Arc<Signals>>, #[arg(default)] loud: bool) -> String {
    struct Dropped(Arc<Signals>, bool);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let signal = if self.1 {
                &self.0.finished
            } else {
                &self.0.dropped
            };
            signal.notify_one();
        }
    }
    let mut dropped = Dropped(Arc::clone(&signals), false);
    if loud {
        ctx.progress(1, 2, "waiting").await;
    }
    signals.begun.notify_one();
    signals.go.notified().await;
    dropped.1 = true;
    "went".into()
}

/// Reports that it has begun, and comes to its end when it is taken back.
#[tool]
async fn heed(ctx: Context, signals: State<Arc<Signals>>, #[arg(default)] loud: bool) -> String {
    if loud {
        ctx.progress(1, 2, "heeding").await;
    }
    signals.begun.notify_one();
    ctx.cancelled().await;
    signals.finished.notify_one();
    "heeded".into()
}

/// Tells whoever waits in another task that the call was taken back.
#[tool]
async fn watch(ctx: Context, signals: State<Arc<Signals>>) {
    let watching = signals.clone();
    let watcher = ctx.clone();
    tokio::spawn(async move {
        watcher.cancelled().await;
        watching.dropped.notify_one();
    });
    signals.begun.notify_one();
    std::future::pending::<()>().await;
}

/// Panics.
#[tool]
async fn panic() -> String {
    panic!("a secret")
}

/// Says it back.
#[tool]
fn echo(text: String) -> String {
    text
}

/// Runs somewhere.
#[tool]
fn deploy(
    #[arg(header = "Region")] region: Option<String>,
    #[arg(header = "Count")] count: Option<u32>,
    #[arg(header = "Dry-Run")] dry_run: Option<bool>,
) -> String {
    format!("{region:?} {count:?} {dry_run:?}")
}

/// Says who asks, and with what program.
#[tool]
fn whoami(parts: HttpParts, ctx: Context) -> String {
    let agent = parts.headers.get("user-agent");
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or("?");
    let principal = ctx.principal().map_or("nobody", Principal::subject);
    format!("{principal} with {agent}")
}

/// Holds its thread.
#[tool]
fn block(signals: State<Arc<Signals>>) -> String {
    signals.begun.notify_one();
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(signals.go.notified());
    });
    "free".into()
}

/// What is asked.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde")]
#[schemars(crate = "mcp_runtime::schemars")]
struct Name {
    name: String,
}

/// Asks for a name.
#[tool]
async fn ask(ctx: Context, #[arg(default)] loud: bool) -> Result<String, CallError> {
    let Name { name } = ctx.elicit("name", "Who?").await?;
    Ok(format!("hello {name}{}", if loud { "!" } else { "" }))
}

/// Streams more than any buffer on the way holds.
#[tool]
async fn flood(ctx: Context, signals: State<Arc<Signals>>) {
    let chunk = "x".repeat(256 * 1024);
    for _ in 0..60 {
        ctx.emit(&*chunk).await;
        signals.chunks.fetch_add(1, Ordering::SeqCst);
        // The client may be told what there is.
        tokio::task::yield_now().await;
    }
}

/// Has the client come back for the answer.
#[tool]
async fn poll(ctx: Context, signals: State<Arc<Signals>>) -> &'static str {
    ctx.close_stream();
    signals.begun.notify_one();
    signals.go.notified().await;
    "waited for"
}

/// Tells the client how it goes.
#[tool]
#[expect(deprecated, reason = "older clients are told so")]
async fn tell(ctx: Context) {
    ctx.log(LogLevel::Debug, "quiet").await;
    ctx.log(LogLevel::Warning, "loud").await;
}

/// Says that a note has changed.
#[tool]
fn edit(server: ServerHandle, uri: String) {
    server.resource_updated(&uri);
}

/// Says that the tools have changed.
#[tool]
fn announce(server: ServerHandle) {
    server.tools_changed();
}

/// A note.
#[resource("note://{id}")]
fn note(id: u32) -> Option<String> {
    (id == 1).then(|| "the first".into())
}

/// Greets.
#[prompt]
fn greet(name: String) -> String {
    format!("hello {name}")
}

pub(crate) fn server(signals: &Arc<Signals>) -> Server {
    let handlers = handlers![
        add, announce, ask, count, edit, flood, heed, poll, tell, wait, watch, panic, echo, deploy,
        whoami, block, note, greet
    ];
    Server::new("fixture", "1.0.0")
        .state(Arc::clone(signals))
        .client_logging(true)
        .add(handlers)
}

/// A server at a port of its own.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) signals: Arc<Signals>,
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<mcp_runtime::Result<()>>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(|http| http).await
    }

    pub(crate) async fn start_with(settings: impl FnOnce(Http) -> Http) -> Self {
        Self::serve(|server| server, settings).await
    }

    /// A server that is a bit different.
    pub(crate) async fn serve(
        change: impl FnOnce(Server) -> Server,
        settings: impl FnOnce(Http) -> Http,
    ) -> Self {
        let signals = Arc::<Signals>::default();
        let http = change(server(&signals)).build().unwrap().http();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let http = settings(http).until(async { drop(ended.await) });
        let served = tokio::spawn(http.serve(listener));
        Self {
            address,
            signals,
            end: Some(end),
            served,
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address).await
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn send(&self, post: &Post) -> Answer {
        self.connect().await.send(post).await
    }

    /// Sends bytes over a connection of their own, and reads what comes back.
    pub(crate) async fn write(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut connection = self.connect().await;
        connection.write(bytes).await;
        connection.answer().await
    }

    /// A request is refused with a status and a code, no handler has run, and the server is well.
    #[track_caller]
    pub(crate) fn refuses(
        &self,
        post: &Post,
        status: u16,
        code: i64,
    ) -> impl Future<Output = Answer> {
        let caller = std::panic::Location::caller();
        async move {
            let runs = self.signals.runs.load(Ordering::SeqCst);
            let answer = self.send(post).await;
            assert_eq!(answer.status, status, "{caller}: {answer:?}");
            answer.is_error(code);
            let ran = self.signals.runs.load(Ordering::SeqCst) - runs;
            assert_eq!(ran, 0, "{caller}: the handler has run");
            self.is_well().await;
            answer
        }
    }

    /// The next request is answered, and soon. A busy machine may be late twice.
    pub(crate) async fn is_well(&self) {
        let mut took = Vec::new();
        for _ in 0..3 {
            let begun = std::time::Instant::now();
            let answer = self.send(&Post::add()).await;
            took.push(begun.elapsed());
            assert_eq!(answer.json()["result"]["structuredContent"], 3);
            if took.last().unwrap().as_millis() < 100 {
                return;
            }
        }
        panic!("a valid request took {took:?}");
    }

    /// Has the server end.
    pub(crate) fn end(&mut self) {
        drop(self.end.take());
    }

    /// Has the server end, and waits for it.
    pub(crate) async fn ended(mut self) -> mcp_runtime::Result<()> {
        self.end();
        self.served.await.unwrap()
    }
}
