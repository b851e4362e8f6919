//! Tools that return a stream.

use std::{io, pin::Pin};

use futures_util::{Stream, StreamExt, stream};
use mcp_runtime::{
    CallError, Content, Context, IntoCallError, Server, State, group, handlers, serde_json::Value,
    tool,
};

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Found {
    line: u32,
}

/// An error of the user's own.
struct Lost;

impl IntoCallError for Lost {
    fn into_call_error(self) -> CallError {
        CallError::new("lost")
    }
}

/// Says words.
#[tool]
fn words() -> impl Stream<Item = &'static str> {
    stream::iter(["one", "two"])
}

/// Says words of any kind.
#[tool]
async fn said(text: String) -> impl Stream<Item = String> + Send + 'static {
    stream::iter([text])
}

/// Finds.
#[tool]
async fn find(
    _ctx: Context,
    state: State<Vec<u32>>,
    #[arg(default = 1)] times: u32,
) -> impl Stream<Item = Found> + use<> {
    let found: Vec<_> = state
        .iter()
        .map(|line| Found { line: line * times })
        .collect();
    stream::iter(found)
}

/// Finds, or fails.
#[tool]
fn find_or_fail() -> impl Stream<Item = Result<Found, Lost>> + Unpin {
    stream::iter([Ok(Found { line: 1 }), Err(Lost)])
}

/// Reads, or fails.
#[tool]
fn read() -> impl Stream<Item = Result<String, io::Error>> {
    stream::iter([Ok("a".to_owned()), Err(io::Error::other("b"))])
}

/// Draws.
#[tool(output_schema = false)]
fn draw() -> impl Stream<Item = Content> {
    let boxed: Pin<Box<dyn Stream<Item = Content> + Send>> = Box::pin(stream::empty());
    boxed
}

/// Counts without a schema.
#[tool(output_schema = false)]
fn count() -> impl Stream<Item = u8> {
    stream::iter([1])
}

struct Shelf(Vec<String>);

#[group]
impl Shelf {
    /// Lists books.
    #[tool]
    fn books(&self) -> impl Stream<Item = &'static str> {
        stream::iter(&self.0).map(|_| "a book")
    }

    /// Lists books.
    #[tool]
    async fn books_later(&self, from: usize) -> impl Stream<Item = Result<String, CallError>> {
        stream::iter(&self.0)
            .skip(from)
            .map(|book| Ok(book.clone()))
    }

    /// Lists nothing.
    #[tool]
    async fn nothing() -> impl Stream<Item = u8> {
        stream::empty()
    }
}

macro_rules! streaming {
    ($name:ident, $item:ty, $($value:expr),*) => {
        /// Made by a macro.
        #[tool]
        fn $name(times: usize) -> impl Stream<Item = $item> {
            stream::iter([$($value),*].into_iter().cycle().take(times))
        }
    };
}

streaming!(made, u8, 1, 2);

fn server() -> Server {
    Server::new("streams", "1.0.0")
        .state(vec![1_u32])
        .add(handlers![
            words,
            said,
            find,
            find_or_fail,
            read,
            draw,
            count,
            made
        ])
        .add(Shelf(Vec::new()))
}

#[test]
fn a_stream_of_values_is_a_list() {
    for tool in ["find", "find_or_fail", "made", "nothing"] {
        let schema = &crate::definition(server(), tool)["outputSchema"];
        assert_eq!(schema["type"], "array", "{tool}");
    }
}

#[test]
fn a_stream_of_texts_or_blocks_has_no_schema() {
    for tool in [
        "words",
        "said",
        "read",
        "draw",
        "count",
        "books",
        "books_later",
    ] {
        let definition = crate::definition(server(), tool);
        assert_eq!(definition.get("outputSchema"), None::<&Value>, "{tool}");
    }
}
