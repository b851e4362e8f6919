//! The server loop: takes connections, and sees them to their end.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use futures_util::TryFutureExt as _;
use http::{Request, Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Responding,
    listener::{HttpListener, Stream},
    pace::{Pace, Paced, Watch},
    site::Site,
};

/// How long connections may take to let go of what they hold when they are ended.
const LET_GO: Duration = Duration::from_millis(500);

/// How long the head of a request may take that had begun to come when the end began.
const LAST_HEAD: Duration = Duration::from_secs(1);

/// How many connections are told at a time that the server is about to end.
const LATE: usize = 64;

/// How much of a request is buffered, in bytes. The head must fit.
const BUFFER: usize = 64 * 1024;

/// The limits of a server.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) header_timeout: Duration,
    pub(super) max_connections: usize,
    pub(super) drain_timeout: Duration,
}

/// The ends of all connections: that in peace, and that at once.
#[derive(Clone, Debug, Default)]
struct Ends {
    draining: CancellationToken,
    over: CancellationToken,
}

/// Serves until the first of `orders`, and then until all requests are answered, at most for the time that is set for it
/// or until the second of `orders`. Returns whether a handler still holds a thread of the runtime.
pub(super) async fn serve(
    site: Arc<Site>,
    listener: HttpListener,
    limits: Limits,
    mut orders: mpsc::UnboundedReceiver<()>,
) -> bool {
    let ends = Ends::default();
    // Also if this is dropped on the way.
    let _over = ends.over.clone().drop_guard();
    let most = limits.max_connections.clamp(1, Semaphore::MAX_PERMITS >> 1);
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(most as usize));
    let accepting = async {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let stream = listener.accept().await;
            let head = limits.header_timeout;
            let connection =
                connection(stream, Arc::clone(&site), Site::respond, head, ends.clone());
            tokio::spawn(async move {
                connection.await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = next(&mut orders) => {}
    }
    site.drain();
    ends.draining.cancel();
    let all_ended = || places.acquire_many(most);
    tokio::select! {
        _ = timeout(limits.drain_timeout, all_ended()) => {}
        () = next(&mut orders) => {}
        () = turn_away(&site, &listener, limits.header_timeout, &ends.over) => {}
    }
    drop(listener);
    ends.over.cancel();
    timeout(LET_GO, all_ended()).await.is_err()
}

/// Takes connections while requests are still in flight, only to tell them that the server is about to end: a probe of
/// `/readyz` reads so, and a client may try elsewhere. Nobody waits for these.
async fn turn_away(
    site: &Arc<Site>,
    listener: &HttpListener,
    head: Duration,
    over: &CancellationToken,
) {
    let places = Arc::new(Semaphore::new(LATE));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = listener.accept().await;
        let ends = Ends {
            draining: CancellationToken::new(),
            over: over.clone(),
        };
        let connection = connection(stream, Arc::clone(site), Site::turn_away, head, ends);
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

/// The next order; there may never be one.
async fn next(orders: &mut mpsc::UnboundedReceiver<()>) {
    if orders.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Sees one connection to its end.
async fn connection(
    stream: Box<dyn Stream>,
    site: Arc<Site>,
    respond: fn(&Site, Request<Incoming>) -> Responding,
    head: Duration,
    ends: Ends,
) {
    let pace = Pace::new();
    let service = service_fn(|request: Request<Incoming>| {
        let turn = pace.turn(request.version() == Version::HTTP_2);
        let response = respond(&site, request);
        response.map_ok(|response| response.map(|body| body.during(turn)))
    });
    let stream = TokioIo::new(Paced::new(stream, Arc::clone(&pace)));
    let mut builder = Builder::new(TokioExecutor::new());
    // The watch has a time limit for heads. A client may close its half when it has sent everything.
    builder
        .http1()
        .header_read_timeout(None)
        .max_buf_size(BUFFER);
    let mut connection = pin!(builder.serve_connection(stream, service));
    let mut watch = Watch::new(Arc::clone(&pace), head);
    let mut draining = pin!(ends.draining.cancelled());
    let mut drains = false;
    let served = poll_fn(|cx| {
        if !drains && draining.as_mut().poll(cx).is_ready() {
            drains = true;
            connection.as_mut().graceful_shutdown();
            watch.hurry(LAST_HEAD);
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended before its time");
            }
            return Poll::Ready(());
        }
        watch.poll(cx)
    });
    tokio::select! {
        biased;
        () = ends.over.cancelled() => {}
        () = served => {}
    }
}
