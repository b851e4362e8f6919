//! Iterators and streams that report their progress by themselves.

use std::{iter, time::Duration};

use futures_util::{StreamExt, stream};
use mcp_runtime::{Context, Server, handlers, tool};

use super::{done, in_every_revision, messages};

/// Goes over a list.
#[tool]
async fn list(ctx: Context) -> usize {
    let mut sum = 0;
    for item in ctx.track(vec![1, 2, 3]).message("adding") {
        sum += item;
        tokio::task::yield_now().await;
    }
    sum
}

/// Goes over a list without ever waiting.
#[tool]
fn plain(ctx: Context) -> usize {
    ctx.track(&[1, 2, 3]).message("adding").into_iter().sum()
}

/// Goes over something without a known end, and stops before it.
#[tool]
fn endless(ctx: Context) -> Option<u32> {
    let mut numbers = ctx
        .track(iter::successors(Some(1_u32), |n| Some(n * 2)))
        .into_iter();
    numbers.find(|number| *number > 4)
}

/// Goes over a stream that waits.
#[tool]
async fn flow(ctx: Context) -> usize {
    let numbers = stream::iter(1..=3).then(async |number| {
        tokio::task::yield_now().await;
        number
    });
    let mut numbers = ctx.track(numbers).message("flowing");
    let mut sum = 0;
    while let Some(number) = numbers.next().await {
        sum += number;
    }
    assert_eq!(numbers.next().await, None);
    sum
}

/// Goes over a stream that knows its length.
#[tool]
async fn known(ctx: Context) -> usize {
    ctx.track(stream::iter([1, 2, 3])).count().await
}

/// Goes over a thousand items.
#[tool]
fn thousand(ctx: Context) {
    for _ in ctx.track(0..1000) {}
}

fn server() -> Server {
    Server::new("reporting", "1")
        .progress_interval(Duration::ZERO)
        .add(handlers![list, plain, endless, flow, known, thousand])
}

#[tokio::test]
async fn an_item_is_done_when_the_next_one_is_asked_for() {
    in_every_revision(server, async |client| {
        let result = client.call("list", ()).await;
        assert_eq!(result.structured::<usize>(), 6);
        assert_eq!(done(result.progress()), [1.0, 2.0, 3.0]);
        assert_eq!(messages(result.progress()), ["adding"; 3]);
        assert!(result.progress().iter().all(|step| step.total == Some(3.0)));
    })
    .await;
}

#[tokio::test]
async fn a_function_that_never_waits_tells_at_least_the_last_step() {
    in_every_revision(server, async |client| {
        let result = client.call("plain", ()).await;
        assert_eq!(result.structured::<usize>(), 6);
        assert_eq!(done(result.progress()).last(), Some(&3.0));
        let result = client.call("thousand", ()).await;
        let steps = done(result.progress());
        assert!(steps.windows(2).all(|two| two[0] < two[1]), "{steps:?}");
        assert_eq!(steps.last(), Some(&1000.0));
    })
    .await;
}

#[tokio::test]
async fn what_is_left_in_the_middle_is_not_done() {
    in_every_revision(server, async |client| {
        let result = client.call("endless", ()).await;
        assert_eq!(result.structured::<u32>(), 8);
        let last = result.progress().last().unwrap();
        assert_eq!((last.done, last.total), (3.0, None));
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_tracked_like_an_iterator() {
    in_every_revision(server, async |client| {
        let result = client.call("flow", ()).await;
        assert_eq!(result.structured::<usize>(), 6);
        assert_eq!(done(result.progress()).last(), Some(&3.0));
        assert_eq!(result.progress()[0].message.as_deref(), Some("flowing"));
        let result = client.call("known", ()).await;
        assert_eq!(result.structured::<usize>(), 3);
        assert_eq!(result.progress()[0].total, Some(3.0));
    })
    .await;
}

#[test]
fn without_a_call_items_are_only_items() {
    let context = Context::detached();
    let items: Vec<_> = context.track(["a", "b"]).into_iter().collect();
    assert_eq!(items, ["a", "b"]);
    assert_eq!(context.track(0..5).into_iter().size_hint(), (5, Some(5)));
}
