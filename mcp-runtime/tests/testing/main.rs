//! The test client against small servers, in every revision of the protocol.

mod asking;
mod basics;
mod changes;
mod options;
mod reporting;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use mcp_runtime::{
    Server,
    testing::{Protocol, TestClient},
};

/// Runs the same test in every revision of the protocol.
pub(crate) async fn in_every_revision(server: fn() -> Server, test: impl AsyncFn(&TestClient)) {
    for protocol in Protocol::ALL {
        println!("in {protocol}:");
        let client = TestClient::connect_as(server(), *protocol).await;
        test(&client).await;
        client.close().await;
    }
}

/// The message of the panic with which something must end.
pub(crate) async fn panic_of<T>(future: impl Future<Output = T>) -> String {
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(_) => panic!("it must panic"),
        Err(panic) => *panic.downcast().expect("a message"),
    }
}
