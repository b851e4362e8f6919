//! What is made at start and ended at shutdown.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use mcp_runtime::{Server, State, handlers, testing::TestClient, tool};

struct Pool(u32);

/// Reads the pool.
#[tool]
fn pool(pool: State<Pool>) -> u32 {
    pool.0
}

#[tokio::test]
async fn a_state_is_made_once_before_the_first_call() {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let server = Server::new("x", "1")
        .add(handlers![pool])
        .on_start(move || {
            let nth = count.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Ok::<_, String>(Pool(nth)) }
        });
    let client = TestClient::connect(server).await;
    for _ in 0..3 {
        assert_eq!(client.call("pool", ()).await.structured::<u32>(), 1);
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn states_are_ended_once_in_reverse_order() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let (first, second) = (Arc::clone(&log), Arc::clone(&log));
    let server = Server::new("x", "1")
        .add(handlers![pool])
        .state(Pool(1))
        .state("second")
        .on_shutdown(move |_: State<Pool>| {
            first.lock().unwrap().push("pool");
            async { Ok::<_, String>(()) }
        })
        .on_shutdown(move |name: State<&'static str>| {
            second.lock().unwrap().push(*name);
            async { Err("cannot end".to_owned()) }
        });
    let service = server.build().unwrap();
    service.start().await.unwrap();
    assert_eq!(
        format!("{:?}", service.shutdown().await.unwrap_err()),
        "starting or stopping the server failed: cannot end"
    );
    service.shutdown().await.unwrap();
    assert_eq!(*log.lock().unwrap(), ["second", "pool"]);
}

#[tokio::test]
async fn a_server_that_was_never_started_ends_nothing() {
    let server = Server::new("x", "1")
        .state(Pool(1))
        .on_shutdown(async |_: State<Pool>| Err("must not run".to_owned()));
    server.build().unwrap().shutdown().await.unwrap();
}

#[tokio::test]
async fn a_start_that_fails_says_why_and_can_be_tried_again() {
    let tries = Arc::new(AtomicU32::new(0));
    let server = Server::new("x", "1")
        .add(handlers![pool])
        .on_start(move || {
            let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if first {
                    Err("no database".to_owned())
                } else {
                    Ok(Pool(2))
                }
            }
        });
    let service = server.build().unwrap();
    assert!(format!("{:?}", service.start().await.unwrap_err()).contains("no database"));
    service.start().await.unwrap();
}

fn panics() -> Result<Pool, String> {
    panic!("hunter2")
}

#[tokio::test]
async fn a_start_that_panics_is_a_start_that_fails() {
    let server = Server::new("x", "1").add(handlers![pool]);
    let service = server.on_start(async || panics()).build().unwrap();
    let error = service.start().await.unwrap_err();
    assert!(
        format!("{error:?}").contains("`on_start` panicked: hunter2"),
        "{error:?}"
    );
}
