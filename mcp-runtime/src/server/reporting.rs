//! What a server tells its clients while calls run.

use std::time::Duration;

use super::Server;

impl Server {
    /// The time between two notifications of progress of a call: 20 milliseconds unless this says otherwise. Steps in between
    /// are skipped; the last one is always sent. With [`Duration::ZERO`], every step is sent as long as the client keeps up.
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        self.settings.progress_interval = interval;
        self
    }

    /// Whether handlers may send messages to the log of the client, which the protocol has deprecated. Off unless this turns
    /// it on; then the server has the capability `logging`.
    pub fn client_logging(mut self, yes: bool) -> Self {
        self.settings.client_logging = yes;
        self
    }
}
