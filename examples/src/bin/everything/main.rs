//! Everything that a server can do, in one server: for people to look things up, and for other programs to test against.
//!
//! It serves standard input and output, or HTTP at an address: `everything http 127.0.0.1:8080`. The names that start with `test_` are those of the conformance suite of the
//! protocol. `EVERYTHING_PAGE_SIZE` is how many definitions a page of a list holds; without it a list is one page.
//! `EVERYTHING_AUTH=1` turns authentication on, over HTTP.

mod arguments;
mod asking;
mod callers;
mod content;
mod dynamic;
mod failures;
mod forms;
mod nested;
mod prompts;
mod reports;
mod resources;
mod rounds;

use std::io;

use mcp_runtime::Server;
use tokio::net::TcpListener;

fn server() -> Server {
    Server::new("everything", env!("CARGO_PKG_VERSION"))
        .title("Everything")
        .instructions("Every tool says what it shows.")
        .client_logging(true)
        .state(resources::Notes::new())
        .state(asking::Charges::default())
        .on_start(async || resources::folder())
        .add(content::handlers())
        .add(arguments::handlers())
        .add(reports::handlers())
        .add(failures::handlers())
        .add(asking::handlers())
        .add(forms::handlers())
        .add(rounds::handlers())
        .add(callers::handlers())
        .add(dynamic::handlers())
        .add(nested::handlers())
        .add(resources::handlers())
        .add(prompts::handlers())
}

// `block` takes a thread for itself, also where the machine has few.
#[tokio::main(worker_threads = 8)]
async fn main() -> mcp_runtime::Result<()> {
    let mut server = server();
    if let Some(size) = page_size() {
        server = server.page_size(size);
    }
    match std::env::args().nth(1).as_deref() {
        None => server.serve_stdio().await,
        Some("http") => serve_http(server).await,
        Some(other) => Err(io::Error::other(format!("no transport is called `{other}`")).into()),
    }
}

async fn serve_http(server: Server) -> mcp_runtime::Result<()> {
    let address = std::env::args().nth(2);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let service = server.build()?;
    // The server has started before anybody is told where it is.
    service.start().await?;
    let endpoint = format!("http://{}/mcp", listener.local_addr()?);
    eprintln!("listening on {endpoint}");
    let mut http = service.http();
    if std::env::var("EVERYTHING_AUTH").is_ok_and(|value| value == "1") {
        http = http.auth(callers::auth(&endpoint));
    }
    http.serve(listener).await
}

fn page_size() -> Option<usize> {
    std::env::var("EVERYTHING_PAGE_SIZE").ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mcp_runtime::testing::{Protocol, TestClient};

    use super::*;

    #[tokio::test]
    async fn a_list_may_come_in_pages() {
        for protocol in Protocol::ALL {
            let whole = TestClient::connect_as(server(), *protocol).await;
            let client = TestClient::connect_as(server().page_size(2), *protocol).await;
            assert_eq!(client.tools().await, whole.tools().await);
            assert_eq!(client.resources().await, whole.resources().await);
            assert_eq!(client.prompts().await, whole.prompts().await);
        }
    }

    #[tokio::test]
    async fn lists_may_be_kept_as_long_as_the_author_says() {
        let kept = server().list_ttl(Duration::from_secs(5)).public_lists(true);
        let client = TestClient::connect(kept).await;
        // Which tools there are depends on who asks.
        for (list, scope) in [("prompts/list", "public"), ("tools/list", "private")] {
            let list = client.request(list, ()).await.unwrap();
            assert_eq!(
                (&list["ttlMs"], &list["cacheScope"]),
                (&5000.into(), &scope.into())
            );
        }
    }

    #[tokio::test]
    async fn every_definition_says_what_it_is_for() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let lists = [
                client.tools().await,
                client.resources().await,
                client.resource_templates().await,
                client.prompts().await,
            ];
            for definition in lists.concat() {
                assert!(definition["description"].is_string(), "{definition}");
            }
        }
    }
}
