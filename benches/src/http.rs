//! What servers over HTTP have in common.

use std::io::{self, Write as _};

use tokio::net::TcpListener;

/// Where the endpoint is.
pub const PATH: &str = "/mcp";

/// Listens at a free port of this machine, and prints its address as a line of its own: whoever started the server waits for it.
///
/// # Errors
///
/// If nothing can be bound or printed.
pub async fn listen() -> io::Result<TcpListener> {
    listen_with("").await
}

/// The same, with the token that clients need behind the address.
///
/// # Errors
///
/// If nothing can be bound or printed.
pub async fn listen_with(token: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut output = io::stdout();
    writeln!(output, "{} {token}", listener.local_addr()?)?;
    output.flush()?;
    Ok(listener)
}
