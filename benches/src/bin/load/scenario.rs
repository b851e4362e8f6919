//! What is measured.

use std::fmt;

use mcp_benches::era::Era;

use crate::{
    Result,
    client::Client,
    http::Http,
    process::{Program, Tool},
    stdio::Stdio,
};

/// A load over a transport in an era.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    pub(crate) load: Load,
    pub(crate) way: Way,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// Sums, with so many requests in flight; over HTTP, each has a connection.
    Add(usize),
    List,
    Progress,
    Echo,
}

/// How it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Stdio(Era),
    Http(Mode),
}

/// How an endpoint is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// 2026-07-28.
    Modern,
    /// 2025-11-25, without `initialize`.
    Stateless,
    /// 2025-11-25, in a session for each connection.
    Session,
}

use Load::{Add, Echo, List, Progress};
use Mode::{Modern, Session, Stateless};

const PIPE_MODERN: Way = Way::Stdio(Era::Modern);
const PIPE_LEGACY: Way = Way::Stdio(Era::Legacy);

/// Everything, in the order of the table.
pub(crate) const SCENARIOS: [Scenario; 23] = [
    Scenario::new(Add(1), PIPE_MODERN),
    Scenario::new(Add(1), PIPE_LEGACY),
    Scenario::new(Add(64), PIPE_MODERN),
    Scenario::new(Add(64), PIPE_LEGACY),
    Scenario::new(Add(1), Way::Http(Modern)),
    Scenario::new(Add(1), Way::Http(Stateless)),
    Scenario::new(Add(1), Way::Http(Session)),
    Scenario::new(Add(16), Way::Http(Modern)),
    Scenario::new(Add(16), Way::Http(Stateless)),
    Scenario::new(Add(16), Way::Http(Session)),
    Scenario::new(Add(128), Way::Http(Modern)),
    Scenario::new(Add(128), Way::Http(Stateless)),
    Scenario::new(Add(128), Way::Http(Session)),
    Scenario::new(List, PIPE_MODERN),
    Scenario::new(List, PIPE_LEGACY),
    Scenario::new(List, Way::Http(Modern)),
    Scenario::new(List, Way::Http(Stateless)),
    Scenario::new(Progress, PIPE_MODERN),
    Scenario::new(Progress, PIPE_LEGACY),
    Scenario::new(Progress, Way::Http(Modern)),
    Scenario::new(Echo, PIPE_MODERN),
    Scenario::new(Echo, PIPE_LEGACY),
    Scenario::new(Echo, Way::Http(Modern)),
];

impl Scenario {
    const fn new(load: Load, way: Way) -> Self {
        Self { load, way }
    }

    /// The limit, rmcp and ours.
    pub(crate) fn programs(self) -> [Program; 3] {
        match self.way {
            Way::Stdio(_) => ["bare_stdio", "rmcp_stdio", "ours_stdio"].map(Program::new),
            Way::Http(Session) => [
                Program::new("bare_http"),
                Program::new("rmcp_http").with("sessions"),
                Program::new("ours_http"),
            ],
            Way::Http(_) => ["bare_http", "rmcp_http", "ours_http"].map(Program::new),
        }
    }

    /// Starts a server and connects to it.
    pub(crate) fn connect(self, program: Program, tool: &Tool) -> Result<Box<dyn Client>> {
        Ok(match (self.way, self.load) {
            (Way::Stdio(era), _) => Box::new(Stdio::connect(program, tool, era)?),
            (Way::Http(mode), Add(connections)) => {
                Box::new(Http::connect(program, tool, mode, connections)?)
            }
            (Way::Http(mode), _) => Box::new(Http::connect(program, tool, mode, 1)?),
        })
    }
}

impl Load {
    /// How often it is asked for in one measurement of time.
    pub(crate) fn requests(self) -> u32 {
        match self {
            Add(1) => 5_000,
            Add(_) => 20_000,
            List => 500,
            Progress | Echo => 20,
        }
    }
}

impl Mode {
    pub(crate) fn era(self) -> Era {
        match self {
            Modern => Era::Modern,
            Stateless | Session => Era::Legacy,
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { load, way } = self;
        match (load, way) {
            (Add(1), Way::Http(_)) => f.write_str("`tools/call` of `add`, 1 connection")?,
            (Add(count), Way::Http(_)) => {
                write!(f, "`tools/call` of `add`, {count} connections")?;
            }
            (Add(count), Way::Stdio(_)) => {
                write!(f, "`tools/call` of `add`, {count} in flight")?;
            }
            (List, _) => f.write_str("`tools/list` of 55 tools")?,
            (Progress, _) => f.write_str("1,000 progress notifications")?,
            (Echo, _) => f.write_str("echo of 1 MiB")?,
        }
        match way {
            Way::Stdio(era) => write!(f, ", stdio {era}"),
            Way::Http(Modern) => write!(f, ", http {}", Era::Modern),
            Way::Http(Stateless) => write!(f, ", http {}, stateless", Era::Legacy),
            Way::Http(Session) => write!(f, ", http {}, session", Era::Legacy),
        }
    }
}
