//! The audit: one record for each call, which nobody can change unnoticed.
//!
//! ```no_run
//! use mcp_runtime::{Server, audit::{Audit, Key}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = Key::new(std::fs::read("audit.key")?);
//! let server = Server::new("example", "1.0.0").audit(Audit::file("audit.jsonl")?.key(key));
//! # Ok(())
//! # }
//! ```
//!
//! # Which calls
//!
//! Each call of a tool, a resource or a prompt has exactly one record, however it ends: those of something that is not there or that the
//! caller may not use, those with wrong arguments, those that a layer has refused or answered, those that have panicked, and those
//! that the client has taken back. Calls that handlers make of each other have records of their own. A call that asks the client
//! in rounds has one for each round.
//!
//! # Records
//!
//! A record is one line of JSON:
//!
//! | field | what it says |
//! |---|---|
//! | `seq` | its number, from 1 on |
//! | `prev` | the hash of the record before it; 64 zeros in the first |
//! | `torn` | there if a process has ended while it wrote the record before: the length and the SHA-256 of what there is of it |
//! | `lost` | there if records before it were lost because the sink had failed: how many |
//! | `time` | when the call came, in UTC |
//! | `subject` | who asks, as [`Principal::subject`](crate::Principal::subject) |
//! | `issuer` | who has given the subject its name, as [`Principal::issuer`](crate::Principal::issuer) |
//! | `client` | the program that has proved to be one of the subject's, as [`Principal::client`](crate::Principal::client) |
//! | `agent` | the program that asks, as it calls itself |
//! | `kind` | `tool`, `resource` or `prompt` |
//! | `name` | the name of the handler, or the one that was asked for |
//! | `uri` | the URI of a resource |
//! | `trace_id` | the trace of the client, if it names one |
//! | `protocol`, `request_id` | the revision of the protocol, and the id of the request |
//! | `nested` | `true` if a handler has made the call |
//! | `arguments_sha256`, `arguments` | the arguments, as [`Arguments`] says |
//! | `scope` | the tenants that the call is about, as [`Context::scope_key`](crate::Context::scope_key) |
//! | `outcome` | `ok`, `error`, `input_required` or `cancelled` |
//! | `error` | the kind of the error, such as `unknown`, `forbidden`, `invalid_arguments`, `failed`, `internal` |
//! | `reference` | the reference of an internal error, under which the log has it |
//! | `duration_us` | how long the call took, in microseconds |
//! | `hash` | the SHA-256 of the line up to here: of everything before `,"hash":` |
//! | `mac` | the HMAC-SHA-256 of the same bytes, if there is a [`Key`] |
//!
//! # What the chain proves
//!
//! [`verify`], and the command `mcp-audit verify`, find the first record that was changed, taken away, moved or added. What they prove
//! depends on what the one who did it has:
//!
//! - Without a key, anybody who may write to the file can write the whole chain anew. The chain finds accidents, and
//!   changes by those who do not know of it.
//! - With a key, nobody can who does not have it. The process of the server has it: what it writes once it is taken over is worth nothing,
//!   what it has written before still is.
//! - That records at the end are gone is never seen in the file itself, nor that the file was put back to what it was. Keep the head that
//!   the command prints somewhere else from time to time, and [check for it](Verifier::head).
//!
//! A process that ends in the middle of a record loses that record at most: the next one vouches for the fragment, which is why
//! it can be told from a record that was damaged later.

mod call;
mod chain;
mod digest;
mod file;
mod record;
mod sink;
mod time;
mod verify;
mod writer;

pub use chain::Key;
pub use file::FileSink;
pub use sink::{Resume, Sink};
pub use verify::{Broken, Fault, Report, Verifier, verify};

pub(crate) use call::Pending;

use std::{fmt, io, path::Path, sync::Arc};

use self::{chain::Chain, writer::Log};

/// An audit that is about to begin: see [`Server::audit`](crate::Server::audit).
#[must_use = "nothing is recorded until a server has it"]
pub struct Audit {
    sink: Box<dyn Sink>,
    key: Option<Key>,
    arguments: Arguments,
    on_failure: OnFailure,
}

impl Audit {
    /// An audit in a file of JSON Lines, which is made if it is not there, and gone on with if it is.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::new(FileSink::open(path)?))
    }

    /// An audit that goes somewhere else.
    pub fn new(sink: impl Sink) -> Self {
        Self {
            sink: Box::new(sink),
            key: None,
            arguments: Arguments::default(),
            on_failure: OnFailure::default(),
        }
    }

    /// Signs each record.
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// What records say of arguments: their digest unless this says otherwise.
    pub fn arguments(mut self, arguments: Arguments) -> Self {
        self.arguments = arguments;
        self
    }

    /// What happens when records cannot be written: calls are refused unless this says otherwise.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    pub(crate) fn start(mut self) -> io::Result<Running> {
        let Resume { last, torn } = self.sink.resume()?;
        let chain = Chain::behind(self.key, last.as_deref(), &torn);
        let chain = chain.map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, problem))?;
        Ok(Running {
            log: Arc::new(Log::start(self.sink, chain, self.on_failure)?),
            arguments: self.arguments,
        })
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("key", &self.key)
            .field("arguments", &self.arguments)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

/// What records say of the arguments of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arguments {
    /// `arguments_sha256`: the SHA-256 of their canonical JSON, which has no white space and the keys of each object in order. It proves
    /// what the arguments were to somebody who has them, and hides them from others as long as they cannot be guessed.
    #[default]
    Digest,
    /// `arguments`: all of them but secrets, which are masked. Those of something that is not there are left out. More than 64 KiB of
    /// them have their digest instead.
    Redacted,
    /// Nothing.
    Omitted,
}

/// What happens when records cannot be written, because the disk is full for example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// Each call waits for its record. If it cannot be written, the client gets an error in place of the result, and calls are refused until
    /// records can be written again. Those of the calls that have run by then are kept, and written first; those of calls that were
    /// refused are counted.
    #[default]
    Refuse,
    /// Calls go on, and wait for nothing. Records that cannot be written are lost; the log tells when that begins and
    /// ends, and the next record how many there were.
    GoOn,
}

/// An audit that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    log: Arc<Log>,
    arguments: Arguments,
}

impl Running {
    /// Waits until everything is written.
    pub(crate) async fn flush(&self) {
        self.log.flush().await;
    }
}
