//! Builder methods: what is seen of calls.

use super::Server;
use crate::audit::Audit;

impl Server {
    /// Records each call: see [`audit`](crate::audit).
    pub fn audit(mut self, audit: Audit) -> Self {
        match audit.start() {
            Ok(_) if self.audit.is_some() => {
                self.problems.push("a server has one audit, not two".into());
            }
            Ok(audit) => self.audit = Some(audit),
            Err(error) => self.problems.push(format!("the audit: {error}")),
        }
        self
    }
}
