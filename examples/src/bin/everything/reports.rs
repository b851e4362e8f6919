//! What a call may tell while it runs: progress, parts of its result, logs.

use std::time::Duration;

use futures_util::{Stream, stream as streams};
use mcp_runtime::{Context, Handlers, LogLevel, handlers, tool};

pub(crate) fn handlers() -> Handlers {
    handlers![
        test_tool_with_progress,
        test_tool_with_logging,
        test_logging_tool,
        slow,
        sum,
        stream,
        tell,
    ]
}

/// Reports progress.
#[tool(read_only)]
async fn test_tool_with_progress(ctx: Context) -> &'static str {
    ctx.progress(0, 100, "started").await;
    pause().await;
    ctx.progress(50, 100, "halfway").await;
    pause().await;
    ctx.progress(100, 100, "done").await;
    "Progress test completed"
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Tells standard error that a call has been dropped before its end.
struct Unfinished(bool);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.0 {
            eprintln!("slow dropped");
        }
    }
}

/// Sleeps, and reports progress at each step.
#[tool(read_only)]
async fn slow(
    ctx: Context,
    /// How long to sleep in all.
    #[arg(range(min = 0.0, max = 3600.0))]
    seconds: f64,
    /// In how many steps.
    #[arg(range(min = 1, max = 1_000_000))]
    steps: u32,
) -> String {
    let mut unfinished = Unfinished(true);
    let pause = Duration::from_secs_f64(seconds) / steps;
    for step in 1..=steps {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        ctx.progress(step, steps, format!("step {step}")).await;
    }
    unfinished.0 = false;
    format!("slept {seconds} s in {steps} steps")
}

/// Adds up a list, and reports progress for each item.
#[tool(read_only)]
async fn sum(ctx: Context, items: Vec<u32>) -> u64 {
    ctx.track(items).into_iter().map(u64::from).sum()
}

/// Answers part by part, as a stream.
#[tool(read_only)]
fn stream(chunks: u32) -> impl Stream<Item = String> {
    streams::iter((0..chunks).map(|chunk| format!("chunk {chunk}")))
}

/// Answers part by part, as it goes along.
#[tool(read_only)]
async fn tell(ctx: Context, chunks: u32) {
    for chunk in 0..chunks {
        ctx.emit(format!("chunk {chunk}")).await;
    }
}

/// Logs what it does.
#[tool(read_only)]
#[expect(deprecated, reason = "sessions have it")]
async fn test_tool_with_logging(ctx: Context) -> &'static str {
    ctx.log(LogLevel::Info, "Tool execution started").await;
    pause().await;
    ctx.log(LogLevel::Info, "Tool processing data").await;
    pause().await;
    ctx.log(LogLevel::Info, "Tool execution completed").await;
    "Logging test completed"
}

/// Logs for clients that want it.
#[tool(read_only)]
#[expect(deprecated, reason = "it shows that nobody else is told")]
async fn test_logging_tool(ctx: Context) -> &'static str {
    ctx.log(
        LogLevel::Info,
        "This is for clients that have named a level",
    )
    .await;
    "Logged"
}

#[cfg(test)]
mod tests {
    use mcp_runtime::{
        serde_json::json,
        testing::{Protocol, TestClient},
    };

    use crate::server;

    #[tokio::test(start_paused = true)]
    async fn progress_is_told_step_by_step() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let result = client.call("test_tool_with_progress", ()).await;
            let steps: Vec<_> = result
                .progress()
                .iter()
                .map(|step| (step.done, step.total))
                .collect();
            assert_eq!(steps, [0.0, 50.0, 100.0].map(|done| (done, Some(100.0))));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_taken_back_is_dropped() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let hour = json!({ "seconds": 3600, "steps": 3600 });
            let mut call = client.start("slow", hour).await;
            call.next_progress().await;
            call.cancel().await;
            let told = client.progress().len();
            assert!(!client.call("test_simple_text", ()).await.is_error());
            assert_eq!(client.progress().len(), told);
        }
    }

    #[tokio::test]
    async fn a_list_reports_its_progress() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let sum = client.call("sum", json!({ "items": [1, 2, 3] })).await;
            assert_eq!(sum.structured::<u64>(), 6);
            let last = sum.progress().last().unwrap();
            assert_eq!((last.done, last.total), (3.0, Some(3.0)));
        }
    }

    #[tokio::test]
    async fn parts_of_the_result_come_early_and_stand_in_it() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            for tool in ["stream", "tell"] {
                let result = client.call(tool, json!({ "chunks": 3 })).await;
                assert_eq!(result.text(), "chunk 0chunk 1chunk 2");
                assert_eq!(result.chunks().concat(), result.text());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn logs_reach_those_who_want_them() {
        for protocol in Protocol::ALL {
            for (level, told) in [("debug", 3), ("error", 0)] {
                let options = TestClient::options().protocol(*protocol).log_level(level);
                let client = options.connect(server()).await;
                client.call("test_tool_with_logging", ()).await;
                assert_eq!(client.logs().len(), told, "{level}");
            }
        }
    }

    #[tokio::test]
    async fn logs_reach_nobody_who_has_not_asked() {
        let client = TestClient::connect(server()).await;
        assert_eq!(client.call("test_logging_tool", ()).await.text(), "Logged");
        assert!(client.logs().is_empty());
    }
}
