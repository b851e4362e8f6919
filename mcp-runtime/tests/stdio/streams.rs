//! The streams themselves: nothing but the protocol comes out, and anything can be at the other end.

#![cfg(unix)]

use std::{
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::child::{Child, fixture, with_meta};

fn add() -> String {
    let params = with_meta(json!({ "name": "add", "arguments": { "a": 1, "b": 2 } }));
    format!(
        "{}\n",
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
    )
}

fn assert_answered(output: &[u8]) {
    let answer: Value = serde_json::from_slice(output).unwrap();
    assert_eq!(answer["result"]["structuredContent"], 3);
}

#[test]
fn what_is_printed_goes_to_standard_error() {
    let mut child = Child::initialized();
    child.tells("printed at start");
    let answer = child.call("print", json!({}));
    // The child process found its own standard input empty.
    assert_eq!(answer["result"]["content"][0]["text"], "true, Some(\"\")");
    child.tells("printed by the handler");
    child.tells("printed by a child");
    child.is_silent();
    child.close_input();
    child.tells("half a line by the handler");
    child.ends_well();
}

#[test]
fn sockets_are_served() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let output = OwnedFd::from(theirs.try_clone().unwrap());
    let mut process = Command::new(fixture())
        .stdin(OwnedFd::from(theirs))
        .stdout(output)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    ours.write_all(add().as_bytes()).unwrap();
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    ours.read_to_end(&mut answer).unwrap();
    assert!(process.wait().unwrap().success());
    assert_answered(&answer);
}

#[test]
fn files_are_served() {
    let folder = std::env::temp_dir().join(format!("stdio-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (input, output) = (folder.join("input"), folder.join("output"));
    std::fs::write(&input, add()).unwrap();
    let status = Command::new(fixture())
        .stdin(std::fs::File::open(&input).unwrap())
        .stdout(std::fs::File::create(&output).unwrap())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let answer = std::fs::read(&output).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(status.success());
    assert_answered(&answer);
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_never_answers_does_not_keep_the_process() {
    // `/dev/ptmx` is a terminal without anybody behind it: reading waits for ever.
    let Ok(terminal) = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/ptmx")
    else {
        return;
    };
    let mut child = Child::reading(terminal);
    child.awaits_signals();
    child.signal("-TERM");
    child.tells("served Ok");
    child.ends_well();
}
