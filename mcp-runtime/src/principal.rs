//! [`Principal`]: who asks.

use std::{fmt, sync::Arc};

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
    client: Option<String>,
    scopes: Vec<String>,
    claims: Map<String, Value>,
    actor: Option<Principal>,
    rule: Option<ScopeRule>,
}

/// Whether the first scope, which somebody has, includes the second one.
#[derive(Clone)]
pub(crate) struct ScopeRule(Arc<Rule>);

type Rule = dyn Fn(&str, &str) -> bool + Send + Sync;

impl Principal {
    /// A principal by its subject: the stable name that the identity provider has for it.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Identity {
            subject: subject.into(),
            client: None,
            scopes: Vec::new(),
            claims: Map::new(),
            actor: None,
            rule: None,
        }))
    }

    /// Sets the program that it uses: the client in the sense of OAuth.
    #[must_use]
    pub fn with_client(mut self, client: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).client = Some(client.into());
        self
    }

    /// Sets who acts for it.
    #[must_use]
    pub fn with_actor(mut self, actor: Self) -> Self {
        Arc::make_mut(&mut self.0).actor = Some(actor);
        self
    }

    /// Adds a scope.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).scopes.push(scope.into());
        self
    }

    /// Sets which of its scopes include others: `rule` is given one that it has and one that it needs.
    ///
    /// ```
    /// use mcp_runtime::Principal;
    ///
    /// let alice = Principal::new("alice")
    ///     .with_scope("files")
    ///     .with_scope_rule(|has, needs| needs.strip_prefix(has).is_some_and(|rest| rest.starts_with(':')));
    /// assert!(alice.has_scope("files:read"));
    /// assert!(!alice.has_scope("filesystem"));
    /// ```
    #[must_use]
    pub fn with_scope_rule(
        self,
        rule: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(ScopeRule::new(rule))
    }

    pub(crate) fn with_rule(mut self, rule: ScopeRule) -> Self {
        Arc::make_mut(&mut self.0).rule = Some(rule);
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

    /// The program that it uses: the client in the sense of OAuth. A service that acts for nobody is its own client.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }

    /// Who acts for it, if it does not act itself. The actor may have an actor in turn: the one before.
    #[must_use]
    pub fn actor(&self) -> Option<&Self> {
        self.0.actor.as_ref()
    }

    /// What it may do, as it was granted.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// Whether it has a scope, or one that includes it.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        let Identity { scopes, rule, .. } = &*self.0;
        scopes.iter().any(|own| own == scope)
            || rule
                .as_ref()
                .is_some_and(|rule| scopes.iter().any(|own| rule.includes(own, scope)))
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
            client,
            scopes,
            claims,
            actor,
            // A rule adds no right that the scopes do not name.
            rule: _,
        } = &*self.0;
        print.text(subject);
        print.text(client.as_deref().map_or("no client", |_| "a client"));
        print.text(client.as_deref().unwrap_or_default());
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
        print.text(actor.as_ref().map_or("no actor", |_| "an actor"));
        if let Some(actor) = actor {
            actor.print(print);
        }
    }
}

impl ScopeRule {
    pub(crate) fn new(rule: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    pub(crate) fn includes(&self, has: &str, needs: &str) -> bool {
        (self.0)(has, needs)
    }
}

/// Rules are the same if they are one.
impl PartialEq for ScopeRule {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for ScopeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeRule").finish_non_exhaustive()
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
