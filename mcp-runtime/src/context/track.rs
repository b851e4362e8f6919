//! Iterators and streams that report their progress by themselves.

use std::{
    borrow::Cow,
    mem,
    pin::Pin,
    task::{self, Poll, ready},
};

use futures_util::Stream;

use super::{Amount, Context};

impl Context {
    /// Tells the client how many of `items` are done, while a `for` loop goes over them: anything that is an iterator, or a
    /// stream.
    ///
    /// An item is done when the next one is asked for. How many there are is told if the iterator knows it. It never waits,
    /// so that it also suits a handler that is not `async`.
    ///
    /// ```
    /// use mcp_runtime::{Context, tool};
    ///
    /// /// Counts the letters of some words.
    /// #[tool]
    /// async fn letters(ctx: Context, words: Vec<String>) -> usize {
    ///     let mut letters = 0;
    ///     for word in ctx.track(words).message("counting") {
    ///         letters += word.chars().count();
    ///     }
    ///     letters
    /// }
    /// ```
    pub fn track<I>(&self, items: I) -> Track<I> {
        Track {
            count: Count {
                context: self.clone(),
                message: String::new(),
                done: 0,
                total: 0.0,
                at_work: false,
            },
            items: Items::Plain(items),
        }
    }
}

/// Items whose progress is told: [`Context::track`].
#[derive(Debug)]
#[must_use = "nothing is told unless the items are taken out"]
pub struct Track<I> {
    count: Count,
    items: Items<I>,
}

impl<I> Track<I> {
    /// What is going on, for the client.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.count.message = message.into();
        self
    }
}

#[derive(Debug)]
enum Items<I> {
    Plain(I),
    /// A stream that has been polled.
    Pinned(Pin<Box<I>>),
    /// Something in between, as long as it takes to pin a stream.
    None,
}

/// The items were pinned when they had to be, in a box of their own.
impl<I> Unpin for Track<I> {}

/// How many items are done.
#[derive(Debug)]
struct Count {
    context: Context,
    message: String,
    done: u64,
    total: f64,
    /// The last item that was taken out is being worked on.
    at_work: bool,
}

impl Count {
    fn expect(&mut self, (least, most): (usize, Option<usize>)) {
        if most == Some(least) {
            self.total = least.amount();
        }
    }

    /// The next item is asked for, so that the last one is done.
    fn done(&mut self) {
        if !mem::take(&mut self.at_work) {
            return;
        }
        self.done += 1;
        let (done, total) = (self.done.amount(), self.total);
        let reports = &self.context.0.reports;
        if reports.has_token()
            && reports.note(|steps| steps.step(done, total, Cow::Borrowed(&self.message)))
        {
            self.context.flush_now();
        }
    }
}

impl<I: IntoIterator> IntoIterator for Track<I> {
    type Item = I::Item;
    type IntoIter = TrackIter<I::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        let mut count = self.count;
        let items = match self.items {
            Items::Plain(items) => Some(items.into_iter()),
            // Something that is a stream as well, and was polled as one.
            Items::Pinned(_) | Items::None => None,
        };
        if let Some(items) = &items {
            count.expect(items.size_hint());
        }
        TrackIter { count, items }
    }
}

/// The iterator of a [`Track`].
#[derive(Debug)]
pub struct TrackIter<I> {
    count: Count,
    items: Option<I>,
}

impl<I: Iterator> Iterator for TrackIter<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.count.done();
        let item = self.items.as_mut()?.next();
        self.count.at_work = item.is_some();
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.as_ref().map_or((0, Some(0)), I::size_hint)
    }
}

impl<I: Stream> Stream for Track<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<I::Item>> {
        let Self { count, items } = &mut *self;
        if let Items::Plain(_) = items
            && let Items::Plain(stream) = mem::replace(items, Items::None)
        {
            count.expect(stream.size_hint());
            *items = Items::Pinned(Box::pin(stream));
        }
        let Items::Pinned(stream) = items else {
            return Poll::Ready(None);
        };
        count.done();
        let item = ready!(stream.as_mut().poll_next(cx));
        count.at_work = item.is_some();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.items {
            Items::Plain(stream) => stream.size_hint(),
            Items::Pinned(stream) => stream.size_hint(),
            Items::None => (0, Some(0)),
        }
    }
}
