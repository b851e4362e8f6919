//! Requests to authorization servers.

use std::{fmt, time::Duration};

use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect::Policy};
use serde_json::Value;

use super::resource::{is_local, is_safe};

/// How long an authorization server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// Asks authorization servers, by TLS or on this machine.
#[derive(Clone)]
pub(super) struct Fetch {
    client: Client,
    /// Whether servers of this machine may be asked without TLS.
    local: bool,
}

impl Fetch {
    /// For a URL that is safe.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let local = Url::parse(url).is_ok_and(|url| url.scheme() == "http" && is_local(&url));
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .user_agent(concat!("mcp-runtime/", env!("CARGO_PKG_VERSION")));
        let client = if local { client.no_proxy() } else { client };
        match client.build() {
            Ok(client) => Ok(Self { client, local }),
            Err(error) => Err(format!(
                "no client for `{url}` can be made: {}",
                told(error)
            )),
        }
    }

    /// Reads a JSON document.
    pub(super) async fn get(&self, url: &str) -> Result<Value, String> {
        let is_allowed = is_safe(url) && (self.local || url.starts_with("https:"));
        if !is_allowed {
            return Err(format!("`{url}` is not an `https` URL"));
        }
        let (status, answer) = ask(self.client.get(url)).await?;
        document(status, &answer)
    }

    /// Sends something, and reads what comes back.
    pub(super) async fn post(
        &self,
        url: &str,
        (user, password): (&str, &str),
        (content_type, content): (&str, String),
    ) -> Result<(StatusCode, Vec<u8>), String> {
        let request = self.client.post(url).basic_auth(user, Some(password));
        let request = request.header("content-type", content_type);
        ask(request.body(content)).await
    }
}

/// The document that an answer is, if it is one.
pub(super) fn document(status: StatusCode, answer: &[u8]) -> Result<Value, String> {
    if !status.is_success() {
        return Err(format!("the answer is {status}"));
    }
    serde_json::from_slice(answer).map_err(|_| "the answer is not JSON".into())
}

async fn ask(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), String> {
    let request = request.header("accept", "application/json");
    let mut response = request.send().await.map_err(told)?;
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if answer.len() + chunk.len() > MAX_ANSWER {
            return Err(format!("the answer is longer than {MAX_ANSWER} bytes"));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok((response.status(), answer))
}

/// The whole of an error, but not the URL, in which secrets may stand.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut told = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        told.push_str(": ");
        told.push_str(&error.to_string());
        source = error.source();
    }
    told
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}
