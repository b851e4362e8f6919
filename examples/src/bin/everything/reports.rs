//! What a call may tell while it runs: progress.

use std::time::Duration;

use mcp_runtime::{Context, Handlers, handlers, tool};

pub(crate) fn handlers() -> Handlers {
    handlers![test_tool_with_progress, slow]
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
}
