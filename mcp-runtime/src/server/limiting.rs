//! Where a server keeps the buckets of its rates.

use crate::{
    Server,
    limit::{Buckets, Store},
};

impl Server {
    /// Where the buckets of all rates of the server are kept: in the memory of the process, unless this says otherwise.
    ///
    /// ```
    /// use mcp_runtime::{Server, limit::Memory};
    ///
    /// let server = Server::new("example", "1.0.0").rate_store(Memory::bounded(10_000));
    /// # server.build()?;
    /// # Ok::<(), mcp_runtime::Error>(())
    /// ```
    pub fn rate_store(mut self, store: impl Store) -> Self {
        self.settings.buckets = Buckets::new(store);
        self
    }
}
