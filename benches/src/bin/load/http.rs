//! A client of a server over HTTP.

mod connection;

pub(crate) use self::connection::{Connection, Site};
use crate::{
    Result,
    client::{Client, Request, check_count, check_echo, check_list, check_step, check_sum, saying},
    process::{Process, Program, Tool},
    scenario::{Load, Mode},
};

/// A client with some connections, in a session each where there are sessions.
pub(crate) struct Http {
    process: Process,
    mode: Mode,
    connections: Vec<Connection>,
}

impl Http {
    /// Starts a server and waits for its first answers.
    pub(crate) fn connect(
        program: Program,
        tool: &Tool,
        mode: Mode,
        connections: usize,
    ) -> Result<Self> {
        let mut process = Process::start(program, tool)?;
        let site = Site::of(&mut process)?;
        let connections = (0..connections).map(|_| Connection::open(&site, mode));
        Ok(Self {
            process,
            mode,
            connections: connections.collect::<Result<_>>()?,
        })
    }

    /// Adds numbers, with a request in flight on each connection at any time.
    fn add(&mut self, requests: u32) -> Result<()> {
        let ids = 1..=requests;
        // Written beforehand, so that the client keeps up with every server.
        let messages: Vec<_> = ids.map(|id| Request::add(self.mode.era(), id)).collect();
        let count = self.connections.len();
        for (index, request) in messages.iter().enumerate() {
            let connection = &mut self.connections[index % count];
            if index >= count {
                check_sum(connection.answer()?)?;
            }
            connection.ask(request)?;
        }
        for index in messages.len().saturating_sub(count)..messages.len() {
            check_sum(self.connections[index % count].answer()?)?;
        }
        Ok(())
    }

    fn list(&mut self, requests: u32) -> Result<()> {
        let request = Request::list(self.mode.era());
        for _ in 0..requests {
            self.connections[0].ask(&request)?;
            check_list(self.connections[0].answer()?)?;
        }
        Ok(())
    }

    fn progress(&mut self, requests: u32) -> Result<()> {
        let request = Request::progress(self.mode.era());
        for _ in 0..requests {
            self.connections[0].ask(&request)?;
            let events = self.connections[0].events()?;
            let [steps @ .., last] = &events[..] else {
                return Err("no event at all".into());
            };
            if steps.len() != 1000 {
                return Err(format!("{} steps instead of 1000", steps.len()).into());
            }
            for (step, event) in (1..).zip(steps) {
                check_step(event, step)?;
            }
            check_count(last)?;
        }
        Ok(())
    }

    fn echo(&mut self, requests: u32) -> Result<()> {
        let (request, said) = (Request::echo(self.mode.era()), saying());
        for _ in 0..requests {
            self.connections[0].ask(&request)?;
            check_echo(self.connections[0].answer()?, &said)?;
        }
        Ok(())
    }
}

impl Client for Http {
    fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn run(&mut self, load: Load, requests: u32) -> Result<()> {
        match load {
            Load::Add(_) => self.add(requests),
            Load::List => self.list(requests),
            Load::Progress => self.progress(requests),
            Load::Echo => self.echo(requests),
        }
    }

    fn end(self: Box<Self>) -> Result<()> {
        let Self {
            mut process,
            connections,
            ..
        } = *self;
        drop(connections);
        process.terminate()?;
        process.wait()
    }
}
