//! A client of a server on pipes.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout},
};

use mcp_benches::era::Era;

use crate::{
    Result,
    client::{Client, Request, check_count, check_echo, check_list, check_step, check_sum, saying},
    process::{Process, Program, Tool},
    scenario::Load,
};

/// A client of a server on pipes.
pub(crate) struct Stdio {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    era: Era,
    line: Vec<u8>,
}

impl Stdio {
    /// Starts a server and waits for its first answer.
    pub(crate) fn connect(program: Program, tool: &Tool, era: Era) -> Result<Self> {
        let mut process = Process::start(program, tool)?;
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
            None => client.add(1, 1)?,
        }
        Ok(client)
    }

    /// Adds numbers, with so many requests in flight at any time.
    fn add(&mut self, requests: u32, in_flight: usize) -> Result<()> {
        // Written beforehand, so that the client keeps up with every server.
        let lines = (1..=requests).map(|id| Request::add(self.era, id).message);
        let mut lines = lines.collect::<Vec<_>>().into_iter();
        let mut open = 0;
        while open > 0 || lines.len() > 0 {
            let more: Vec<_> = lines.by_ref().take(in_flight - open).collect();
            open += more.len();
            self.write(&more.concat())?;
            loop {
                check_sum(self.read()?)?;
                open -= 1;
                if !self.output.buffer().contains(&b'\n') {
                    break;
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, requests: u32) -> Result<()> {
        let line = Request::list(self.era).message;
        for _ in 0..requests {
            self.write(&line)?;
            check_list(self.read()?)?;
        }
        Ok(())
    }

    fn progress(&mut self, requests: u32) -> Result<()> {
        let line = Request::progress(self.era).message;
        for _ in 0..requests {
            self.write(&line)?;
            for step in 1..=1000 {
                check_step(self.read()?, step)?;
            }
            check_count(self.read()?)?;
        }
        Ok(())
    }

    fn echo(&mut self, requests: u32) -> Result<()> {
        let (line, said) = (Request::echo(self.era).message, saying());
        for _ in 0..requests {
            self.write(&line)?;
            check_echo(self.read()?, &said)?;
        }
        Ok(())
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
}

impl Client for Stdio {
    fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn run(&mut self, load: Load, requests: u32) -> Result<()> {
        match load {
            Load::Add(in_flight) => self.add(requests, in_flight),
            Load::List => self.list(requests),
            Load::Progress => self.progress(requests),
            Load::Echo => self.echo(requests),
        }
    }

    fn end(self: Box<Self>) -> Result<()> {
        let Self {
            mut process, input, ..
        } = *self;
        drop(input);
        process.wait()
    }
}
