//! The file descriptors of a Unix process.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::FileTypeExt, net},
    },
};

use nix::unistd::{dup2_stdin, dup2_stdout};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::UnixStream,
};

use super::blocking;

/// How much a pipe should hold, in bytes.
#[cfg(target_os = "linux")]
const PIPE: i32 = 256 * 1024;

/// Standard input and output as they were when the process began.
#[derive(Debug)]
pub(super) struct Streams {
    input: File,
    output: File,
}

type Opened = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
);

impl Streams {
    /// Takes the streams away from the rest of the process, and from its child processes.
    ///
    /// They are not given back: what is printed by a thread that outlives the server must not reach the client either. For
    /// the same reason nothing is flushed: half a line that was printed before goes to standard error with its other half.
    pub(super) fn take() -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        dup2_stdin(File::open("/dev/null")?)?;
        dup2_stdout(io::stderr())?;
        Ok(Self {
            input: input.into(),
            output: output.into(),
        })
    }

    /// Makes streams of a runtime of them: without waiting where they are pipes or sockets, on other threads elsewhere.
    pub(super) fn open(self) -> io::Result<Opened> {
        Ok((reader(self.input)?, writer(self.output)?))
    }
}

fn reader(file: File) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_receiver(reopened(&file)) {
        widen(&pipe);
        return Ok(Box::new(pipe));
    }
    if file.metadata()?.file_type().is_socket() {
        return Ok(Box::new(socket(file)?));
    }
    Ok(Box::new(blocking::reader(file)?))
}

fn writer(file: File) -> io::Result<Box<dyn AsyncWrite + Send + Unpin>> {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_sender(reopened(&file)) {
        widen(&pipe);
        return Ok(Box::new(pipe));
    }
    if file.metadata()?.file_type().is_socket() {
        return Ok(Box::new(socket(file)?));
    }
    Ok(Box::new(tokio::fs::File::from_std(file)))
}

/// Where a pipe can be opened anew: not to wait is a property of an open file, and the one that was handed down may be
/// shared with other processes.
#[cfg(target_os = "linux")]
fn reopened(file: &File) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Makes room for long messages: each time a pipe is full or empty, client and server wait for each other.
///
/// It is not made as large as it may be, because all pipes of a user have to share what there is.
#[cfg(target_os = "linux")]
fn widen(pipe: impl AsFd) {
    use nix::fcntl::{FcntlArg, fcntl};
    let size = fcntl(&pipe, FcntlArg::F_GETPIPE_SZ);
    if size.is_ok_and(|size| size < PIPE) {
        // It goes as well without it.
        let _ = fcntl(&pipe, FcntlArg::F_SETPIPE_SZ(PIPE));
    }
}

/// Some clients, all those on Node.js among them, use pairs of sockets where others use pipes.
fn socket(file: File) -> io::Result<UnixStream> {
    let socket = net::UnixStream::from(OwnedFd::from(file));
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}
