//! A server in a process of its own, driven through its pipes byte by byte.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{self, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::Duration,
};

use serde_json::{Value, json};

/// Long enough for the slowest machine: it only passes when a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Child {
    process: process::Child,
    input: Option<process::ChildStdin>,
    lines: Receiver<String>,
    errors: Receiver<String>,
    pings: u64,
    /// Whoever holds it keeps the output from being read.
    gate: Arc<Mutex<()>>,
}

impl Child {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server with settings for the fixture.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(fixture());
        command.envs(settings.iter().copied());
        Self::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let input = process.stdin.take();
        let output = process.stdout.take();
        let gate = Arc::default();
        let lines = output.map_or_else(|| channel().1, |output| lines(output, Arc::clone(&gate)));
        let errors = lines_of_errors(process.stderr.take().unwrap());
        Self {
            process,
            input,
            lines,
            errors,
            pings: 0,
            gate,
        }
    }

    /// A server that reads from something else than a pipe.
    #[cfg(unix)]
    pub(crate) fn reading(file: std::fs::File) -> Self {
        let mut command = Command::new(fixture());
        Self::spawn(command.stdin(file).stdout(Stdio::piped()))
    }

    /// A server with a session of 2025-11-25.
    pub(crate) fn initialized() -> Self {
        let mut child = Self::start();
        child.initialize();
        child
    }

    pub(crate) fn initialize(&mut self) {
        self.send(&initialize("2025-11-25"));
        let answer = self.receive();
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// The next message.
    pub(crate) fn receive(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE);
        let line = line.expect("no more lines from the server");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The answer to a request.
    pub(crate) fn request(&mut self, id: impl Into<Value>, method: &str, params: Value) -> Value {
        let id = id.into();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.request("call", "tools/call", params)
    }

    /// Nothing has been written that was not received, and the next request is answered.
    #[track_caller]
    pub(crate) fn is_silent(&mut self) {
        self.pings += 1;
        let id = format!("ping {}", self.pings);
        let params = json!({ "name": "add", "arguments": { "a": 1, "b": 1 } });
        let params = with_meta(params);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
        let answer = self.receive();
        assert_eq!(answer["id"], json!(id), "{answer}");
        assert!(answer["result"].is_object(), "{answer}");
    }

    /// The next message is an error without an id, and the next request is answered.
    #[track_caller]
    pub(crate) fn refuses(&mut self, line: &str, code: i64) {
        self.refuses_bytes(line.as_bytes(), code);
    }

    #[track_caller]
    pub(crate) fn refuses_bytes(&mut self, line: &[u8], code: i64) {
        self.write(line);
        self.write(b"\n");
        let answer = self.receive();
        let shown = String::from_utf8_lossy(&line[..line.len().min(200)]);
        assert_eq!(answer["error"]["code"], json!(code), "{shown} -> {answer}");
        assert!(answer.get("id").is_none(), "{shown} -> {answer}");
        self.is_silent();
    }

    /// Waits until standard error has a line that contains `text`.
    #[track_caller]
    pub(crate) fn tells(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        loop {
            match self.errors.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("{error}: {text:?} is not in {seen:#?}"),
            }
        }
    }

    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Nothing is read while it is locked.
    pub(crate) fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.gate)
    }

    /// The most memory that the server has had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> usize {
        let kibibytes = self.status("VmHWM:");
        kibibytes.parse::<usize>().unwrap() << 10
    }

    /// Waits until SIGTERM would not simply end the process: where no answer can tell.
    #[cfg(target_os = "linux")]
    pub(crate) fn awaits_signals(&self) {
        let begun = std::time::Instant::now();
        while u64::from_str_radix(&self.status("SigCgt:"), 16).unwrap() & (1 << 14) == 0 {
            assert!(begun.elapsed() < PATIENCE, "the server does not get ready");
            std::thread::yield_now();
        }
    }

    #[cfg(target_os = "linux")]
    fn status(&self, field: &str) -> String {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with(field));
        line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
    }

    /// Closes the end of the output that the test reads.
    pub(crate) fn close_output(&mut self) {
        self.lines = channel().1;
    }

    pub(crate) fn signal(&mut self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.process.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    /// The end of the process, and what it has written since the last message that was received.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let mut rest = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => rest.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
        while self.errors.recv_timeout(PATIENCE).is_ok() {}
        (self.process.wait().unwrap(), rest)
    }

    /// The process ends well without another word.
    #[track_caller]
    pub(crate) fn ends_well(self) {
        let (status, rest) = self.end();
        assert!(status.success(), "{status}");
        assert_eq!(rest, Vec::<String>::new());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn initialize(version: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": "initialize", "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    } })
}

pub(crate) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Parameters of a request that needs no session.
pub(crate) fn with_meta(mut params: Value) -> Value {
    params["_meta"] = meta();
    params
}

/// The server, which cargo has put beside the tests.
pub(crate) fn fixture() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let fixture = profile
        .join("examples")
        .join(format!("stdio_fixture{}", std::env::consts::EXE_SUFFIX));
    let built = fixture.metadata().and_then(|built| built.modified());
    let sources = newest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(
        built.is_ok_and(|built| built >= sources),
        "{} is missing or old: run `cargo build -p mcp-runtime --example stdio_fixture` first",
        fixture.display()
    );
    fixture
}

fn newest(folder: &Path) -> std::time::SystemTime {
    let entries = std::fs::read_dir(folder).unwrap();
    let times = entries.map(|entry| {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            newest(&entry.path())
        } else {
            entry.metadata().unwrap().modified().unwrap()
        }
    });
    times.max().unwrap()
}

fn lines(stream: impl Read + Send + 'static, gate: Arc<Mutex<()>>) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            drop(gate.lock());
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    lines
}

/// Read to its end whoever listens, so that the server never waits for it.
fn lines_of_errors(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let _ = sender.send(line.unwrap_or_default());
        }
    });
    lines
}
