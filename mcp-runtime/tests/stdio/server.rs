//! The server that the tests of stdio start as a process of its own.

use std::{process::Command, str::FromStr, time::Duration};

use futures_util::{Stream, stream};
use mcp_runtime::{
    AskError, Context, LogLevel, Server, ServerHandle, State, handlers, prompt, resource,
    schemars::JsonSchema, serde::Deserialize, tool,
};

/// A state that is made at start and ended at shutdown.
struct Journal;

/// Tells standard error that a call has been dropped, and how far it had got.
struct Told(&'static str, u64);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("{} dropped after {}", self.0, self.1);
    }
}

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Sleeps, and leaves its thread to others.
#[tool]
async fn sleep(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Keeps its thread.
#[tool]
fn block(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Keeps its thread after it has left it to others once.
#[tool]
async fn block_later(ms: u64) {
    tokio::time::sleep(Duration::from_millis(1)).await;
    std::thread::sleep(Duration::from_millis(ms));
}

/// Never ends.
#[tool]
async fn wait() {
    let _told = Told("wait", 0);
    eprintln!("waiting");
    std::future::pending::<()>().await;
}

/// Never ends before its deadline.
#[tool(timeout = "50ms")]
async fn hang() {
    let _told = Told("hang", 0);
    std::future::pending::<()>().await;
}

/// Panics at once.
#[tool]
fn panic_now() {
    panic!("secret words");
}

/// Panics after it has waited.
#[tool]
async fn panic_later() {
    tokio::time::sleep(Duration::from_millis(1)).await;
    panic!("secret words");
}

/// Prints in all ways that do not go through the protocol, and reads what a child process can read.
#[tool]
fn print() -> String {
    println!("printed by the handler");
    print!("half a line by the handler");
    let echo = Command::new("echo").arg("printed by a child").status();
    let cat = Command::new("cat").output();
    let read = cat.map(|cat| String::from_utf8_lossy(&cat.stdout).into_owned());
    format!("{}, {:?}", echo.is_ok_and(|echo| echo.success()), read.ok())
}

/// Counts, step by step.
#[tool]
async fn count(ctx: Context, to: u64) -> u64 {
    for step in 1..=to {
        ctx.progress(step, to, "counting").await;
    }
    to
}

/// Reports progress for ever.
#[tool]
async fn chatter(ctx: Context) {
    let mut told = Told("chatter", 0);
    loop {
        told.1 += 1;
        ctx.progress(told.1, 0, "chattering").await;
        tokio::task::yield_now().await;
    }
}

/// Takes two steps at once, and is silent then.
#[tool]
async fn think(ctx: Context) {
    let _told = Told("think", 0);
    ctx.progress(1, 2, "one").await;
    ctx.progress(2, 2, "two").await;
    std::future::pending::<()>().await;
}

/// Tracks its work, and keeps its thread.
#[tool]
fn climb(ctx: Context, steps: u64) {
    for _ in ctx.track(0..steps).message("climbing") {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Emits chunks, and returns the last one.
#[tool]
async fn emit(ctx: Context, chunks: u64) -> &'static str {
    for chunk in 1..=chunks {
        ctx.emit(format!("{chunk} ")).await;
    }
    "end"
}

/// Streams numbers.
#[tool]
fn numbers(to: u64) -> impl Stream<Item = u64> {
    stream::iter(1..=to)
}

/// Logs to the client.
#[tool]
#[expect(deprecated, reason = "clients still ask for it")]
async fn log(ctx: Context) {
    for level in [LogLevel::Debug, LogLevel::Info, LogLevel::Error] {
        ctx.log(level, level.as_str()).await;
    }
}

/// A text of some length.
#[tool]
fn text(length: usize) -> String {
    "x".repeat(length)
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde")]
#[schemars(crate = "mcp_runtime::schemars")]
struct Name {
    name: String,
}

/// Asks for a name.
#[tool]
async fn ask(ctx: Context) -> Result<String, AskError> {
    let _told = Told("ask", 0);
    let answer: Name = ctx.elicit("name", "What is your name?").await?;
    Ok(answer.name)
}

/// A note.
#[resource("note://{id}")]
fn note(id: u64) -> Option<String> {
    (id < 100).then(|| format!("note {id}"))
}

/// Greets somebody.
#[prompt]
fn greet(name: String) -> String {
    format!("Hello, {name}!")
}

/// Announces that the tools and the first notes have changed, again and again.
#[tool]
async fn announce(server: ServerHandle, notes: usize, times: usize) {
    for round in 0..times {
        server.tools_changed();
        for note in 0..notes {
            server.resource_updated(format!("note://{note}"));
        }
        if round % 10 == 9 {
            tokio::task::yield_now().await;
        }
    }
    eprintln!("announced");
}

fn main() -> mcp_runtime::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if setting("FIXTURE_THREADS") == Some(1) {
        runtime = tokio::runtime::Builder::new_current_thread();
    }
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(server().serve_stdio());
    println!("printed after the end");
    eprintln!("served {outcome:?}");
    outcome
}

fn server() -> Server {
    let interval = Duration::from_millis(setting("FIXTURE_INTERVAL").unwrap_or(0));
    let mut server = Server::new("fixture", "1.2.3")
        .progress_interval(interval)
        .client_logging(setting::<u8>("FIXTURE_LOG").is_some())
        .on_start(async || {
            println!("printed at start");
            match setting::<u8>("FIXTURE_BROKEN") {
                Some(_) => Err(std::io::Error::other("no journal")),
                None => Ok(Journal),
            }
        })
        .on_shutdown(async |_: State<Journal>| {
            eprintln!("shut down");
            Ok::<(), std::io::Error>(())
        })
        .add(handlers![
            add,
            sleep,
            block,
            block_later,
            wait,
            hang,
            panic_now,
            panic_later,
            print,
            count,
            chatter,
            ask,
            think,
            climb,
            emit,
            numbers,
            log,
            text,
            note,
            greet
        ]);
    if setting::<u8>("FIXTURE_DYNAMIC").is_some() {
        server = server.add(handlers![announce]);
    }
    if let Some(definitions) = setting("FIXTURE_PAGE") {
        server = server.page_size(definitions);
    }
    if let Some(bytes) = setting("FIXTURE_LINE") {
        server = server.max_line_bytes(bytes);
    }
    server
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
