//! A connection that speaks as much HTTP as is needed.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::Result;

/// A connection to the server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    /// What of the response is still to come.
    rest: Rest,
    /// What was read of it, up to the event that is not complete.
    read: Vec<u8>,
}

/// What of a response is still to come.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Bytes(usize),
    Chunks,
}

/// The head of a response.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// The session that was opened.
    pub(crate) session: Option<String>,
}

/// An event, or a message that is the whole response.
#[derive(Debug)]
pub(crate) struct Event {
    /// Where to go on behind it.
    pub(crate) id: Option<String>,
    /// `Null` if it says nothing but that.
    pub(crate) message: Value,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) head: Head,
    pub(crate) events: Vec<Event>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            rest: Rest::Bytes(0),
            read: Vec::new(),
        })
    }

    /// Sends something, whatever it is.
    pub(crate) async fn write(&mut self, text: &str) -> Result<()> {
        self.stream.get_mut().write_all(text.as_bytes()).await?;
        Ok(())
    }

    /// Reads a response to its end.
    pub(crate) async fn response(&mut self) -> Result<Response> {
        let head = self.head().await?;
        let events = self.events().await?;
        Ok(Response { head, events })
    }

    /// Reads the head of a response.
    pub(crate) async fn head(&mut self) -> Result<Head> {
        let mut head = Head::default();
        self.rest = Rest::Bytes(0);
        self.read.clear();
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err("the server has hung up".into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                return Ok(head);
            }
            if let Some(code) = line.strip_prefix("HTTP/1.1 ") {
                head.status = code.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some((name, value)) = line.split_once(": ") {
                match &*name.to_ascii_lowercase() {
                    "content-length" => self.rest = Rest::Bytes(value.parse()?),
                    "transfer-encoding" => self.rest = Rest::Chunks,
                    "mcp-session-id" => head.session = Some(value.to_owned()),
                    _ => {}
                }
            }
        }
    }

    /// Reads all events that are left of a response.
    pub(crate) async fn events(&mut self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await? {
            events.push(event);
        }
        Ok(events)
    }

    /// Reads the next event that has a message.
    pub(crate) async fn message(&mut self) -> Result<Event> {
        loop {
            match self.event().await? {
                None => return Err("the response has ended".into()),
                Some(event) if event.message.is_null() => {}
                Some(event) => return Ok(event),
            }
        }
    }

    /// Reads the next event; there is none at the end. A response in JSON is one.
    pub(crate) async fn event(&mut self) -> Result<Option<Event>> {
        loop {
            let end = self.read.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = end {
                let text: Vec<u8> = self.read.drain(..end + 2).collect();
                match Event::read(&text)? {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                }
            }
            if !self.more().await? {
                let rest = std::mem::take(&mut self.read);
                return Event::read(&rest);
            }
        }
    }

    /// Reads more of the body, unless it is over.
    async fn more(&mut self) -> Result<bool> {
        let start = self.read.len();
        match self.rest {
            Rest::Bytes(0) => return Ok(false),
            Rest::Bytes(length) => {
                self.read.resize(start + length, 0);
                self.stream.read_exact(&mut self.read[start..]).await?;
                self.rest = Rest::Bytes(0);
            }
            Rest::Chunks => {
                let mut line = String::new();
                self.stream.read_line(&mut line).await?;
                let length = usize::from_str_radix(line.trim_end(), 16)?;
                self.read.resize(start + length + 2, 0);
                self.stream.read_exact(&mut self.read[start..]).await?;
                self.read.truncate(start + length);
                if length == 0 {
                    self.rest = Rest::Bytes(0);
                }
            }
        }
        Ok(true)
    }
}

impl Event {
    /// Reads an event, or a message; a comment is neither.
    fn read(text: &[u8]) -> Result<Option<Self>> {
        let text = str::from_utf8(text)?;
        if text.starts_with('{') {
            let (id, message) = (None, serde_json::from_str(text)?);
            return Ok(Some(Self { id, message }));
        }
        let field = |name: &str| {
            let mut lines = text.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let id = field("id:").map(ToOwned::to_owned);
        let message = match field("data:") {
            None if id.is_none() => return Ok(None),
            None | Some("") => Value::Null,
            Some(data) => serde_json::from_str(data)?,
        };
        Ok(Some(Self { id, message }))
    }
}

impl Response {
    /// The last message, `Null` if there is none.
    pub(crate) fn last(&self) -> &Value {
        let last = self.events.last();
        last.map_or(&Value::Null, |event| &event.message)
    }
}
