//! How often one call allocates, in memory and in one process: the counts are the same on every machine, and so they are a test.
//!
//! Everything of a call counts: the client's request, both ways, the server, and the answer up to the sum.

use allocation_counter::measure;
use mcp_runtime::{
    Server, handlers,
    serde_json::json,
    testing::{Protocol, TestClient},
    tool,
};
use tokio::runtime::Builder;

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// The most allocations that a call may need.
const MOST: u64 = 37;

#[test]
fn a_call_in_memory_allocates_at_most_thirty_seven_times() {
    for protocol in [Protocol::MODERN, Protocol::LEGACY] {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime of one thread");
        let server = Server::new("calculator", "1.0.0").add(handlers![add]);
        let client = runtime.block_on(TestClient::connect_as(server, protocol));
        let call = || {
            let result = runtime.block_on(client.call("add", json!({ "a": 1, "b": 2 })));
            assert_eq!(result.structured::<i64>(), 3);
        };
        // What is made only once.
        (0..50).for_each(|_| call());
        let calls = 100;
        let counted = measure(|| (0..calls).for_each(|_| call()));
        let each = counted.count_total / calls;
        println!("{protocol}: {each} allocations");
        assert!(each <= MOST, "{protocol}: {each} allocations");
    }
}
