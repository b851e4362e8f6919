//! Resources: matching, decoding, contents.

use mcp_runtime::{
    Json, ResourceContent, Server, handlers, resource,
    testing::{Protocol, TestClient},
};
use serde_json::json;

/// Text.
#[resource("config://text", size = 5)]
fn text() -> &'static str {
    "hello"
}

/// JSON.
#[resource("config://json")]
fn json_value() -> Json<Vec<u8>> {
    Json(vec![1, 2])
}

/// Bytes.
#[resource("blob://logo", mime_type = "image/png")]
fn bytes() -> Vec<u8> {
    vec![0, 255]
}

/// Several contents.
#[resource("many://all")]
fn many() -> Vec<ResourceContent> {
    vec![
        "one".into(),
        ResourceContent::text("{}")
            .uri("many://2")
            .mime_type("application/json"),
    ]
}

/// A note.
#[resource("note://{id}")]
fn note(id: u64) -> Option<String> {
    (id < 10).then(|| format!("note {id}"))
}

/// The first note, by its literal URI.
#[resource("note://1")]
fn first() -> &'static str {
    "the literal wins"
}

/// Anything below.
#[resource("files:///{+path}")]
fn file(path: String) -> String {
    path
}

/// A search.
#[resource("find://{kind}{?text,limit}")]
fn find(
    kind: String,
    text: Option<String>,
    #[arg(range(min = 1, max = 9), default = 5)] limit: u8,
) -> String {
    format!("{kind} {text:?} {limit}")
}

fn server() -> Server {
    Server::new("resources", "1").add(handlers![
        text, json_value, bytes, many, note, first, file, find
    ])
}

#[tokio::test]
async fn contents_have_their_type() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let text = client.read("config://text").await;
        assert_eq!(
            (text.text(), text.mime_type()),
            ("hello", Some("text/plain"))
        );
        let json = client.read("config://json").await;
        assert_eq!(
            (json.json::<Vec<u8>>(), json.mime_type()),
            (vec![1, 2], Some("application/json"))
        );
        let bytes = client.read("blob://logo").await;
        assert_eq!(
            (bytes.bytes(), bytes.mime_type()),
            (vec![0, 255], Some("image/png"))
        );
        let many = client.read("many://all").await;
        let expected = json!([
            { "uri": "many://all", "mimeType": "text/plain", "text": "one" },
            { "uri": "many://2", "mimeType": "application/json", "text": "{}" },
        ]);
        assert_eq!(many.raw()["contents"], expected);
    }
}

#[tokio::test]
async fn variables_are_read_like_arguments() {
    let client = TestClient::connect(server()).await;
    assert_eq!(client.read("note://7").await.text(), "note 7");
    assert_eq!(client.read("note://1").await.text(), "the literal wins");
    assert_eq!(client.read("NOTE://7").await.text(), "note 7");
    assert_eq!(client.read("files:///a/%25b").await.text(), "a/%b");
    assert_eq!(
        client.read("find://x?limit=2&text=a%20b").await.text(),
        "x Some(\"a b\") 2"
    );
    assert_eq!(client.read("find://x").await.text(), "x None 5");
}

#[tokio::test]
async fn a_variable_that_does_not_fit_is_reported() {
    let client = TestClient::connect(server()).await;
    for uri in ["note://seven", "note://-1", "find://x?limit=99"] {
        let refusal = client.try_read(uri).await.unwrap_err();
        assert_eq!(refusal.code, -32602, "{uri}");
        assert_eq!(refusal.kind(), Some("invalid_arguments"), "{uri}");
        assert_eq!(refusal.problems().len(), 1, "{uri}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_in_the_code_of_its_revision() {
    for (protocol, code) in [(Protocol::MODERN, -32602), (Protocol::LEGACY, -32002)] {
        let client = TestClient::connect_as(server(), protocol).await;
        for uri in [
            "note://10",
            "note://a/b",
            "files:///%00",
            "files:///",
            "nowhere://1",
            "",
            "find://x?other=1",
        ] {
            let refusal = client.try_read(uri).await.unwrap_err();
            assert_eq!(refusal.code, code, "{uri} {protocol}");
            assert_eq!(refusal.data.unwrap()["uri"], uri);
        }
    }
}
