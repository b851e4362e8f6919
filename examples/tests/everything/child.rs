//! A process of the example, and what must hold of it whatever it was sent.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{self, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::era::{Era, meta};

/// Long enough for the slowest machine: it only passes when a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The next request is answered in this time, which is generous because tests share the machine.
const PROMPTLY: Duration = Duration::from_secs(2);

/// What no client may ever read.
const SECRETS: [&str; 5] = [
    "hunter2",
    "panicked at",
    ".rs:",
    "RUST_BACKTRACE",
    env!("CARGO_MANIFEST_DIR"),
];

pub(crate) struct Child {
    pub(crate) era: Era,
    process: process::Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: Receiver<String>,
    requests: u64,
    /// Whoever holds it keeps the output from being read.
    gate: Arc<Mutex<()>>,
}

impl Child {
    /// A server that was told nothing yet; whether its requests carry everything themselves is said by `era`.
    pub(crate) fn start(era: Era) -> Self {
        Self::start_with(era, &[])
    }

    pub(crate) fn start_with(era: Era, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everything"));
        Self::run(command.envs(settings.iter().copied()), era)
    }

    pub(crate) fn run(command: &mut Command, era: Era) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let gate = Arc::default();
        Self {
            era,
            input: process.stdin.take(),
            lines: lines(process.stdout.take().unwrap(), Arc::clone(&gate)),
            errors: lines(process.stderr.take().unwrap(), Arc::default()),
            process,
            requests: 0,
            gate,
        }
    }

    /// A server and a client that can do everything: with a session, where the era has them.
    pub(crate) fn open(era: Era) -> Self {
        let mut child = Self::start(era);
        child.initialize();
        child
    }

    /// Opens a session, where the era has them.
    pub(crate) fn initialize(&mut self) {
        if let Era::Legacy(version) = self.era {
            let answer = self.exchange("initialize", initialize(version));
            assert_eq!(answer["result"]["protocolVersion"], version, "{answer}");
            self.notify("notifications/initialized", json!({}));
        }
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes.as_ref()).unwrap();
        input.flush().unwrap();
    }

    /// Writes as fast as it is read, while the test does something else.
    pub(crate) fn write_apart(&mut self, lines: Vec<String>) -> JoinHandle<ChildStdin> {
        let mut input = self.input.take().unwrap();
        std::thread::spawn(move || {
            for line in lines {
                input.write_all(line.as_bytes()).unwrap();
            }
            input
        })
    }

    /// Waits until everything is written.
    pub(crate) fn written(&mut self, writer: JoinHandle<ChildStdin>) {
        self.input = Some(writer.join().unwrap());
    }

    pub(crate) fn line(&mut self, line: impl AsRef<[u8]>) {
        self.write([line.as_ref(), b"\n"].concat());
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.line(message.to_string());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The next message: a line of JSON without secrets.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE);
        read(&line.expect("no more lines from the server"))
    }

    /// The answer to a request with these very parameters, when nothing else is sent before it.
    #[track_caller]
    pub(crate) fn exchange(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = json!(format!("request {}", self.requests));
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// The invariant: the process is alive, has written nothing that was not received, and answers a valid request promptly.
    #[track_caller]
    pub(crate) fn lives(&mut self) {
        assert_eq!(self.process.try_wait().unwrap(), None);
        let begun = Instant::now();
        let params = json!({ "name": "add", "arguments": { "a": 1, "b": 1 }, "_meta": meta() });
        let answer = self.exchange("tools/call", params);
        let taken = begun.elapsed();
        assert_eq!(answer["result"]["structuredContent"], 2, "{answer}");
        assert!(taken < PROMPTLY, "{taken:?}");
    }

    /// A line is answered with this error without an id, and the server lives on.
    #[track_caller]
    pub(crate) fn refuses(&mut self, line: impl AsRef<[u8]>, code: i64) {
        let line = line.as_ref();
        self.line(line);
        let answer = self.receive();
        let shown = String::from_utf8_lossy(&line[..line.len().min(200)]);
        assert_eq!(answer["error"]["code"], code, "{shown} -> {answer}");
        assert!(answer.get("id").is_none(), "{shown} -> {answer}");
        self.lives();
    }

    /// Waits until standard error has a line that contains `text`, which is that line.
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

    /// Nothing is read while it is locked.
    pub(crate) fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.gate)
    }

    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Ends the process the way a service manager or a terminal does.
    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args([name, &id]).status();
        assert!(kill.unwrap().success());
    }

    /// The memory that the process has now, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> usize {
        self.status("VmRSS:") << 10
    }

    /// The most memory that the process has had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> usize {
        self.status("VmHWM:") << 10
    }

    #[cfg(target_os = "linux")]
    fn status(&self, field: &str) -> usize {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with(field));
        let value = line.unwrap().split_whitespace().nth(1);
        value.unwrap().parse().unwrap()
    }

    /// The end of the process, and the messages that were not received before it.
    #[track_caller]
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<Value>) {
        self.close_input();
        let mut rest = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => rest.push(read(&line)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
        (self.process.wait().unwrap(), rest)
    }

    /// The process ends well without another word.
    #[track_caller]
    pub(crate) fn ends_well(self) {
        let (status, rest) = self.end();
        assert!(status.success(), "{status}");
        assert_eq!(rest, Vec::<Value>::new());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The parameters of `initialize`, of a client that can do everything.
pub(crate) fn initialize(version: &str) -> Value {
    json!({
        "protocolVersion": version,
        "capabilities": crate::era::capabilities(),
        "clientInfo": { "name": "test", "version": "1" },
    })
}

#[track_caller]
fn read(line: &str) -> Value {
    for secret in SECRETS {
        assert!(!line.contains(secret), "{secret:?} is told: {line}");
    }
    let message: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    assert_eq!(message["jsonrpc"], "2.0", "{line}");
    message
}

/// Read to its end whoever listens, so that the server never waits for it.
fn lines(stream: impl Read + Send + 'static, gate: Arc<Mutex<()>>) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
            // Nobody may listen any more.
            let _ = sender.send(line.unwrap_or_else(|error| error.to_string()));
        }
    });
    lines
}
