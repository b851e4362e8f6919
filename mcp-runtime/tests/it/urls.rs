//! `PublicUrl` and its client, as a tool has them.

use std::net::SocketAddr;

use mcp_runtime::{
    CallError, Server, State, handlers,
    net::{
        Client, PublicUrl,
        reqwest::dns::{Addrs, Name, Resolve, Resolving},
    },
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::json;

/// Says where a URL leads.
#[tool]
fn host(url: PublicUrl, others: Option<Vec<PublicUrl>>) -> String {
    let others = others.unwrap_or_default();
    let all = std::iter::once(&url).chain(&others);
    let hosts = all.filter_map(|url| url.as_url().host_str());
    hosts.collect::<Vec<_>>().join(" ")
}

/// Fetches a page.
#[tool]
async fn fetch(url: PublicUrl, client: State<Client>) -> Result<u16, CallError> {
    Ok(client.get(&url)?.send().await?.status().as_u16())
}

/// A resolver that finds every name inside.
struct Inside;

impl Resolve for Inside {
    fn resolve(&self, _: Name) -> Resolving {
        let found = std::iter::once(SocketAddr::from(([10, 0, 0, 1], 0)));
        Box::pin(async { Ok(Box::new(found) as Addrs) })
    }
}

fn server() -> Server {
    let client = Client::builder()
        .resolver(Inside)
        .ports([443])
        .build()
        .unwrap();
    Server::new("test", "1")
        .state(client)
        .add(handlers![host, fetch])
}

#[tokio::test]
async fn a_public_url_is_an_argument_like_any_other() {
    for protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), *protocol).await;
        let arguments = json!({ "url": "https://example.com/", "others": ["https://1.1.1.1"] });
        assert_eq!(
            client.call("host", arguments).await.text(),
            "example.com 1.1.1.1"
        );
        let tools = client.tools().await;
        assert_eq!(
            tools[0]["inputSchema"]["properties"]["url"]["format"],
            "iri"
        );
    }
}

#[tokio::test]
async fn a_model_is_told_which_url_to_send() {
    let client = TestClient::connect(server()).await;
    let arguments = json!({ "url": "http://169.254.169.254/", "others": ["ftp://example.com"] });
    let expected = "Invalid arguments for `host` (2 problems):\n\
        - url: a web address on the public internet\n\
        - others: a web address that begins with `https://` or `http://`";
    assert_eq!(client.call("host", arguments).await.error(), expected);
    let expected = "A valid call: {\"url\":\"https://example.com/\"}";
    let refused = client.call("host", json!({})).await;
    assert!(refused.error().ends_with(expected), "{}", refused.error());
}

#[tokio::test]
async fn what_the_client_refuses_is_told_and_not_masked() {
    let client = TestClient::connect(server()).await;
    let refused = client
        .call("fetch", json!({ "url": "http://example.com/" }))
        .await;
    assert_eq!(
        refused.error(),
        "the address must be a web address with a usual port"
    );
    assert_eq!(refused.error_kind(), Some("failed"));
    // Whatever finds it, an address inside is no address.
    let inside = json!({ "url": "https://inside.example.com/" });
    let refused = client.call("fetch", inside).await;
    let expected =
        "the address must be a web address whose host can be found on the public internet";
    assert_eq!(refused.error(), expected);
}
