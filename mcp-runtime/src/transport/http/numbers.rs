//! The numbers of the process beside an endpoint.

use super::Http;
use crate::metrics::Prometheus;

impl Http {
    /// Serves the numbers of the process at `/metrics`, if this serves the endpoint.
    ///
    /// They are served to the hosts and pages that the endpoint is ([`allowed_hosts`](Self::allowed_hosts)): add the one that Prometheus names, which is
    /// an address if it finds servers by themselves. Whoever can connect can read them: the names of the handlers, and how often they are called. A proxy in front of a public
    /// server should keep the path to itself.
    pub fn metrics(mut self, prometheus: Prometheus) -> Self {
        self.metrics = Some(prometheus);
        self
    }
}
