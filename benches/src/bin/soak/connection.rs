//! A connection that speaks as much HTTP as is needed.

use std::net::SocketAddr;

use mcp_benches::http::PATH;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::Result;

/// A connection to the server.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The messages: one, or those of all events.
    pub(crate) messages: Vec<Value>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends something, whatever it is.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes).await?;
        Ok(())
    }

    /// Sends a message, and more lines of the head.
    pub(crate) async fn post(&mut self, head: &str, body: &str) -> Result<()> {
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\n{head}content-length: {}\r\n\r\n{body}",
            body.len(),
        );
        self.write(request.as_bytes()).await
    }

    /// Reads a response to its end.
    pub(crate) async fn response(&mut self) -> Result<Response> {
        let (status, length) = self.head().await?;
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                self.stream.read_exact(&mut body).await?;
            }
            None => while self.chunk(&mut body).await? > 0 {},
        }
        Ok(Response {
            status,
            messages: messages(&body)?,
        })
    }

    /// Reads the first message of a response that goes on.
    pub(crate) async fn first(&mut self) -> Result<Value> {
        let (_, length) = self.head().await?;
        if length.is_some() {
            return Err("the response does not go on".into());
        }
        let mut body = Vec::new();
        loop {
            if self.chunk(&mut body).await? == 0 {
                return Err("the response has ended".into());
            }
            if let Some(first) = messages(&body)?.into_iter().next() {
                return Ok(first);
            }
        }
    }

    async fn head(&mut self) -> Result<(u16, Option<usize>)> {
        let (mut status, mut length) = (0, Some(0));
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err("the server has hung up".into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                return Ok((status, length));
            } else if let Some(code) = line.strip_prefix("http/1.1 ") {
                status = code.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(count) = line.strip_prefix("content-length: ") {
                length = Some(count.parse()?);
            } else if line == "transfer-encoding: chunked" {
                length = None;
            }
        }
    }

    /// Reads a chunk, and says how long it is.
    async fn chunk(&mut self, body: &mut Vec<u8>) -> Result<usize> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let length = usize::from_str_radix(line.trim_end(), 16)?;
        let start = body.len();
        body.resize(start + length + 2, 0);
        self.stream.read_exact(&mut body[start..]).await?;
        body.truncate(start + length);
        Ok(length)
    }
}

fn messages(body: &[u8]) -> Result<Vec<Value>> {
    if body.starts_with(b"{") {
        return Ok(vec![serde_json::from_slice(body)?]);
    }
    let lines = body.split(|byte| *byte == b'\n');
    let data = lines.filter_map(|line| line.strip_prefix(b"data:"));
    let data = data.map(<[u8]>::trim_ascii).filter(|data| !data.is_empty());
    data.map(|data| Ok(serde_json::from_slice(data)?)).collect()
}
