//! A server of which most is not for everybody, and those who ask it.

use mcp_runtime::{
    Access, CallError, Context, Principal, Server, ServerHandle,
    auth::{Auth, Jwt, JwtAlgorithm, JwtKey},
    handlers, prompt, resource, tool,
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Connection, Post},
    site::Site,
    tokens::{ISSUER, RESOURCE, SECRET, claims_with, token},
};

/// Another issuer that is believed.
pub(super) const OTHER: &str = "https://other.test";

/// All scopes that there are, and none of them.
pub(super) const FULL: &str = "files:read files:write";
pub(super) const NONE: &str = "other";

/// Says hello.
#[tool]
fn hello() -> &'static str {
    "hello"
}

/// Writes a file.
#[tool(scopes("files:read", "files:write"))]
fn write_file(name: String) -> String {
    name
}

/// Reaches for everything by nested calls.
#[tool]
async fn reach(ctx: Context) -> String {
    let words = |error: CallError| error.to_string();
    let write = json!({ "name": "a.txt" });
    let tool = ctx.call_tool("write_file", write).await;
    let file = ctx.read_resource("file:///a.txt").await;
    let read = file.map_or_else(words, |read| read.text().unwrap_or_default().to_owned());
    json!([tool.map_or_else(words, |called| called.text()), read]).to_string()
}

/// Says that a resource has changed, and the tools.
#[tool]
fn touch(server: ServerHandle, uri: String) {
    server.resource_updated(uri);
    server.tools_changed();
}

/// Counts.
#[tool(scopes("files:write"))]
async fn count(ctx: Context) -> u32 {
    ctx.progress(1, 2, "counting").await;
    7
}

/// Asks whether it is meant.
#[tool(scopes("files:write"))]
async fn confirm(ctx: Context) -> Result<bool, CallError> {
    Ok(ctx.elicit::<Sure>("sure", "Sure?").await?.yes)
}

#[derive(serde::Deserialize, mcp_runtime::schemars::JsonSchema)]
#[schemars(crate = "mcp_runtime::schemars")]
struct Sure {
    yes: bool,
}

/// Only for one, and with a scope.
#[tool(scopes("files:write"), guard = is_owner)]
fn own_only(name: String) -> String {
    name
}

fn is_owner(access: &Access<'_>) -> bool {
    access.principal().map(Principal::subject) == Some("owner")
}

/// The only secret.
#[resource("secret://one", scopes("files:read"))]
fn secret() -> &'static str {
    "xyzzy"
}

/// A file.
#[resource("file:///{name}", scopes("files:read"))]
fn file(#[arg(complete = files)] name: String) -> String {
    name
}

/// Explains a file.
#[prompt(scopes("files:read"))]
fn explain(#[arg(complete = files)] name: String) -> String {
    name
}

fn files() -> [&'static str; 2] {
    ["a.txt", "b.txt"]
}

pub(super) fn server() -> Server {
    let open = handlers![hello, write_file, reach, touch];
    let guarded = handlers![count].guard(|access| access.has_scope("counting"));
    let handlers = handlers![confirm, own_only, secret, file, explain];
    Server::new("guarded", "1")
        .add(open)
        .add(guarded)
        .add(handlers)
}

/// Who believes tokens of two issuers.
pub(super) fn auth() -> Auth {
    let jwt = |issuer: &str| Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer(issuer);
    Auth::new(RESOURCE)
        .verifier(jwt(ISSUER))
        .verifier(jwt(OTHER))
}

pub(super) async fn site() -> Site {
    site_of(|auth| auth).await
}

pub(super) async fn site_of(change: impl FnOnce(Auth) -> Auth) -> Site {
    Site::around(server(), change(auth())).await
}

/// Somebody with a token, and with a session before 2026-07-28.
#[derive(Clone)]
pub(super) struct Caller<'a> {
    site: &'a Site,
    pub(super) session: Option<String>,
    issuer: &'static str,
    subject: &'static str,
    scopes: &'static str,
}

impl<'a> Caller<'a> {
    /// Somebody without a session.
    pub(super) fn modern(site: &'a Site, subject: &'static str, scopes: &'static str) -> Self {
        Self {
            site,
            session: None,
            issuer: ISSUER,
            subject,
            scopes,
        }
    }

    /// Somebody with a session.
    pub(super) async fn session(
        site: &'a Site,
        subject: &'static str,
        scopes: &'static str,
    ) -> Self {
        let mut caller = Self::modern(site, subject, scopes);
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "x", "version": "1" },
        });
        let post = Post::legacy(None, "initialize", params);
        let opened = caller.send(&caller.post(post)).await;
        caller.session = Some(opened.header("mcp-session-id").to_owned());
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(caller.send(&caller.message(&initialized)).await.status, 202);
        caller
    }

    /// Another token, and the same session.
    pub(super) fn with(&self, subject: &'static str, scopes: &'static str) -> Self {
        Self {
            subject,
            scopes,
            ..self.clone()
        }
    }

    /// The token of another issuer, and the same session.
    pub(super) fn of(&self, issuer: &'static str) -> Self {
        Self {
            issuer,
            ..self.clone()
        }
    }

    /// The same request with this token and this session.
    pub(super) fn post(&self, post: Post) -> Post {
        let claims = json!({ "iss": self.issuer, "sub": self.subject, "scope": self.scopes });
        let bearer = format!("Bearer {}", token(&claims_with(claims)));
        let post = post.header("Authorization", &bearer);
        match &self.session {
            Some(session) => post.header("Mcp-Session-Id", session),
            None => post,
        }
    }

    /// A message in the session.
    pub(super) fn message(&self, message: &Value) -> Post {
        let post = Post::new(message.to_string()).header("MCP-Protocol-Version", "2025-11-25");
        self.post(post)
    }

    /// A request in the session, or without one.
    pub(super) fn request(&self, method: &str, params: Value) -> Post {
        let version = Some("2025-11-25");
        self.post(match self.session {
            Some(_) => Post::legacy(version, method, params),
            None => Post::modern(method, params),
        })
    }

    /// A request without a message.
    pub(super) fn bare(&self, method: &str) -> Post {
        let post = self.message(&Value::Null).with_body("");
        let mut post = post
            .without("Content-Type")
            .header("Accept", "text/event-stream");
        post.line = format!("{method} /mcp HTTP/1.1");
        post
    }

    pub(super) async fn send(&self, post: &Post) -> Answer {
        self.site.send(post).await
    }

    pub(super) async fn ask(&self, method: &str, params: Value) -> Answer {
        self.send(&self.request(method, params)).await
    }

    /// Has the server announce changes.
    pub(super) async fn touch(&self, uri: &str) {
        let touch = json!({ "name": "touch", "arguments": { "uri": uri } });
        assert_eq!(self.ask("tools/call", touch).await.status, 200);
    }

    /// Subscribes to a resource.
    pub(super) async fn subscribe(&self, uri: &str) {
        let answer = self.ask("resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(answer.json()["result"], json!({}));
    }

    /// Sends a request that is answered with a stream.
    pub(super) async fn stream(&self, post: &Post) -> Stream {
        let mut connection = self.site.connect().await;
        connection.write(post.bytes()).await;
        let head = connection.answer_head().await;
        assert_eq!(head.status, 200, "{head:?}");
        Stream {
            connection,
            read: String::new(),
            last: String::new(),
        }
    }
}

impl std::fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = self.session.as_ref().map_or("alone", |_| "in a session");
        write!(f, "{} with `{}` {way}", self.subject, self.scopes)
    }
}

/// A response that is a stream.
pub(super) struct Stream {
    connection: Connection,
    read: String,
    /// The id of the last event.
    pub(super) last: String,
}

impl Stream {
    /// The next message; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                for line in event.lines() {
                    if let Some(id) = line.strip_prefix("id: ") {
                        id.clone_into(&mut self.last);
                    }
                    if let Some(data) = line.strip_prefix("data: ").filter(|data| !data.is_empty())
                    {
                        return Some(serde_json::from_str(data).unwrap());
                    }
                }
            }
            let chunk = self.connection.chunk().await?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
