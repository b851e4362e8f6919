//! [`Sink`]: where records go.

use std::io;

/// Where the records of an [`Audit`](super::Audit) go: a [`FileSink`](super::FileSink), or whatever else keeps lines.
///
/// It lives on a thread of its own, where it may block, unless it [says](Self::is_blocking) that it does not.
///
/// ```
/// use std::{io, sync::mpsc};
///
/// use mcp_runtime::{Server, audit::{Audit, Sink}};
///
/// /// Hands the lines to another part of the program.
/// struct Channel(mpsc::Sender<Vec<u8>>);
///
/// impl Sink for Channel {
///     fn append(&mut self, lines: &[u8]) -> io::Result<()> {
///         self.0.send(lines.to_vec()).map_err(io::Error::other)
///     }
/// }
///
/// let (sender, _lines) = mpsc::channel();
/// let server = Server::new("example", "1.0.0").audit(Audit::new(Channel(sender)));
/// # server.build()?;
/// # Ok::<(), mcp_runtime::Error>(())
/// ```
pub trait Sink: Send + 'static {
    /// Appends whole lines behind all others: each is one record in JSON, and ends with a line feed.
    ///
    /// # Errors
    ///
    /// If the sink cannot keep them. It keeps none of them then: they are given again, or lost, as
    /// [`OnFailure`](super::OnFailure) says.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;

    /// Whether [`append`](Self::append) may block, as everything does that waits for a disk or for a network. It is asked once, before
    /// anything is appended.
    ///
    /// If not, calls append their records themselves, one call at a time, which costs much less than waiting for a thread that does. With
    /// [`OnFailure::GoOn`](super::OnFailure::GoOn), where no call waits, a thread does in any case.
    fn is_blocking(&self) -> bool {
        true
    }

    /// What the sink holds already, for the chain to go on behind it. It is asked once, before anything is appended. A sink
    /// that holds nothing needs no such method.
    ///
    /// # Errors
    ///
    /// If it cannot be read. The server does not start then.
    fn resume(&mut self) -> io::Result<Resume> {
        Ok(Resume::default())
    }
}

/// The end of what a [`Sink`] holds.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Resume {
    /// The last record, without its line feed.
    pub last: Option<Vec<u8>>,
    /// What stands behind it: a record that was never written to its end. The next record vouches for it, so that it can be told
    /// from one that was changed later.
    pub torn: Vec<u8>,
}
