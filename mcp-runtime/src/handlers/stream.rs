//! Tools that return a stream: what they yield is told while they run, and is their result in the end.

use std::{
    io,
    pin::{Pin, pin},
};

use futures_util::{Stream, StreamExt};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;
use tokio::task::coop::consume_budget;

use super::{CallFuture, Fallibly, HasSchema, OutputSchema, Plain};
use crate::{
    AskError, Call, CallError, Context,
    argument::output_generator,
    refusal,
    tool::{Inner, ToolReply},
};

/// How the items of a stream become a reply.
#[derive(Clone, Copy, Debug)]
pub struct Streamed<O> {
    item: O,
    kind: Kind,
}

/// What the items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Texts, which are joined.
    Text,
    /// Values, which become a list.
    Value,
    /// Blocks of content, usually, which are listed.
    Content,
}

/// An output that can be the item of a stream.
pub trait Item: HasSchema + Copy {
    /// What the stream yields.
    type Item;

    /// Makes a reply of an item, as if it were all of it.
    ///
    /// # Errors
    ///
    /// The error that the item is, or that it has no JSON form.
    fn convert(self, item: Self::Item) -> Result<ToolReply, CallError>;

    /// The output of a stream of such items.
    fn streamed(self) -> Streamed<Self> {
        let schema = (self.schema())(&mut output_generator());
        let kind = match schema {
            Some(schema) if is_text(&schema) => Kind::Text,
            Some(_) => Kind::Value,
            None => Kind::Content,
        };
        Streamed { item: self, kind }
    }
}

impl<T: 'static> Item for Plain<T, ToolReply> {
    type Item = T;

    fn convert(self, item: T) -> Result<ToolReply, CallError> {
        self.reply(item)
    }
}

impl<T: 'static, E: 'static> Item for Fallibly<T, E, ToolReply> {
    type Item = Result<T, E>;

    fn convert(self, item: Result<T, E>) -> Result<ToolReply, CallError> {
        self.reply(item)
    }
}

impl<O: Item> Streamed<O> {
    /// Runs a handler that collects a stream.
    pub fn run(
        self,
        handler: impl Future<Output = Result<ToolReply, CallError>> + Send + 'static,
    ) -> CallFuture<ToolReply> {
        Box::pin(handler)
    }

    /// Runs a handler that the answers to its questions come before.
    pub fn run_asked(
        self,
        handler: impl Future<Output = Result<Result<ToolReply, CallError>, AskError>> + Send + 'static,
    ) -> CallFuture<ToolReply> {
        Box::pin(async move { handler.await? })
    }

    /// Collects a stream to its end or to its first error, and tells the client what it yields.
    ///
    /// The future is boxed, because the compiler loses lifetimes in the types of streams that an `async` block holds, and
    /// then takes them for not `Send`.
    pub fn collect<'a>(
        self,
        call: &Call,
        stream: impl Stream<Item = O::Item> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<ToolReply, CallError>> + Send + 'a>>
    where
        O: Send + 'a,
        O::Item: Send,
    {
        let context = call.context().clone();
        Box::pin(self.collected(context, stream))
    }

    async fn collected(
        self,
        context: Context,
        stream: impl Stream<Item = O::Item>,
    ) -> Result<ToolReply, CallError> {
        let mut items = Items::new(context.limit());
        let mut stream = pin!(stream);
        while let Some(item) = stream.next().await {
            match self.item.convert(item)?.0 {
                // What is emitted stands at the beginning of the result.
                Inner::Json(Value::String(text)) if self.kind == Kind::Text => {
                    context.emit(text).await;
                }
                item => {
                    if context.is_watched() {
                        context.show(&shown(&item), "\n").await;
                    }
                    items.push(item)?;
                }
            }
            consume_budget().await;
        }
        items.into_reply(self.kind)
    }
}

impl<O: Item> HasSchema for Streamed<O> {
    fn schema(&self) -> OutputSchema {
        self.item.schema()
    }

    fn is_list(&self) -> bool {
        self.kind == Kind::Value
    }
}

fn is_text(schema: &schemars::Schema) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("string")
}

/// What the client is shown of an item.
fn shown(item: &Inner) -> String {
    match item {
        Inner::Json(Value::String(text)) => text.clone(),
        Inner::Json(value) => value.to_string(),
        Inner::Contents(contents) => {
            let texts = contents
                .blocks()
                .iter()
                .filter_map(|block| match block.as_model() {
                    ContentBlock::Text(text) => Some(&*text.text),
                    _ => None,
                });
            texts.collect::<Vec<_>>().join("\n")
        }
        Inner::Raw(_) => String::new(),
    }
}

/// What a stream has yielded so far.
struct Items {
    values: Vec<Value>,
    contents: Vec<ContentBlock>,
    limit: usize,
    /// How many bytes there may still be.
    room: usize,
}

impl Items {
    fn new(limit: usize) -> Self {
        Self {
            values: Vec::new(),
            contents: Vec::new(),
            limit,
            room: limit,
        }
    }

    fn push(&mut self, item: Inner) -> Result<(), CallError> {
        match item {
            Inner::Json(value) => {
                self.take(size(&value))?;
                self.values.push(value);
            }
            Inner::Contents(contents) => {
                let contents = contents.into_model();
                self.take(refusal::size_of(&contents))?;
                self.contents.extend(contents);
            }
            Inner::Raw(_) => {
                let problem = "a `Raw` result is a whole one: a stream of them cannot be a result";
                return Err(CallError::internal(problem));
            }
        }
        Ok(())
    }

    fn take(&mut self, size: usize) -> Result<(), CallError> {
        let room = self.room.checked_sub(size);
        self.room = room.ok_or_else(|| refusal::too_large(self.limit))?;
        Ok(())
    }

    fn into_reply(self, kind: Kind) -> Result<ToolReply, CallError> {
        let Self {
            values, contents, ..
        } = self;
        let reply = match (values.is_empty(), contents.is_empty()) {
            (true, true) if kind == Kind::Value => Inner::Json(values.into()),
            (false, true) => Inner::Json(values.into()),
            (true, _) => Inner::Raw(CallToolResult::success(contents).into()),
            (false, false) => {
                let problem = "a stream yields both values and blocks of content";
                return Err(CallError::internal(problem));
            }
        };
        Ok(ToolReply(reply))
    }
}

/// The length of a value as JSON text.
fn size(value: &Value) -> usize {
    struct Length(usize);

    impl io::Write for Length {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut length = Length(0);
    // A value has a JSON form, and counting does not fail.
    let _ = serde_json::to_writer(&mut length, value);
    length.0
}
