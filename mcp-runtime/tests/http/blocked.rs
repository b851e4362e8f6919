//! A server whose handler never gives its thread back, for the test of its end.

use mcp_runtime::{Server, handlers, tool};

/// Holds its thread for good.
#[tool]
fn block() {
    eprintln!("blocked");
    loop {
        std::thread::park();
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> mcp_runtime::Result<()> {
    let server = Server::new("blocked", "1.0.0").add(handlers![block]);
    server.serve_http("127.0.0.1:0").await
}
