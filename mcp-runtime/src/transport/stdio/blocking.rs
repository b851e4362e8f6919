//! Streams that can only be read by waiting: terminals, files, and whatever else a system gives.

use std::{
    io::{self, Read},
    thread,
};

use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    runtime::Handle,
};

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// Reads `input` on a thread of its own.
///
/// Nobody waits for that thread. Tokio's standard input reads on a thread of the runtime, which then cannot end before the
/// client sends something more.
pub(super) fn reader(mut input: impl Read + Send + 'static) -> io::Result<DuplexStream> {
    let (reader, mut writer) = tokio::io::duplex(CHUNK);
    let runtime = Handle::current();
    let read = move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            match input.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    if runtime
                        .block_on(writer.write_all(&buffer[..count]))
                        .is_err()
                    {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::warn!(%error, "standard input cannot be read");
                    return;
                }
            }
        }
    };
    thread::Builder::new()
        .name("mcp-stdin".into())
        .spawn(read)?;
    Ok(reader)
}
