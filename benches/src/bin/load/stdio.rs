//! Servers on pipes.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout},
    time::Instant,
};

use mcp_benches::{era::Era, rounds::interleaved};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::{Result, options::Options, process::Process, report};

/// The limit, rmcp and ours.
const SERVERS: [&str; 3] = ["bare_stdio", "rmcp_stdio", "ours_stdio"];

/// Measures everything that is wanted.
pub(crate) fn run(options: &Options) -> Result<()> {
    report::head("CPU µs per request, stdio");
    for scenario in &SCENARIOS {
        let Scenario { name, era, load } = scenario;
        let name = format!("{name}, {era}");
        if !options.wants(&name) {
            continue;
        }
        let mut clients = SERVERS
            .iter()
            .map(|server| Client::connect(server, *era))
            .collect::<Result<Vec<_>>>()?;
        // What is slow only once.
        for client in &mut clients {
            load.run(client)?;
        }
        let figures = interleaved(options.rounds, &mut clients, |client| -> Result<f64> {
            let before = client.process.cpu()?;
            let requests = load.run(client)?;
            let used = client.process.cpu()?.saturating_sub(before);
            Ok(used.as_secs_f64() * 1e6 / f64::from(requests))
        })?;
        report::row(&name, &figures);
    }
    start_up(options)
}

fn start_up(options: &Options) -> Result<()> {
    let name = "start to first answer";
    if !options.wants(name) {
        return Ok(());
    }
    report::head("milliseconds on the clock, stdio");
    let figures = interleaved(
        options.rounds * 5,
        &mut { SERVERS },
        |server| -> Result<f64> {
            let begun = Instant::now();
            Client::connect(server, Era::Legacy)?;
            Ok(begun.elapsed().as_secs_f64() * 1e3)
        },
    )?;
    report::row(name, &figures);
    Ok(())
}

struct Scenario {
    name: &'static str,
    era: Era,
    load: Load,
}

const SCENARIOS: [Scenario; 8] = [
    Scenario {
        name: "`tools/call` of `add`, 1 in flight",
        era: Era::Modern,
        load: Load::Add { in_flight: 1 },
    },
    Scenario {
        name: "`tools/call` of `add`, 1 in flight",
        era: Era::Legacy,
        load: Load::Add { in_flight: 1 },
    },
    Scenario {
        name: "`tools/call` of `add`, 64 in flight",
        era: Era::Modern,
        load: Load::Add { in_flight: 64 },
    },
    Scenario {
        name: "`tools/call` of `add`, 64 in flight",
        era: Era::Legacy,
        load: Load::Add { in_flight: 64 },
    },
    Scenario {
        name: "`tools/list` of 55 tools",
        era: Era::Modern,
        load: Load::List,
    },
    Scenario {
        name: "`tools/list` of 55 tools",
        era: Era::Legacy,
        load: Load::List,
    },
    Scenario {
        name: "1,000 progress notifications",
        era: Era::Legacy,
        load: Load::Progress,
    },
    Scenario {
        name: "echo of 1 MiB",
        era: Era::Legacy,
        load: Load::Echo,
    },
];

/// What is asked for in one measurement.
#[derive(Clone, Copy)]
enum Load {
    Add { in_flight: u32 },
    List,
    Progress,
    Echo,
}

impl Load {
    /// Asks for it, and says how often it did.
    fn run(self, client: &mut Client) -> Result<u32> {
        match self {
            Self::Add { in_flight: 1 } => client.add(5_000, 1),
            Self::Add { in_flight } => client.add(20_000, in_flight),
            Self::List => client.list(500),
            Self::Progress => client.progress(20),
            Self::Echo => client.echo(20),
        }
    }
}

/// A client that knows only the requests that are measured.
struct Client {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    era: Era,
    line: Vec<u8>,
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

impl Client {
    /// Starts a server and waits for its first answer.
    fn connect(server: &str, era: Era) -> Result<Self> {
        let mut process = Process::start(server)?;
        let input = process.child.stdin.take().ok_or("no input")?;
        let output = process.child.stdout.take().ok_or("no output")?;
        let mut client = Self {
            process,
            input,
            output: BufReader::with_capacity(64 * 1024, output),
            era,
            line: Vec::new(),
        };
        match era.hello() {
            Some([initialize, initialized]) => {
                client.write(&initialize)?;
                client.read()?;
                client.write(&initialized)?;
            }
            None => drop(client.add(1, 1)?),
        }
        Ok(client)
    }

    /// Adds numbers, with so many requests in flight at any time.
    fn add(&mut self, requests: u32, in_flight: u32) -> Result<u32> {
        // Written beforehand, so that the client keeps up with every server.
        let lines = (1..=requests).map(|id| {
            let params = json!({ "name": "add", "arguments": { "a": id, "b": 1 } });
            self.era.request(id, "tools/call", params)
        });
        let mut lines = lines.collect::<Vec<_>>().into_iter();
        let (mut sent, mut answered) = (0, 0);
        while answered < requests {
            let room = in_flight - (sent - answered);
            let more: Vec<_> = lines.by_ref().take(room as usize).collect();
            sent += u32::try_from(more.len())?;
            self.write(&more.concat())?;
            loop {
                let answer = self.answer()?;
                let called: Called = serde_json::from_str(answer.result.get())?;
                let sum = (answer.id + 1).to_string();
                expect(&called.content[0].text, &sum)?;
                answered += 1;
                if !self.output.buffer().contains(&b'\n') {
                    break;
                }
            }
        }
        Ok(requests)
    }

    /// Lists the tools, again and again.
    fn list(&mut self, requests: u32) -> Result<u32> {
        let line = self.era.request(1, "tools/list", json!({}));
        for _ in 0..requests {
            self.write(&line)?;
            let listed: Listed<'_> = serde_json::from_str(self.answer()?.result.get())?;
            expect(&listed.tools.len(), &55)?;
        }
        Ok(requests)
    }

    /// Counts to 1,000, again and again.
    fn progress(&mut self, requests: u32) -> Result<u32> {
        let params = json!({ "name": "count", "arguments": { "to": 1000 }, "_meta": { "progressToken": 7 } });
        let line = self.era.request(1, "tools/call", params);
        for _ in 0..requests {
            self.write(&line)?;
            for step in 1..=1000 {
                let told: Told = serde_json::from_slice(self.read()?)?;
                expect(&told.method, &"notifications/progress".to_owned())?;
                expect(&told.params.progress, &f64::from(step))?;
            }
            let called: Called = serde_json::from_str(self.answer()?.result.get())?;
            expect(&*called.content[0].text, "1000")?;
        }
        Ok(requests)
    }

    /// Says something long, again and again.
    fn echo(&mut self, requests: u32) -> Result<u32> {
        let text = "echo ".repeat(1024 * 1024 / 5);
        let params = json!({ "name": "echo", "arguments": { "text": text } });
        let line = self.era.request(1, "tools/call", params);
        for _ in 0..requests {
            self.write(&line)?;
            let called: Called = serde_json::from_str(self.answer()?.result.get())?;
            // Not by `expect`: nobody wants to read it.
            if called.content[0].text != text {
                return Err("the echo is not what was said".into());
            }
        }
        Ok(requests)
    }

    fn write(&mut self, lines: &str) -> Result<()> {
        self.input.write_all(lines.as_bytes())?;
        Ok(())
    }

    fn read(&mut self) -> Result<&[u8]> {
        self.line.clear();
        match self.output.read_until(b'\n', &mut self.line)? {
            0 => Err("the server has ended".into()),
            _ => Ok(&self.line),
        }
    }

    fn answer(&mut self) -> Result<Answer<'_>> {
        let line = self.read()?;
        let answer = serde_json::from_slice(line);
        answer.map_err(|error| format!("{error}: {}", String::from_utf8_lossy(line)).into())
    }
}

fn expect<T: ?Sized + PartialEq + std::fmt::Debug>(told: &T, right: &T) -> Result<()> {
    if told == right {
        return Ok(());
    }
    Err(format!("the answer is {told:?}, not {right:?}").into())
}
