//! [`Principal`]: who asks.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Call, CallError, FromCall, Requirements};

/// Who asks: the identity that a transport has verified, or the one that the server was given for all of its callers.
///
/// It is a parameter of a handler; a call of an unknown caller is refused then. [`Context::principal`](crate::Context::principal)
/// tells whether there is one. Cloning is cheap.
///
/// ```
/// use mcp_runtime::{Principal, Server, handlers, serde_json::json, testing::TestClient, tool};
///
/// /// Says who asks.
/// #[tool]
/// fn whoami(principal: Principal) -> String {
///     principal.subject().to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::new("example", "1.0.0")
///     .principal(Principal::new("alice"))
///     .add(handlers![whoami]);
/// let client = TestClient::connect(server).await;
/// assert_eq!(client.call("whoami", ()).await.text(), "alice");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Principal(Arc<Identity>);

#[derive(Clone, Debug, PartialEq)]
struct Identity {
    subject: String,
    scopes: Vec<String>,
    claims: Map<String, Value>,
}

impl Principal {
    /// A principal by its subject: the stable name that the identity provider has for it.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Identity {
            subject: subject.into(),
            scopes: Vec::new(),
            claims: Map::new(),
        }))
    }

    /// Adds a scope.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).scopes.push(scope.into());
        self
    }

    /// Adds a claim, as it stands in the token.
    #[must_use]
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let claims = &mut Arc::make_mut(&mut self.0).claims;
        claims.insert(name.into(), value.into());
        self
    }

    /// The stable name that the identity provider has for it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What it may do.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// Whether it has a scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.0.scopes.iter().any(|own| own == scope)
    }

    /// Anything else that is known of it.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.claims.get(name)
    }

    /// Adds all that it is, its rights included, except for what is another in each token of it.
    #[cfg(feature = "cache")]
    pub(crate) fn print(&self, print: &mut crate::fingerprint::Fingerprint) {
        let Identity {
            subject,
            scopes,
            claims,
        } = &*self.0;
        print.text(subject);
        let mut scopes: Vec<_> = scopes.iter().collect();
        scopes.sort_unstable();
        // With their number, so that no scope reads as something else.
        print.value(&scopes.len().into());
        for scope in scopes {
            print.text(scope);
        }
        let mut claims = claims.clone();
        claims.retain(|name, _| !OF_THE_TOKEN.contains(&name.as_str()));
        print.object(&claims);
    }
}

/// Claims that are others in each token of one principal.
#[cfg(feature = "cache")]
const OF_THE_TOKEN: [&str; 5] = ["auth_time", "exp", "iat", "jti", "nbf"];

#[diagnostic::do_not_recommend]
impl FromCall for Principal {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let principal = call.context().principal().cloned();
        principal.ok_or_else(|| CallError::new("this needs a caller that has said who it is"))
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.principal = true;
    }
}
