//! An endpoint that finds out who is calling, and which scopes they have.

use serde_json::Map;

use super::{super::session::Work, Http, refused::Refused, rules::Rules};
use crate::{Service, auth::Auth, context::Caller, observe::Subject};

impl Http {
    /// Finds out who is calling, before anything of a request is read, and turns everybody else away.
    ///
    /// The paths of the metadata that clients look for stand beside the endpoint if this serves it;
    /// [`HttpService::protected_resource`](super::HttpService::protected_resource) mounts them elsewhere.
    ///
    /// ```
    /// use mcp_runtime::{Server, auth::{Auth, Jwt}};
    ///
    /// let auth = Auth::new("https://mcp.example.com/mcp").verifier(Jwt::discover("https://issuer.example.com"));
    /// let endpoint = Server::new("example", "1.0.0").build()?.http().auth(auth).service()?;
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    pub fn auth(mut self, auth: Auth) -> Self {
        self.choices.auth = Some(auth);
        self
    }
}

/// Refuses a call that needs scopes which the caller does not have: with all of those that it needs, so that it need not ask twice.
pub(super) fn check_scopes(
    service: &Service,
    rules: &Rules,
    caller: &Caller,
    work: &Work,
) -> Result<(), Refused> {
    let Some(gate) = rules.gate.as_ref().filter(|gate| gate.tells_scopes()) else {
        return Ok(());
    };
    // What belongs to a handler that the caller may not use does not exist.
    let Some((kind, name)) = work.target() else {
        return Ok(());
    };
    let Some(scopes) = service.missing_scopes(kind, name, caller) else {
        return Ok(());
    };
    let (subject, nothing) = (Subject::absent(kind, name), Map::new());
    let arguments = match work {
        Work::Tool { arguments, .. } | Work::Prompt { arguments, .. } => arguments.as_ref(),
        Work::Resource { .. } | Work::Completion(_) => None,
    };
    service.note_absent(&subject, caller, arguments.unwrap_or(&nothing), true);
    Err(Refused::from(gate.lacks(&scopes)).of_request(caller.id.clone()))
}
