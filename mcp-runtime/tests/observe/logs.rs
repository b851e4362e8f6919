//! Logs on standard error.

use std::{
    env,
    process::{Command, Output},
};

use mcp_runtime::{Server, handlers, logging, testing::TestClient, tool};
use serde_json::Value;

/// The variable that tells this program to be the one that logs.
const WRITER: &str = "MCP_TEST_LOGS_WRITER";

/// Says something.
#[tool]
fn speak() {
    tracing::info!(volume = 11, "spoken");
    tracing::debug!("whispered");
}

/// Not a test of its own: the process whose logs the others read.
#[tokio::test]
async fn a_writer_of_another_test() {
    if env::var(WRITER).is_err() {
        return;
    }
    if let Err(error) = logging::init() {
        eprintln!("{error}");
        return;
    }
    let client = TestClient::connect(Server::new("loud", "1").add(handlers![speak])).await;
    client.call("speak", ()).await;
    let again = logging::init().unwrap_err();
    tracing::error!(%again, "a second subscriber");
}

fn run(level: Option<&str>) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", "logs::a_writer_of_another_test"])
        .env(WRITER, "yes")
        .env_remove("RUST_LOG");
    if let Some(level) = level {
        command.env("RUST_LOG", level);
    }
    command.output().unwrap()
}

fn logged(level: Option<&str>) -> Vec<Value> {
    let output = run(level);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("spoken"));
    let text = String::from_utf8(output.stderr).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn messages(records: &[Value]) -> Vec<&str> {
    let messages = records
        .iter()
        .filter_map(|record| record["message"].as_str());
    let ours = ["spoken", "whispered", "a second subscriber"];
    messages.filter(|message| ours.contains(message)).collect()
}

#[test]
fn logs_are_json_on_standard_error_with_the_call_they_belong_to() {
    let records = logged(None);
    assert_eq!(messages(&records), ["spoken", "a second subscriber"]);
    let spoken = records
        .iter()
        .find(|record| record["message"] == "spoken")
        .unwrap();
    assert_eq!(spoken["level"], "INFO");
    assert_eq!(spoken["volume"], 11);
    assert_eq!(spoken["span"]["name"], "mcp.call");
    assert_eq!(spoken["span"]["gen_ai.tool.name"], "speak");
    let second = records
        .iter()
        .find(|record| record["level"] == "ERROR")
        .unwrap();
    assert!(
        second["again"].as_str().unwrap().contains("already"),
        "{second}"
    );
}

#[test]
fn a_variable_says_what_is_logged() {
    let all = ["spoken", "whispered", "a second subscriber"];
    assert_eq!(messages(&logged(Some("debug"))), all);
    assert_eq!(messages(&logged(Some("error"))), ["a second subscriber"]);
    assert_eq!(messages(&logged(Some("error,observe=info"))).len(), 2);
    assert_eq!(messages(&logged(Some(""))).len(), 2);
    let output = run(Some("observe=loud"));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("RUST_LOG"), "{text}");
}
