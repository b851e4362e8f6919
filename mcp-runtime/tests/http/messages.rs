//! Bodies: what is refused and how, and that the server lives on.

use serde_json::{Value, json};

use crate::{client::Post, fixture::Site};

#[tokio::test]
async fn a_call_is_answered_as_one_message() {
    let site = Site::start().await;
    let answer = site.send(&Post::add()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    assert!(!answer.has_header("mcp-session-id"));
    let message = answer.json();
    assert_eq!(message["id"], 7);
    assert_eq!(message["result"]["resultType"], "complete");
    assert_eq!(message["result"]["structuredContent"], 3);
    let server = &message["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(server["name"], "fixture");
}

#[tokio::test]
async fn every_kind_of_request_is_answered() {
    let site = Site::start().await;
    for (method, params, pointer, value) in [
        (
            "server/discover",
            json!({}),
            "/result/supportedVersions/0",
            json!("2026-07-28"),
        ),
        (
            "tools/list",
            json!({}),
            "/result/tools/0/name",
            json!("add"),
        ),
        (
            "prompts/list",
            json!({}),
            "/result/prompts/0/name",
            json!("greet"),
        ),
        ("resources/list", json!({}), "/result/resources", json!([])),
        (
            "resources/templates/list",
            json!({}),
            "/result/resourceTemplates/0/name",
            json!("note"),
        ),
        (
            "resources/read",
            json!({ "uri": "note://1" }),
            "/result/contents/0/text",
            json!("the first"),
        ),
        (
            "prompts/get",
            json!({ "name": "greet", "arguments": { "name": "Ann" } }),
            "/result/messages/0/content/text",
            json!("hello Ann"),
        ),
    ] {
        let answer = site.send(&Post::modern(method, params)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json().pointer(pointer), Some(&value), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_refused_without_an_id() {
    let site = Site::start().await;
    for body in [
        &b"{\"jsonrpc\":"[..],
        b"nonsense",
        b"",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        b"\"\xc0\xaf\"",
        b"{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"tools/list\"}",
    ] {
        let answer = site
            .refuses(&Post::add().with_body(body), 400, -32700)
            .await;
        assert!(answer.json().get("id").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_batch_is_refused_and_nothing_in_it_is_executed() {
    let site = Site::start().await;
    let call = String::from_utf8(Post::add().body).unwrap();
    for body in [format!("[{call},{call}]"), "[]".into()] {
        let answer = site
            .refuses(&Post::add().with_body(body), 400, -32600)
            .await;
        assert!(answer.json().get("id").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let site = Site::start().await;
    for body in ["\"\"", "null", "42", "{}", "true"] {
        site.refuses(&Post::add().with_body(body), 400, -32600)
            .await;
    }
}

#[tokio::test]
async fn anything_but_an_integer_or_a_text_is_no_id() {
    let site = Site::start().await;
    let long = format!("{:?}", "x".repeat(10 * 1024));
    for id in [
        "null",
        "true",
        "1.5",
        "2.0",
        "{}",
        "9223372036854775808",
        &long,
    ] {
        let call = String::from_utf8(Post::add().body).unwrap();
        let body = call.replace("\"id\":7", &format!("\"id\":{id}"));
        let answer = site
            .refuses(&Post::add().with_body(body), 400, -32600)
            .await;
        assert!(answer.json().get("id").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn an_id_comes_back_as_it_was_sent() {
    let site = Site::start().await;
    for id in [
        json!(-5),
        json!(i64::MAX),
        json!(""),
        json!("1"),
        json!("é\"\\\n"),
    ] {
        let answer = site
            .send(&Post::add().change(|body| body["id"] = id.clone()))
            .await;
        assert_eq!(answer.json()["id"], id);
    }
}

#[tokio::test]
async fn the_same_id_may_be_in_flight_in_two_requests() {
    let site = Site::start().await;
    let mut first = site.connect().await;
    first.write(Post::call("wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    let second = site.send(&Post::add()).await;
    assert_eq!(second.json()["id"], 7);
    site.signals.go.notify_one();
    let first = first.answer().await.json();
    assert_eq!(first["id"], 7);
    assert_eq!(first["result"]["content"][0]["text"], "went");
}

#[tokio::test]
async fn another_version_of_json_rpc_is_refused() {
    let site = Site::start().await;
    for version in [json!("1.0"), json!(2.0), Value::Null] {
        let post = Post::add().change(|body| body["jsonrpc"] = version);
        let answer = site.refuses(&post, 400, -32600).await;
        assert_eq!(answer.json()["id"], 7);
    }
}

#[tokio::test]
async fn a_message_cannot_ask_and_answer_at_once() {
    let site = Site::start().await;
    let post = Post::add().change(|body| body["result"] = json!({}));
    site.refuses(&post, 400, -32600).await;
}

#[tokio::test]
async fn an_answer_to_no_question_is_refused() {
    let site = Site::start().await;
    let post = Post::add().with_body(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    site.refuses(&post, 400, -32600).await;
}

#[tokio::test]
async fn a_key_that_stands_twice_is_refused_wherever_it_stands() {
    let site = Site::start().await;
    let call = String::from_utf8(Post::add().body).unwrap();
    let method = call.replace("{\"jsonrpc\"", "{\"method\":\"tools/list\",\"jsonrpc\"");
    site.refuses(&Post::add().with_body(method), 400, -32600)
        .await;
    for (text, twice) in [
        ("\"a\":1", "\"a\":1,\"a\":5"),
        ("\"name\":\"add\"", "\"name\":\"add\",\"name\":\"panic\""),
        ("\"_meta\":{", "\"_meta\":{\"x\":1,\"x\":2,"),
    ] {
        assert!(call.contains(text), "{call}");
        site.refuses(
            &Post::add().with_body(call.replace(text, twice)),
            400,
            -32602,
        )
        .await;
    }
}

#[tokio::test]
async fn values_that_are_too_deep_or_too_large_are_refused() {
    let site = Site::start().await;
    let call = String::from_utf8(Post::add().body).unwrap();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = "9".repeat(1_000_000);
    for value in [&*deep, &large, "1e999"] {
        let body = call.replace("\"a\":1", &format!("\"a\":{value}"));
        site.refuses(&Post::add().with_body(body), 400, -32700)
            .await;
    }
}

#[tokio::test]
async fn half_of_a_pair_of_surrogates_is_refused() {
    let site = Site::start().await;
    let call = String::from_utf8(Post::call("echo", json!({ "text": "x" })).body).unwrap();
    let post = Post::call("echo", json!({ "text": "x" }));
    let body = call.replace("\"text\":\"x\"", "\"text\":\"\\ud800\"");
    site.refuses(&post.with_body(body), 400, -32700).await;
}

#[tokio::test]
async fn a_byte_order_mark_is_ignored() {
    let site = Site::start().await;
    let post = Post::add();
    let body = [b"\xef\xbb\xbf", &*post.body].concat();
    let answer = site.send(&post.with_body(body)).await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
}

#[tokio::test]
async fn control_characters_belong_into_texts_and_not_into_names() {
    let site = Site::start().await;
    let text = "\0\u{1}\u{7f}";
    let answer = site
        .send(&Post::call("echo", json!({ "text": text })))
        .await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], text);
    let post = Post::call("add", json!({})).change(|body| body["params"]["name"] = "add\0".into());
    // A header cannot carry the name either, other than encoded.
    let answer = site
        .send(&post.header("Mcp-Name", "=?base64?YWRkAA==?="))
        .await;
    answer.is_error(-32602);
    site.is_well().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let site = Site::start_with(|http| http.max_body_bytes(100_000)).await;
    // Only the head is sent: the answer comes nevertheless.
    let head = format!("{}Content-Length: 104857600\r\n\r\n", Post::add().head());
    let answer = site.write(head).await;
    assert_eq!(answer.status, 413);
    answer.is_error(-32600);
    assert_eq!(answer.header("connection"), "close");
    site.is_well().await;
}

#[tokio::test]
async fn a_body_that_does_not_say_how_long_it_is_is_refused_at_the_limit() {
    let site = Site::start_with(|http| http.max_body_bytes(100_000)).await;
    let mut connection = site.connect().await;
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", Post::add().head());
    connection.write(head).await;
    for _ in 0..2 {
        connection
            .write(format!("ea60\r\n{}\r\n", " ".repeat(60_000)))
            .await;
    }
    let answer = connection.answer().await;
    assert_eq!(answer.status, 413);
    site.is_well().await;
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_however_it_comes() {
    let site = Site::start().await;
    let text = "x".repeat(3 * 1024 * 1024);
    let post = Post::call("echo", json!({ "text": text }));
    let answer = site.send(&post).await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], text);
    let mut connection = site.connect().await;
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", Post::add().head());
    connection.write(head).await;
    for byte in Post::add().body {
        connection
            .write([b"1\r\n", &[byte][..], b"\r\n"].concat())
            .await;
    }
    connection.write("0\r\n\r\n").await;
    assert_eq!(
        connection.answer().await.json()["result"]["structuredContent"],
        3
    );
}

#[tokio::test]
async fn a_body_that_ends_early_is_no_message() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    let bytes = Post::add().bytes();
    connection.write(&bytes[..bytes.len() - 5]).await;
    drop(connection);
    site.is_well().await;
}

#[tokio::test]
async fn a_notification_is_accepted_without_a_body() {
    let site = Site::start().await;
    let body = r#"{"jsonrpc":"2.0","method":"notifications/whatever","params":{}}"#;
    for version in ["2026-07-28", "2025-11-25", "2025-06-18"] {
        let answer = site
            .send(&Post::new(body).header("MCP-Protocol-Version", version))
            .await;
        assert_eq!((answer.status, answer.body.len()), (202, 0), "{answer:?}");
    }
    let post = Post::new(body).header("MCP-Protocol-Version", "1999-01-01");
    site.refuses(&post, 400, -32022).await;
}

#[tokio::test]
async fn parameters_of_the_wrong_shape_are_refused() {
    let site = Site::start().await;
    for change in [
        |params: &mut Value| drop(params.as_object_mut().unwrap().remove("name")),
        |params: &mut Value| params["name"] = json!(5),
        |params: &mut Value| params["name"] = Value::Null,
        |params: &mut Value| params["arguments"] = json!([]),
    ] {
        let post = Post::add().change(|body| change(&mut body["params"]));
        site.refuses(&post, 400, -32602).await;
    }
    let post = Post::modern("tools/list", json!({ "cursor": 5 }));
    site.refuses(&post, 400, -32602).await;
}

#[tokio::test]
async fn a_tool_that_does_not_exist_is_an_error_of_the_protocol() {
    let site = Site::start().await;
    let answer = site.send(&Post::call("ad", json!({}))).await;
    assert_eq!(answer.status, 200);
    answer.is_error(-32602);
    site.is_well().await;
}

#[tokio::test]
async fn a_panic_is_contained_and_masked() {
    let site = Site::start().await;
    for _ in 0..2 {
        let answer = site.send(&Post::call("panic", json!({}))).await;
        let message = answer.json();
        assert_eq!(message["result"]["isError"], true, "{message}");
        assert!(!message.to_string().contains("a secret"), "{message}");
        site.is_well().await;
    }
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let site = Site::start().await;
    let mut connection = site.connect().await;
    let posts = (0..20).map(|id| Post::add().change(|body| body["id"] = id.into()).bytes());
    connection.write(posts.collect::<Vec<_>>().concat()).await;
    for id in 0..20 {
        assert_eq!(connection.answer().await.json()["id"], id);
    }
}

#[tokio::test]
async fn a_version_of_json_rpc_must_be_said() {
    let site = Site::start().await;
    let post = Post::add().change(|body| drop(body.as_object_mut().unwrap().remove("jsonrpc")));
    let answer = site.refuses(&post, 400, -32600).await;
    assert_eq!(answer.json()["id"], 7);
}

#[tokio::test]
async fn a_number_that_is_no_integer_is_an_argument_that_does_not_fit() {
    let site = Site::start().await;
    let call = String::from_utf8(Post::add().body).unwrap();
    for (number, sum) in [
        ("-0", Some(2)),
        ("1e1", Some(12)),
        ("1.5", None),
        ("1e300", None),
    ] {
        let body = call.replace("\"a\":1", &format!("\"a\":{number}"));
        let answer = site.send(&Post::add().with_body(body)).await;
        let result = &answer.json()["result"];
        assert_eq!(
            result["structuredContent"].as_i64(),
            sum,
            "{number}: {result}"
        );
        site.is_well().await;
    }
}

#[tokio::test]
async fn a_name_that_no_terminal_shows_is_the_name_of_nothing() {
    let site = Site::start().await;
    for (method, key, name, encoded) in [
        ("tools/call", "name", "add\u{7f}", "=?base64?YWRkfw==?="),
        ("prompts/get", "name", "greet\0", "=?base64?Z3JlZXQA?="),
        (
            "resources/read",
            "uri",
            "note://1\0",
            "=?base64?bm90ZTovLzEA?=",
        ),
        ("tools/call", "name", "Add", "Add"),
        ("tools/call", "name", "add ", "=?base64?YWRkIA==?="),
    ] {
        let post = Post::modern(method, json!({ "name": "x" })).change(|body| {
            let params = body["params"].as_object_mut().unwrap();
            params.remove("name");
            params.insert(key.to_owned(), name.into());
        });
        let answer = site.send(&post.header("Mcp-Name", encoded)).await;
        answer.is_error(-32602);
        site.is_well().await;
    }
}

#[tokio::test]
async fn a_name_of_a_mebibyte_is_not_repeated() {
    let site = Site::start().await;
    let post = Post::call("x", json!({})).change(|body| {
        body["params"]["name"] = "x".repeat(1024 * 1024).into();
    });
    let answer = site.refuses(&post, 400, -32020).await;
    assert!(answer.body.len() < 1024, "{}", answer.body.len());
    // Without sessions the header has a limit, too; with them there is none.
    let params = json!({ "name": "x".repeat(1024 * 1024) });
    let answer = site.send(&Post::legacy(None, "tools/call", params)).await;
    answer.is_error(-32602);
    assert!(answer.body.len() < 1024, "{}", answer.body.len());
}

#[tokio::test]
async fn a_note_that_a_call_is_cancelled_reaches_no_call_of_another_request() {
    let site = Site::start().await;
    let mut call = site.connect().await;
    call.write(Post::call("wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    for version in ["2026-07-28", "2025-11-25"] {
        for id in [json!(7), json!("7"), json!(8), Value::Null] {
            let body = json!({
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": { "requestId": id },
            });
            let post = Post::new(body.to_string()).header("MCP-Protocol-Version", version);
            assert_eq!(site.send(&post).await.status, 202, "{id}");
        }
    }
    site.is_well().await;
    site.signals.go.notify_one();
    let answer = call.answer().await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "went");
}
