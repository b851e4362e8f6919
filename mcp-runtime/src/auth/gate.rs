//! [`Gate`]: looks at each request.

use std::fmt;

use http::{HeaderName, StatusCode, request::Parts};

use super::{
    Challenge, Denied,
    bearer::{self, Misuse},
    challenge::Parameters,
    resource::Metadata,
    verify::{AnyVerifier, Denial},
};
use crate::{Principal, principal::ScopeRule};

/// What an [`Auth`](super::Auth) has become.
pub(crate) struct Gate {
    pub(super) metadata: Option<Metadata>,
    pub(super) verifiers: Box<[Box<dyn AnyVerifier>]>,
    pub(super) required: Vec<String>,
    pub(super) rule: Option<ScopeRule>,
    pub(super) secret_headers: Vec<HeaderName>,
    pub(super) passes_credentials: bool,
    pub(super) tells_scopes: bool,
}

impl Gate {
    /// Finds out who is calling, notes it in the request, and takes the proof out of it.
    pub(crate) async fn admit(&self, parts: &mut Parts) -> Result<(), Challenge> {
        let is_token = bearer::inspect(parts).map_err(|misuse| self.misused(misuse))?;
        let is_proven = is_token || self.secrets().any(|name| parts.headers.contains_key(name));
        let principal = match self.verify(parts).await {
            Ok(Some(principal)) => principal,
            Ok(None) if is_proven => {
                let problem = "nobody knows this token";
                return Err(self.denied(&Denied::invalid(problem)));
            }
            Ok(None) => return Err(self.unproven()),
            Err(denied) => return Err(self.denied(&denied)),
        };
        let principal = match &self.rule {
            Some(rule) => principal.with_rule(rule.clone()),
            None => principal,
        };
        if !self.required.iter().all(|scope| principal.has_scope(scope)) {
            return Err(self.lacks(&[]));
        }
        self.conceal(parts);
        parts.extensions.insert(principal);
        Ok(())
    }

    /// The answer to a caller who does not have all scopes that an operation needs.
    pub(crate) fn lacks(&self, scopes: &[String]) -> Challenge {
        let further = scopes.iter().filter(|scope| !self.required.contains(scope));
        let scopes: Vec<_> = self.required.iter().chain(further).cloned().collect();
        let problem = format!("this needs the scope `{}`", scopes.join(" "));
        let parameters = Parameters {
            error: Some("insufficient_scope"),
            scopes: &scopes,
            ..self.parameters()
        };
        Challenge::new(StatusCode::FORBIDDEN, problem, parameters)
    }

    /// Whether callers are told which scopes a handler needs that they do not have.
    pub(crate) fn tells_scopes(&self) -> bool {
        self.tells_scopes
    }

    /// What clients can read about what is protected, if there is anything to say.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    async fn verify(&self, parts: &Parts) -> Result<Option<Principal>, Denied> {
        for verifier in &self.verifiers {
            if let Some(principal) = verifier.verify(parts).await? {
                return Ok(Some(principal));
            }
        }
        Ok(None)
    }

    /// The headers with secrets, `Authorization` apart.
    fn secrets(&self) -> impl Iterator<Item = &HeaderName> {
        self.secret_headers.iter().skip(1)
    }

    /// Nobody behind the gate needs the proof any more.
    fn conceal(&self, parts: &mut Parts) {
        for name in &self.secret_headers {
            if !self.passes_credentials {
                parts.headers.remove(name);
            }
            if let http::header::Entry::Occupied(mut entry) = parts.headers.entry(name) {
                entry.iter_mut().for_each(|value| value.set_sensitive(true));
            }
        }
    }

    fn parameters(&self) -> Parameters<'_> {
        Parameters {
            metadata: self.metadata.as_ref().map(|metadata| &*metadata.url),
            scopes: &self.required,
            ..Parameters::default()
        }
    }

    fn unproven(&self) -> Challenge {
        let problem = "this needs a token: `Authorization: Bearer …`";
        Challenge::new(StatusCode::UNAUTHORIZED, problem, self.parameters())
    }

    fn denied(&self, denied: &Denied) -> Challenge {
        tracing::debug!(reason = %denied, "a caller is not let in");
        match denied.kind {
            Denial::Unavailable => Challenge::unavailable(&*denied.reason),
            Denial::Invalid => {
                let parameters = Parameters {
                    error: Some("invalid_token"),
                    description: Some(&denied.reason),
                    ..self.parameters()
                };
                Challenge::new(StatusCode::UNAUTHORIZED, &*denied.reason, parameters)
            }
        }
    }

    fn misused(&self, misuse: Misuse) -> Challenge {
        let problem = match misuse {
            Misuse::Token(problem) => return self.denied(&Denied::invalid(problem)),
            Misuse::Request(problem) => problem,
        };
        let parameters = Parameters {
            error: Some("invalid_request"),
            description: Some(problem),
            ..self.parameters()
        };
        Challenge::new(StatusCode::BAD_REQUEST, problem, parameters)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("metadata", &self.metadata)
            .field("required", &self.required)
            .field("verifiers", &self.verifiers.len())
            .finish_non_exhaustive()
    }
}
