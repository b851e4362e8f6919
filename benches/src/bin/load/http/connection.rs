//! A connection that speaks as much HTTP as is needed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

use mcp_benches::http::PATH;

use crate::{
    Result,
    client::{Request, check_sum},
    process::Process,
    scenario::Mode,
};

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    address: String,
    /// What clients need, if it is anything.
    token: Option<String>,
}

impl Site {
    /// Waits for the address that a server prints, and the token that may stand behind it.
    pub(crate) fn of(process: &mut Process) -> Result<Self> {
        let output = process.child.stdout.take().ok_or("no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let (address, token) = address
            .trim()
            .split_once(' ')
            .unwrap_or((address.trim(), ""));
        Ok(Self {
            address: address.to_owned(),
            token: Some(token.to_owned()).filter(|token| !token.is_empty()),
        })
    }
}

/// A connection, in a session of its own where there are sessions.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    /// The lines of the head that are the same in all requests.
    head: String,
    request: Vec<u8>,
    body: Vec<u8>,
}

/// What the head of a response says.
#[derive(Default)]
struct Head {
    status: u16,
    length: Option<usize>,
    chunked: bool,
    session: Option<String>,
}

impl Connection {
    /// Connects, and has something answered.
    pub(crate) fn open(site: &Site, mode: Mode) -> Result<Self> {
        let stream = TcpStream::connect(&site.address)?;
        stream.set_nodelay(true)?;
        let version = mode.era().version();
        let mut head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: {version}\r\n",
            site.address
        );
        if let Some(token) = &site.token {
            head.extend(["authorization: Bearer ", token, "\r\n"]);
        }
        let mut connection = Self {
            stream: BufReader::new(stream),
            head,
            request: Vec::new(),
            body: Vec::new(),
        };
        if mode == Mode::Session {
            connection.open_session(mode)?;
        }
        connection.ask(&Request::add(mode.era(), 1))?;
        check_sum(connection.answer()?)?;
        Ok(connection)
    }

    fn open_session(&mut self, mode: Mode) -> Result<()> {
        let [initialize, initialized] = mode.era().hello().ok_or("an era without sessions")?;
        self.send("", &initialize)?;
        let session = self.receive()?.session;
        let session = session.ok_or("the server opens no sessions")?;
        self.head.extend(["mcp-session-id: ", &*session, "\r\n"]);
        self.send("", &initialized)?;
        self.receive()?;
        Ok(())
    }

    /// Sends a request.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<()> {
        let Request {
            method,
            tool,
            message,
        } = request;
        match tool {
            Some(tool) => self.send(
                &format!("mcp-method: {method}\r\nmcp-name: {tool}\r\n"),
                message,
            ),
            None => self.send(&format!("mcp-method: {method}\r\n"), message),
        }
    }

    /// The answer: a body of JSON, or the last of its events.
    pub(crate) fn answer(&mut self) -> Result<&[u8]> {
        self.receive()?;
        if self.body.starts_with(b"{") {
            return Ok(&self.body);
        }
        events(&self.body).last().ok_or_else(|| "no answer".into())
    }

    /// All events of the answer.
    pub(crate) fn events(&mut self) -> Result<Vec<&[u8]>> {
        self.receive()?;
        Ok(events(&self.body).collect())
    }

    fn send(&mut self, head: &str, message: &str) -> Result<()> {
        let message = message.trim_end();
        let length = message.len();
        self.request.clear();
        write!(
            self.request,
            "{}{head}content-length: {length}\r\n\r\n{message}",
            self.head
        )?;
        self.stream.get_mut().write_all(&self.request)?;
        Ok(())
    }

    /// Reads a response to its end.
    fn receive(&mut self) -> Result<Head> {
        let head = self.head()?;
        self.body.clear();
        if head.chunked {
            while self.chunk()? > 0 {}
        } else {
            let length = head.length.unwrap_or_default();
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body)?;
        }
        if !matches!(head.status, 200 | 202) {
            let body = String::from_utf8_lossy(&self.body);
            return Err(format!("{}: {body}", head.status).into());
        }
        Ok(head)
    }

    fn head(&mut self) -> Result<Head> {
        let mut head = Head::default();
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the server has hung up".into());
            }
            let line = line.trim_end();
            let Some((name, value)) = line.split_once(": ") else {
                match line.split(' ').nth(1) {
                    Some(status) => head.status = status.parse()?,
                    None => return Ok(head),
                }
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = Some(value.parse()?),
                "transfer-encoding" => head.chunked = value == "chunked",
                "mcp-session-id" => head.session = Some(value.to_owned()),
                _ => {}
            }
        }
    }

    /// Reads a chunk, and says how long it is.
    fn chunk(&mut self) -> Result<usize> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim_end(), 16)?;
        let start = self.body.len();
        self.body.resize(start + length + 2, 0);
        self.stream.read_exact(&mut self.body[start..])?;
        self.body.truncate(start + length);
        Ok(length)
    }
}

/// The messages in a stream of events.
fn events(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = body.split(|byte| *byte == b'\n');
    let data = lines.filter_map(|line| line.strip_prefix(b"data:"));
    data.map(<[u8]>::trim_ascii).filter(|data| !data.is_empty())
}
