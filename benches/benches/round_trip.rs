//! One `tools/call` of `add` in one process and on one thread, from the arguments to the sum.
//!
//! divan measures the time and the allocations of each way. It compares nothing, so the ratios to rmcp are measured behind it, in
//! rounds in which the ways take turns.

use std::{convert::Infallible, fmt, time::Instant};

use divan::{AllocProfiler, Bencher};
use mcp_benches::{bare, era::Era, official::Official, ours, rounds::interleaved};
use mcp_runtime::testing::{Protocol, TestClient};
use rmcp::{
    ServiceExt,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
    },
    service::{ClientLifecycleMode, ClientServiceExt},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex, split},
    runtime::{Builder, Runtime},
};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many bytes fit between a client and its server.
const ROOM: usize = 64 * 1024;

const ROUNDS: usize = 25;
const CALLS: u32 = 1_000;

const CASES: [Case; 8] = [
    Case(Way::Official, Era::Modern),
    Case(Way::Memory, Era::Modern),
    Case(Way::Bytes, Era::Modern),
    Case(Way::Limit, Era::Modern),
    Case(Way::Official, Era::Legacy),
    Case(Way::Memory, Era::Legacy),
    Case(Way::Bytes, Era::Legacy),
    Case(Way::Limit, Era::Legacy),
];

fn main() {
    divan::main();
    // With arguments, somebody looks at single cases.
    if std::env::args()
        .skip(1)
        .all(|argument| argument == "--bench")
    {
        print_ratios();
    }
}

#[divan::bench(args = CASES)]
fn round_trip(bencher: Bencher<'_, '_>, case: Case) {
    bencher.bench_local(case.start());
}

fn print_ratios() {
    let mut ways: Vec<_> = CASES.iter().map(|case| case.start()).collect();
    let figures = interleaved(ROUNDS, &mut ways, |call| {
        let begun = Instant::now();
        (0..CALLS).for_each(|_| call());
        Ok::<_, Infallible>(begun.elapsed().as_secs_f64() / f64::from(CALLS))
    });
    let Ok(figures) = figures;
    println!("\n| one call of `add` | revision | time | ratio to rmcp |\n|---|---|---:|---:|");
    for (case, own) in CASES.iter().zip(&figures) {
        let base = CASES
            .iter()
            .position(|other| other.0 == Way::Official && other.1 == case.1);
        let ratio = base.map_or(f64::NAN, |base| own.ratio(&figures[base]));
        let Case(way, era) = case;
        println!(
            "| {way} | {era} | {:.2} µs | {ratio:.3} |",
            own.median() * 1e6
        );
    }
}

/// A way in an era.
#[derive(Clone, Copy, Debug)]
struct Case(Way, Era);

/// From the arguments to the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The client and the server of rmcp, over bytes.
    Official,
    /// Our test client.
    Memory,
    /// Our server over bytes, and a client that knows only these.
    Bytes,
    /// What must be done in any case, bytes to bytes: no client, no server, no runtime.
    Limit,
}

type Call = Box<dyn FnMut()>;

impl Case {
    /// Connects, and returns one round trip.
    fn start(self) -> Call {
        let Self(way, era) = self;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime of one thread");
        match way {
            Way::Official => official(runtime, era),
            Way::Memory => memory(runtime, era),
            Way::Bytes => bytes(runtime, era),
            Way::Limit => limit(era),
        }
    }
}

fn memory(runtime: Runtime, era: Era) -> Call {
    let protocol = match era {
        Era::Modern => Protocol::MODERN,
        Era::Legacy => Protocol::LEGACY,
    };
    let client = runtime.block_on(TestClient::connect_as(ours::server(), protocol));
    Box::new(move || {
        let result = runtime.block_on(client.call("add", json!({ "a": 1, "b": 2 })));
        assert_eq!(result.structured::<i64>(), 3);
    })
}

fn official(runtime: Runtime, era: Era) -> Call {
    let (version, lifecycle) = match era {
        Era::Modern => {
            let version = ProtocolVersion::V_2026_07_28;
            let preferred_versions = vec![version.clone()];
            (
                version,
                ClientLifecycleMode::Discover { preferred_versions },
            )
        }
        Era::Legacy => (
            ProtocolVersion::V_2025_11_25,
            ClientLifecycleMode::Initialize,
        ),
    };
    let name = Implementation::new("benches", "1.0.0");
    let config =
        ClientConfig::new(ClientCapabilities::default(), name).with_protocol_version(version);
    let client = runtime.block_on(async {
        let (near, far) = duplex(ROOM);
        tokio::spawn(async {
            Official::new()
                .serve(far)
                .await
                .expect("a client")
                .waiting()
                .await
        });
        let connected = config.serve_with_lifecycle(near, lifecycle).await;
        connected.expect("a connection")
    });
    Box::new(move || {
        let mut params = CallToolRequestParams::new("add");
        params.arguments = json!({ "a": 1, "b": 2 }).as_object().cloned();
        let result = runtime
            .block_on(client.call_tool(params))
            .expect("a result");
        assert_eq!(result.structured_content.expect("a sum")["result"], 3);
    })
}

fn bytes(runtime: Runtime, era: Era) -> Call {
    let (near, far) = duplex(ROOM);
    let (reader, mut writer) = split(near);
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    let call = request(era);
    runtime.block_on(async {
        let service = ours::server().build().expect("a server");
        let (input, output) = split(far);
        tokio::spawn(async move { service.serve_io(input, output).await });
        for hello in era.hello().iter().flatten() {
            writer
                .write_all(hello.as_bytes())
                .await
                .expect("room for it");
        }
        if era == Era::Legacy {
            reader
                .read_until(b'\n', &mut line)
                .await
                .expect("an answer");
        }
    });
    Box::new(move || {
        line.clear();
        runtime.block_on(async {
            writer
                .write_all(call.as_bytes())
                .await
                .expect("room for it");
            reader
                .read_until(b'\n', &mut line)
                .await
                .expect("an answer");
        });
        assert_eq!(answer(&line), 3);
    })
}

fn limit(era: Era) -> Call {
    let call = request(era);
    let mut line = Vec::new();
    Box::new(move || {
        line.clear();
        bare::answer(call.as_bytes(), &mut line).expect("an answer");
        assert_eq!(answer(&line), 3);
    })
}

fn request(era: Era) -> String {
    let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    era.request(1, "tools/call", params)
}

/// The sum in an answer.
fn answer(line: &[u8]) -> i64 {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        result: Called<'a>,
    }

    #[derive(Deserialize)]
    struct Called<'a> {
        #[serde(borrow)]
        content: [Text<'a>; 1],
    }

    #[derive(Deserialize)]
    struct Text<'a> {
        text: &'a str,
    }

    let answer: Answer<'_> = serde_json::from_slice(line).expect("an answer with a text");
    let [Text { text }] = answer.result.content;
    text.parse().expect("a number")
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(way, era) = self;
        write!(f, "{era} {way}")
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Official => "rmcp's client and server",
            Self::Memory => "TestClient::call",
            Self::Bytes => "Service::serve_io",
            Self::Limit => "limit",
        })
    }
}
