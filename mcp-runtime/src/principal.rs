//! [`Principal`]: who asks.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

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
    issuer: Option<String>,
    client: Option<String>,
    scopes: Vec<String>,
    claims: Map<String, Value>,
    actor: Option<Principal>,
    rule: Option<ScopeRule>,
    expiry: Option<SystemTime>,
}

/// Whether the first scope, which somebody has, includes the second one.
#[derive(Clone)]
pub(crate) struct ScopeRule {
    /// No other rule of the process has it, also not one that comes when this is gone.
    id: u64,
    rule: Arc<Rule>,
}

type Rule = dyn Fn(&str, &str) -> bool + Send + Sync;

impl Principal {
    /// A principal by its subject: the stable name that the identity provider has for it.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Identity {
            subject: subject.into(),
            issuer: None,
            client: None,
            scopes: Vec::new(),
            claims: Map::new(),
            actor: None,
            rule: None,
            expiry: None,
        }))
    }

    /// Sets who has given it its name: a subject of one issuer is not that of another. Without this it is the claim `iss`, if there is
    /// one.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).issuer = Some(issuer.into());
        self
    }

    /// Sets the program that it uses: the client in the sense of OAuth.
    #[must_use]
    pub fn with_client(mut self, client: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).client = Some(client.into());
        self
    }

    /// Sets until when it counts. Streams of changes that it has opened over HTTP end then.
    #[must_use]
    pub fn with_expiry(mut self, expiry: SystemTime) -> Self {
        Arc::make_mut(&mut self.0).expiry = Some(expiry);
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

    /// The stable name that the identity provider has for it. Another [issuer](Self::issuer) may have the same name for somebody
    /// else: what is kept for it is kept by its [identity](Self::identity).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Who has given it its name, if that is known.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        let told = || self.claim("iss")?.as_str();
        self.0.issuer.as_deref().or_else(told)
    }

    /// A text that two principals have in common exactly if their issuers and their subjects are the same: the key of what belongs to
    /// one of them. Its rights, its client and its token may differ.
    ///
    /// ```
    /// use mcp_runtime::Principal;
    ///
    /// let alice = Principal::new("alice").with_issuer("https://a.example");
    /// assert_eq!(alice.identity(), alice.clone().with_scope("files:write").identity());
    /// assert_ne!(alice.identity(), Principal::new("alice").with_issuer("https://b.example").identity());
    /// assert_ne!(alice.identity(), Principal::new("alice").identity());
    /// ```
    #[must_use]
    pub fn identity(&self) -> String {
        let mut identity = String::with_capacity(64);
        self.write_identity(&mut identity);
        identity
    }

    pub(crate) fn write_identity(&self, text: &mut String) {
        if let Some(issuer) = self.issuer() {
            write_part(text, 'i', issuer);
        }
        write_part(text, 'p', self.subject());
    }

    /// Until when it counts, if there is an end to it: that of its token, for example.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.0.expiry
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
            subject: _,
            issuer: _,
            client,
            scopes,
            claims,
            actor,
            rule,
            // It is that of the token.
            expiry: _,
        } = &*self.0;
        print.text(&self.identity());
        print.text(client.as_deref().map_or("no client", |_| "a client"));
        print.text(client.as_deref().unwrap_or_default());
        let mut scopes: Vec<_> = scopes.iter().collect();
        scopes.sort_unstable();
        // With their number, so that no scope reads as something else.
        print.value(&scopes.len().into());
        for scope in scopes {
            print.text(scope);
        }
        print.value(&rule.as_ref().map(|rule| rule.id).into());
        let mut claims = claims.clone();
        claims.retain(|name, _| !OF_THE_TOKEN.contains(&name.as_str()));
        print.object(&claims);
        print.text(actor.as_ref().map_or("no actor", |_| "an actor"));
        if let Some(actor) = actor {
            actor.print(print);
        }
    }
}

/// Writes a part of a text with its kind and its length, so that no two sequences of parts come to the same text.
pub(crate) fn write_part(text: &mut String, kind: char, part: &str) {
    fn write_number(text: &mut String, number: usize) {
        if number >= 10 {
            write_number(text, number / 10);
        }
        let digit = u8::try_from(number % 10).unwrap_or_default();
        text.push(char::from(b'0' + digit));
    }

    text.push(kind);
    write_number(text, part.len());
    text.push(':');
    text.push_str(part);
}

impl ScopeRule {
    pub(crate) fn new(rule: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self {
            id: LAST.fetch_add(1, Ordering::Relaxed),
            rule: Arc::new(rule),
        }
    }

    pub(crate) fn includes(&self, has: &str, needs: &str) -> bool {
        (self.rule)(has, needs)
    }
}

/// Rules are the same if they are one.
impl PartialEq for ScopeRule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_of_issuer_and_subject_are_one_identity() {
        let of = |issuer: Option<&str>, subject: &str| {
            let principal = Principal::new(subject);
            match issuer {
                Some(issuer) => principal.with_issuer(issuer),
                None => principal,
            }
        };
        let pairs = [
            (None, ""),
            (None, "alice"),
            (None, "i1:ap5:alice"),
            (None, "https://a alice"),
            (Some(""), "alice"),
            (Some("alice"), ""),
            (Some("a"), "alice"),
            (Some("al"), "ice"),
            (Some("ap5:alice"), ""),
            (Some("a"), "p5:alice"),
            (Some("https://a"), "alice"),
            (Some("https://a/"), "alice"),
            (Some("https://a"), "/alice"),
            (Some("https://a"), "Alice"),
        ];
        for (at, (issuer, subject)) in pairs.iter().enumerate() {
            let one = of(*issuer, subject).identity();
            for (issuer, subject) in &pairs[..at] {
                assert_ne!(one, of(*issuer, subject).identity());
            }
        }
    }

    #[test]
    fn the_issuer_is_that_of_the_token_unless_it_is_said() {
        let alice = Principal::new("alice").with_claim("iss", "https://a");
        assert_eq!(alice.issuer(), Some("https://a"));
        let said = Principal::new("alice").with_issuer("https://a");
        assert_eq!(alice.identity(), said.identity());
        assert_eq!(alice.with_issuer("https://b").issuer(), Some("https://b"));
    }

    #[test]
    fn what_changes_with_the_token_does_not_change_the_identity() {
        let alice = || Principal::new("alice").with_issuer("https://a");
        let renewed = alice()
            .with_client("app")
            .with_scope("x")
            .with_claim("jti", "2")
            .with_expiry(SystemTime::UNIX_EPOCH)
            .with_actor(Principal::new("agent"))
            .with_scope_rule(|_, _| true);
        assert_eq!(alice().identity(), renewed.identity());
        assert_eq!(renewed.expiry(), Some(SystemTime::UNIX_EPOCH));
    }
}
