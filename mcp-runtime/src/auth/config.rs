//! [`Auth`]: what stands before an endpoint.

use std::{collections::HashMap, fmt};

use http::HeaderName;
use reqwest::Url;

use super::{
    Setup, Verify,
    gate::Gate,
    resource::{Metadata, canonical, fields},
    verify::AnyVerifier,
};
use crate::{guard::scope_problem, principal::ScopeRule};

/// What stands before an endpoint: what it protects, whom it believes, and what every caller needs.
///
/// It is given to [`Http::auth`](crate::Http::auth), which see for an example. Every request needs a caller then: without one it is
/// answered with 401 and a challenge, from which clients learn where to get a token.
#[must_use = "it does nothing until it stands before an endpoint"]
pub struct Auth {
    resource: String,
    name: Option<String>,
    issuers: Vec<String>,
    verifiers: Vec<Box<dyn AnyVerifier>>,
    supported: Option<Vec<String>>,
    required: Vec<String>,
    implied: HashMap<String, Vec<String>>,
    rule: Option<ScopeRule>,
    passes_credentials: bool,
    tells_scopes: bool,
}

impl Auth {
    /// Protects the endpoint that clients reach at this URL, such as `https://mcp.example.com/mcp`. Tokens must be made for it.
    pub fn new(resource: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            name: None,
            issuers: Vec::new(),
            verifiers: Vec::new(),
            supported: None,
            required: Vec::new(),
            implied: HashMap::new(),
            rule: None,
            passes_credentials: false,
            tells_scopes: true,
        }
    }

    /// The name that people see where they allow a client to use the server.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds an authorization server that clients can get their tokens from, by its issuer identifier. Those that a verifier names
    /// itself need not be told here.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Adds a verifier. The first that knows what a request proves itself with decides.
    pub fn verifier(mut self, verifier: impl Verify) -> Self {
        self.verifiers.push(Box::new(verifier));
        self
    }

    /// The scopes that clients are told of: those that are enough for the usual, not all that there are. Those of
    /// [`required_scopes`](Self::required_scopes) unless this says otherwise.
    pub fn scopes_supported(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.supported = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The scopes that every request needs, whatever it asks for. What a handler needs beyond them stands at the handler.
    pub fn required_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Whoever has `scope` has `scopes`, too, and what those imply in turn.
    ///
    /// ```
    /// use mcp_runtime::auth::Auth;
    ///
    /// let auth = Auth::new("https://mcp.example.com/mcp")
    ///     .implies("admin", ["files:write"])
    ///     .implies("files:write", ["files:read"]);
    /// ```
    pub fn implies(
        mut self,
        scope: impl Into<String>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let implied = self.implied.entry(scope.into()).or_default();
        implied.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Which scopes include others, as a rule: it is given one that a caller has and one that is needed. It counts beside
    /// [`implies`](Self::implies).
    pub fn scope_rule(mut self, rule: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        self.rule = Some(ScopeRule::new(rule));
        self
    }

    /// Whether whoever calls a handler without its scopes is told so: with the status 403 and all scopes that it needs, as the protocol
    /// wants it, so that the client can ask its user for them. On unless this turns it off; then such a handler is refused like one that
    /// does not exist, also to those who know its name.
    ///
    /// A handler that a guard hides is not told of in any case.
    pub fn tell_missing_scopes(mut self, yes: bool) -> Self {
        self.tells_scopes = yes;
        self
    }

    /// Whether handlers see the headers that carry tokens and keys. Off unless this turns it on.
    ///
    /// A token that was made for this server must not be sent to another one: get one for that instead.
    pub fn pass_credentials_to_handlers(mut self, yes: bool) -> Self {
        self.passes_credentials = yes;
        self
    }

    /// Makes what looks at requests, or says everything that is wrong.
    pub(crate) fn build(mut self, wrong: &mut Vec<String>) -> Option<Gate> {
        let resource = canonical(&self.resource);
        let mut setup = Setup {
            resource: &resource,
            issuers: &self.issuers,
            servers: Vec::new(),
            secret_headers: vec![HeaderName::from_static("authorization")],
            problems: Vec::new(),
        };
        let url = resource_url(&self.resource, &mut setup);
        for issuer in &self.issuers {
            setup.authorization_server(issuer);
        }
        if self.verifiers.is_empty() {
            setup.problem("nobody could be let in: add a verifier with `Auth::verifier`");
        }
        for verifier in &mut self.verifiers {
            verifier.prepare(&mut setup);
        }
        let supported = self.supported.as_ref().unwrap_or(&self.required);
        let implied = self.implied.iter();
        let implied = implied.flat_map(|(scope, scopes)| std::iter::once(scope).chain(scopes));
        setup.check_scopes(supported.iter().chain(&self.required).chain(implied));
        let Setup {
            mut servers,
            secret_headers,
            problems,
            ..
        } = setup;
        let (Some(url), true) = (url, problems.is_empty()) else {
            wrong.extend(problems);
            return None;
        };
        let mut seen = Vec::new();
        servers.retain(|server| {
            !seen.contains(server) && {
                seen.push(server.clone());
                true
            }
        });
        let metadata = (!servers.is_empty()).then(|| {
            let fields = fields(&resource, self.name.as_deref(), &servers, supported);
            Metadata::new(&url, fields)
        });
        Some(Gate {
            metadata,
            rule: rule(self.implied, self.rule),
            verifiers: self.verifiers.into(),
            required: self.required,
            secret_headers,
            passes_credentials: self.passes_credentials,
            tells_scopes: self.tells_scopes,
        })
    }
}

/// The URL of a resource, if it is one.
fn resource_url(resource: &str, setup: &mut Setup<'_>) -> Option<Url> {
    let url = Url::parse(resource).ok();
    let url = url.filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
    });
    if url.is_none() {
        setup.problem(format!(
            "`{resource}` must be the URL of the endpoint, such as `https://mcp.example.com/mcp`: tokens are made for it"
        ));
    }
    url
}

impl Setup<'_> {
    fn check_scopes<'s>(&mut self, scopes: impl Iterator<Item = &'s String>) {
        for scope in scopes {
            if let Some(problem) = scope_problem(scope) {
                self.problem(problem);
            }
        }
        self.problems.sort();
        self.problems.dedup();
    }
}

/// What says which scopes include others.
fn rule(implied: HashMap<String, Vec<String>>, rule: Option<ScopeRule>) -> Option<ScopeRule> {
    if implied.is_empty() {
        return rule;
    }
    Some(ScopeRule::new(move |has, needs| {
        let mut reached = vec![has];
        let mut at = 0;
        while let Some(scope) = reached.get(at).copied() {
            let by_rule = |rule: &ScopeRule| rule.includes(scope, needs);
            if scope == needs || rule.as_ref().is_some_and(by_rule) {
                return true;
            }
            for next in implied.get(scope).into_iter().flatten() {
                if !reached.contains(&&**next) {
                    reached.push(next);
                }
            }
            at += 1;
        }
        false
    }))
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("resource", &self.resource)
            .field("issuers", &self.issuers)
            .field("verifiers", &self.verifiers.len())
            .field("required_scopes", &self.required)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_imply_others_through_others_and_by_a_rule() {
        let mut implied = HashMap::new();
        implied.insert(
            "admin".to_owned(),
            vec!["write".to_owned(), "admin".to_owned()],
        );
        implied.insert("write".to_owned(), vec!["read".to_owned()]);
        let by_rule = ScopeRule::new(|has, needs| has == "read" && needs == "list");
        let rule = rule(implied, Some(by_rule)).unwrap();
        for (has, needs, includes) in [
            ("admin", "write", true),
            ("admin", "read", true),
            ("admin", "list", true),
            ("read", "list", true),
            ("write", "admin", false),
            ("other", "read", false),
        ] {
            assert_eq!(rule.includes(has, needs), includes, "{has} {needs}");
        }
    }
}
