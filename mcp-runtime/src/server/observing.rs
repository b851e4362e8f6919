//! Builder methods: what is seen of calls.

use super::Server;

impl Server {
    /// Records each call: see [`audit`](crate::audit).
    #[cfg(feature = "audit")]
    pub fn audit(mut self, audit: crate::audit::Audit) -> Self {
        match audit.start() {
            Ok(_) if self.audit.is_some() => {
                self.problems.push("a server has one audit, not two".into());
            }
            Ok(audit) => self.audit = Some(audit),
            Err(error) => self.problems.push(format!("the audit: {error}")),
        }
        self
    }

    /// Whether calls are counted: see [`metrics`](crate::metrics). Off unless this turns it on.
    #[cfg(feature = "prometheus")]
    pub fn metrics(mut self, yes: bool) -> Self {
        self.settings.metrics = yes;
        self
    }
}
