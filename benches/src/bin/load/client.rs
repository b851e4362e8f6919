//! What all clients have in common: the requests, and what the answers must be.

use mcp_benches::era::Era;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{Result, process::Process, scenario::Load};

/// A client that knows only the requests that are measured.
pub(crate) trait Client {
    /// The server.
    fn process(&mut self) -> &mut Process;

    /// Asks so many times, and checks what is answered.
    fn run(&mut self, load: Load, requests: u32) -> Result<()>;

    /// Tells the server to end, and waits for that.
    fn end(self: Box<Self>) -> Result<()>;
}

/// A request: its method, its tool and its message.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) tool: Option<&'static str>,
    pub(crate) message: String,
}

/// What is said in one echo.
pub(crate) fn saying() -> String {
    "echo ".repeat(1024 * 1024 / 5)
}

impl Request {
    pub(crate) fn add(era: Era, id: u32) -> Self {
        Self::call(era, id, "add", json!({ "arguments": { "a": id, "b": 1 } }))
    }

    pub(crate) fn list(era: Era) -> Self {
        Self {
            method: "tools/list",
            tool: None,
            message: era.request(1, "tools/list", json!({})),
        }
    }

    pub(crate) fn progress(era: Era) -> Self {
        let params = json!({ "arguments": { "to": 1000 }, "_meta": { "progressToken": 7 } });
        Self::call(era, 1, "count", params)
    }

    pub(crate) fn echo(era: Era) -> Self {
        Self::call(era, 1, "echo", json!({ "arguments": { "text": saying() } }))
    }

    fn call(era: Era, id: u32, tool: &'static str, mut params: Value) -> Self {
        params["name"] = tool.into();
        Self {
            method: "tools/call",
            tool: Some(tool),
            message: era.request(id, "tools/call", params),
        }
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: u32,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct Called {
    content: [Text; 1],
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Told {
    method: String,
    params: Step,
}

#[derive(Deserialize)]
struct Step {
    progress: f64,
}

/// Checks a sum.
pub(crate) fn check_sum(message: &[u8]) -> Result<()> {
    let answer = answer(message)?;
    let called: Called = serde_json::from_str(answer.result.get())?;
    expect(&called.content[0].text, &(answer.id + 1).to_string())
}

/// Checks a list.
pub(crate) fn check_list(message: &[u8]) -> Result<()> {
    let listed: Listed<'_> = serde_json::from_str(answer(message)?.result.get())?;
    expect(&listed.tools.len(), &55)
}

/// Checks a notification of progress.
pub(crate) fn check_step(message: &[u8], step: u32) -> Result<()> {
    let told: Told = serde_json::from_slice(message)?;
    expect(&*told.method, "notifications/progress")?;
    expect(&told.params.progress, &f64::from(step))
}

/// Checks the end of the count.
pub(crate) fn check_count(message: &[u8]) -> Result<()> {
    let called: Called = serde_json::from_str(answer(message)?.result.get())?;
    expect(&*called.content[0].text, "1000")
}

/// Checks an echo.
pub(crate) fn check_echo(message: &[u8], said: &str) -> Result<()> {
    let called: Called = serde_json::from_str(answer(message)?.result.get())?;
    // Not by `expect`: nobody wants to read it.
    if called.content[0].text != said {
        return Err("the echo is not what was said".into());
    }
    Ok(())
}

fn answer(message: &[u8]) -> Result<Answer<'_>> {
    let answer = serde_json::from_slice(message);
    answer.map_err(|error| format!("{error}: {}", String::from_utf8_lossy(message)).into())
}

fn expect<T: ?Sized + PartialEq + std::fmt::Debug>(told: &T, right: &T) -> Result<()> {
    if told == right {
        return Ok(());
    }
    Err(format!("the answer is {told:?}, not {right:?}").into())
}
