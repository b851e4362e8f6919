//! Where connections come from.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

/// How long nothing is accepted after the process has run out of something, such as file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// A socket that listens: made of a [`TcpListener`] or a `UnixListener` of tokio.
#[derive(Debug)]
pub struct HttpListener(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

/// A connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

impl HttpListener {
    /// The address that it listens at; a unix socket has none.
    pub(super) fn address(&self) -> io::Result<Option<SocketAddr>> {
        match &self.0 {
            Kind::Tcp(listener) => listener.local_addr().map(Some),
            #[cfg(unix)]
            Kind::Unix(_) => Ok(None),
        }
    }

    /// The next connection. Errors are those of single connections, or pass.
    pub(super) async fn accept(&self) -> Box<dyn Stream> {
        loop {
            match self.try_accept().await {
                Ok(stream) => return stream,
                Err(error) if is_of_connection(&error) => {
                    tracing::debug!(%error, "a connection ended before it was accepted");
                }
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted for the moment");
                    tokio::time::sleep(EXHAUSTED).await;
                }
            }
        }
    }

    async fn try_accept(&self) -> io::Result<Box<dyn Stream>> {
        match &self.0 {
            Kind::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Without it, the second small write of an answer waits for the client's acknowledgement of the first.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Kind::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    let of_connection = [
        ConnectionAborted,
        ConnectionRefused,
        ConnectionReset,
        InvalidInput,
    ];
    of_connection.contains(&error.kind())
}

impl From<TcpListener> for HttpListener {
    fn from(listener: TcpListener) -> Self {
        Self(Kind::Tcp(listener))
    }
}

#[cfg(unix)]
impl From<tokio::net::UnixListener> for HttpListener {
    fn from(listener: tokio::net::UnixListener) -> Self {
        Self(Kind::Unix(listener))
    }
}
