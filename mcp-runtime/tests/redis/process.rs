//! Processes that a test starts, and ends with itself: a Redis server, and servers that share it.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use mcp_runtime::serde_json::{self, Value, json};
use tempfile::TempDir;

/// Says that the tests must not be skipped where there is no Redis server.
const REQUIRED: &str = "MCP_REQUIRE_REDIS_TESTS";

/// A Redis server that keeps nothing on disk, on a socket in a folder of its own.
pub(crate) struct RedisServer {
    folder: TempDir,
    process: Child,
}

impl RedisServer {
    /// Starts one; `None` if there is no `redis-server` and nothing in the environment says that there must be.
    pub(crate) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let process = start(folder.path())?;
        Some(Self { folder, process })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", socket(self.folder.path()).display())
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it once more, at the same place, with nothing in it.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.process = start(self.folder.path()).unwrap();
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn start(folder: &Path) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"]);
    command.arg(folder).arg("--unixsocket").arg(socket(folder));
    let mut process = match command.stdout(Stdio::piped()).spawn() {
        Ok(process) => process,
        Err(error)
            if error.kind() == ErrorKind::NotFound && std::env::var_os(REQUIRED).is_none() =>
        {
            eprintln!("skipped, because there is no `redis-server` here");
            return None;
        }
        Err(error) => panic!("`redis-server` does not start: {error}"),
    };
    let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
    let ready = output.any(|line| line.unwrap().contains("eady to accept connections"));
    assert!(ready, "`redis-server` has ended at once");
    // Nobody reads what it writes after that; it writes on without a reader.
    std::thread::spawn(move || output.for_each(drop));
    Some(process)
}

/// A server that shares its rates with others.
pub(crate) struct Sharing {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: u32,
}

impl Sharing {
    pub(crate) fn start(url: &str) -> Self {
        let mut command = Command::new(fixture());
        command.env("REDIS_URL", url);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut sharing = Self {
            process,
            input,
            output,
            requests: 0,
        };
        sharing.send("server/discover", &json!({}));
        sharing.receive();
        sharing
    }

    /// Makes so many calls at once.
    pub(crate) fn call(&mut self, tool: &str, times: usize) {
        for _ in 0..times {
            self.send("tools/call", &json!({ "name": tool, "arguments": {} }));
        }
    }

    /// How many of so many calls have gone through.
    pub(crate) fn done(&mut self, times: usize) -> usize {
        let done = |result: &Value| match result["_meta"]["mcp-runtime/error"]["kind"].as_str() {
            None => true,
            Some("rate_limited") => false,
            Some(_) => panic!("{result}"),
        };
        (0..times).filter(|_| done(&self.receive())).count()
    }

    fn send(&mut self, method: &str, params: &Value) {
        let mut params = params.clone();
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        });
        self.requests += 1;
        let id = self.requests;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        writeln!(self.input, "{message}").unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let mut message: Value = serde_json::from_str(&line).unwrap();
        assert!(message["error"].is_null(), "{message}");
        message["result"].take()
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of `server.rs`, which Cargo puts beside the tests.
fn fixture() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join("examples/redis_fixture");
    assert!(
        program.exists(),
        "`cargo build --example redis_fixture --features redis` builds {}",
        program.display()
    );
    program
}
