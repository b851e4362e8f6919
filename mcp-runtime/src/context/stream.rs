//! The response of a call over HTTP.

use super::Context;
#[cfg(feature = "http")]
use super::Sink;

impl Context {
    /// Ends the response of a long call over HTTP, but not the call: the client comes back for what it says from here on, and
    /// for its answer. So a call may last longer than the connections that proxies allow.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcp_runtime::{Context, tool};
    ///
    /// /// Works for an hour.
    /// #[tool]
    /// async fn work(ctx: Context) -> &'static str {
    ///     ctx.close_stream();
    ///     tokio::time::sleep(Duration::from_secs(60 * 60)).await;
    ///     "done"
    /// }
    /// ```
    ///
    /// Only clients of 2025-11-25 come back, in sessions. Everywhere else this does nothing.
    pub fn close_stream(&self) {
        #[cfg(feature = "http")]
        if let Sink::Feed(feed) = &self.0.caller.sink
            && self.0.caller.version >= rmcp::model::ProtocolVersion::V_2025_11_25
        {
            feed.send_away();
        }
    }
}
