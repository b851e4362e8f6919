//! The standard streams of other systems.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use super::blocking;

/// Standard input and output.
#[derive(Debug)]
pub(super) struct Streams;

type Opened = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

impl Streams {
    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) fn open(self) -> io::Result<Opened> {
        let reader = blocking::reader(io::stdin())?;
        Ok((Box::new(reader), Box::new(tokio::io::stdout())))
    }
}
