//! Completion: what a server suggests for an argument while a user types it.

use std::{
    fmt,
    future::{Future, IntoFuture},
    panic::Location,
    pin::Pin,
};

use serde::Deserialize;
use serde_json::{Map, json};

use super::{
    ProtocolError, TestClient,
    request::{Caller, refused},
};

impl TestClient {
    /// Asks what could complete an argument: of a prompt by its name, or of a resource by its URI template.
    ///
    /// ```
    /// use mcp_runtime::{Server, handlers, prompt, testing::TestClient};
    ///
    /// /// Reviews code.
    /// #[prompt]
    /// fn review(code: String, thorough: bool) -> String {
    ///     format!("Review this{}: {code}", if thorough { " in detail" } else { "" })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let server = Server::new("example", "1.0.0").add(handlers![review]);
    /// let client = TestClient::connect(server).await;
    /// let completions = client.complete("review", "thorough", "t").await;
    /// assert_eq!(completions.values, ["true"]);
    /// # client.close().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn complete<'a>(
        &'a self,
        of: &'a str,
        argument: &'a str,
        typed: &'a str,
    ) -> Completing<'a> {
        Completing {
            client: self,
            of,
            argument,
            typed,
            given: Vec::new(),
            caller: Location::caller(),
        }
    }
}

/// A question for completions: [`TestClient::complete`]. `.await` asks it.
#[must_use = "nothing is asked unless it is awaited"]
pub struct Completing<'a> {
    client: &'a TestClient,
    of: &'a str,
    argument: &'a str,
    typed: &'a str,
    given: Vec<(String, String)>,
    caller: Caller,
}

/// What a server suggests for an argument.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Completions {
    /// The suggestions, best first.
    pub values: Vec<String>,
    /// How many there are in all, if the server says so.
    pub total: Option<u32>,
    /// Whether there are more than these.
    #[serde(default)]
    pub has_more: bool,
}

impl Completing<'_> {
    /// Adds an argument that was chosen already.
    pub fn given(mut self, argument: impl Into<String>, value: impl Into<String>) -> Self {
        self.given.push((argument.into(), value.into()));
        self
    }

    /// The suggestions, or the error with which the server refuses the question.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a server that completes nothing.
    pub async fn result(self) -> Result<Completions, ProtocolError> {
        let what = self.to_string();
        // Names have no colon, and URIs have one.
        let of = if self.of.contains(':') {
            json!({ "type": "ref/resource", "uri": self.of })
        } else {
            json!({ "type": "ref/prompt", "name": self.of })
        };
        let argument = json!({ "name": self.argument, "value": self.typed });
        let mut params = json!({ "ref": of, "argument": argument });
        if !self.given.is_empty() {
            let given = self.given.into_iter();
            let given: Map<_, _> = given.map(|(name, value)| (name, value.into())).collect();
            params["context"] = json!({ "arguments": given });
        }
        let completed = self
            .client
            .ask(what, "completion/complete", params, self.caller);
        let (received, _) = completed.await?;
        match Completions::deserialize(&received.json()["completion"]) {
            Ok(completions) => Ok(completions),
            Err(error) => received.fail(&format!("with no completions: {error}")),
        }
    }
}

impl<'a> IntoFuture for Completing<'a> {
    type Output = Completions;
    type IntoFuture = Pin<Box<dyn Future<Output = Completions> + Send + 'a>>;

    /// The suggestions.
    ///
    /// # Panics
    ///
    /// If the server refuses the question.
    fn into_future(self) -> Self::IntoFuture {
        let (what, caller) = (self.to_string(), self.caller);
        Box::pin(async move {
            match self.result().await {
                Ok(completions) => completions,
                Err(error) => refused(&what, &error, caller),
            }
        })
    }
}

/// What is asked for, in words.
impl fmt::Display for Completing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the completion of `{}` of `{}`", self.argument, self.of)
    }
}

impl fmt::Debug for Completing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completing")
            .field("of", &self.of)
            .field("argument", &self.argument)
            .field("typed", &self.typed)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}
