//! Work that takes its time: progress, output as it comes, and tasks that end with the call.
//!
//! `cargo run -p mcp-examples --bin digest`

use futures_util::{Stream, stream};
use mcp_runtime::{CallError, Context, Server, handlers, tool};

/// Counts the words of several texts.
#[tool(read_only)]
async fn count_words(ctx: Context, texts: Vec<String>) -> Vec<usize> {
    let mut counts = Vec::new();
    for text in ctx.track(texts).message("counting") {
        counts.push(text.split_whitespace().count());
        // Others get their turn, and the client may take the call back here.
        tokio::task::yield_now().await;
    }
    counts
}

/// Retells a text, word by word.
#[tool(read_only)]
fn retell(text: String) -> impl Stream<Item = String> {
    let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    let last = words.len().saturating_sub(1);
    let words = words.into_iter().enumerate();
    stream::iter(words.map(move |(at, word)| if at < last { word + " " } else { word }))
}

/// Finds the longest line of several texts, in all of them at once.
#[tool(read_only)]
async fn longest_line(ctx: Context, texts: Vec<String>) -> Result<String, CallError> {
    // A call that is taken back, or that takes too long, takes its tasks with it.
    let searches: Vec<_> = texts
        .into_iter()
        .map(|text| ctx.spawn(async move { longest(&text).to_owned() }))
        .collect();
    let mut lines = Vec::new();
    for search in ctx.track(searches) {
        lines.push(search.await?);
    }
    Ok(longest(&lines.join("\n")).to_owned())
}

/// The first of the longest lines.
fn longest(text: &str) -> &str {
    let lines = text.lines().rev();
    lines.max_by_key(|line| line.len()).unwrap_or_default()
}

fn server() -> Server {
    Server::new("digest", env!("CARGO_PKG_VERSION")).add(handlers![
        count_words,
        retell,
        longest_line
    ])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn the_words_of_each_text_are_counted_and_the_client_is_told_how_many_texts_are_done() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let texts = json!({ "texts": ["one", "two words", ""] });
            let counted = client.call("count_words", texts).await;
            assert_eq!(counted.structured::<Vec<usize>>(), [1, 2, 0]);
            let last = counted.progress().last().unwrap();
            assert_eq!((last.done, last.total), (3.0, Some(3.0)));
        }
    }

    #[tokio::test]
    async fn a_text_is_told_while_it_comes_and_the_result_is_whole() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let told = client
                .call("retell", json!({ "text": "once  upon a\ntime" }))
                .await;
            assert_eq!(told.text(), "once upon a time");
            assert_eq!(told.chunks().concat(), told.text());
        }
    }

    #[tokio::test]
    async fn the_longest_line_of_all_texts_is_found() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let texts =
                json!({ "texts": ["short", "a bit longer\nlongest of all", "same length :)"] });
            let found = client.call("longest_line", texts).await;
            assert_eq!(found.text(), "longest of all");
            let nothing = client.call("longest_line", json!({ "texts": [] })).await;
            assert_eq!(nothing.text(), "");
        }
    }
}
