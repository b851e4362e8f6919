//! Who may use what: what a caller may not use does not exist for it.

use mcp_runtime::{
    Access, CallError, Context, Principal, Server, ServerHandle, handlers,
    layer::{self, BoxError, CallRequest, Next},
    prompt, resource,
    testing::{Changes, Protocol, ProtocolError, TestClient},
    tool,
};
use serde_json::{Map, Value, json};

/// Says hello.
#[tool]
fn hello() -> &'static str {
    "hello"
}

/// Writes a file.
#[tool(scopes("files:read", "files:write"))]
fn write_file(name: String) -> String {
    name
}

/// A file.
#[resource("file:///{name}", scopes("files:read"))]
fn file(name: String) -> String {
    name
}

/// The only secret.
#[resource("secret://one", scopes("files:read"))]
fn secret() -> &'static str {
    "xyzzy"
}

/// Explains a file.
#[prompt(scopes("files:read"))]
fn explain(#[arg(complete = files)] name: String) -> String {
    name
}

fn files() -> [&'static str; 2] {
    ["a.txt", "b.txt"]
}

/// Reaches for everything by nested calls.
#[tool]
async fn reach(ctx: Context) -> Vec<String> {
    let words = |error: CallError| error.to_string();
    let tool = ctx
        .call_tool("write_file", json!({ "name": "a.txt" }))
        .await;
    let resource = ctx.read_resource("file:///a.txt").await;
    vec![
        tool.map_or_else(words, |called| called.text()),
        resource.map_or_else(words, |read| read.text().unwrap_or_default().to_owned()),
    ]
}

/// Announces that a resource has changed.
#[tool]
fn touch(server: ServerHandle, uri: String) {
    server.resource_updated(uri);
    server.tools_changed();
}

fn server() -> Server {
    let handlers = handlers![hello, write_file, file, secret, explain, reach, touch];
    Server::new("guarded", "1").add(handlers)
}

fn reader() -> Principal {
    Principal::new("alice").with_scope("files:read")
}

fn writer() -> Principal {
    reader().with_scope("files:write")
}

async fn client(protocol: Protocol, principal: Principal) -> TestClient {
    let options = TestClient::options().protocol(protocol);
    options.principal(principal).connect(server()).await
}

/// A client whose principal has had all rights, and has none any more. In a session, that is the same session.
async fn fallen(protocol: Protocol) -> TestClient {
    let client = client(protocol, writer()).await;
    assert_eq!(
        client
            .call("write_file", json!({ "name": "a" }))
            .await
            .text(),
        "a"
    );
    client.set_principal(Principal::new("alice"));
    client
}

/// A client that somebody else uses now, who has no rights.
async fn usurped(protocol: Protocol) -> TestClient {
    let client = fallen(protocol).await;
    client.set_principal(Principal::new("bob").with_scope("other"));
    client
}

/// Clients without rights: nobody, somebody without scopes, somebody who has lost them, and somebody who has taken another's place.
async fn outsiders(protocol: Protocol) -> [TestClient; 4] {
    let nobody = TestClient::connect_as(server(), protocol).await;
    let somebody = client(protocol, Principal::new("bob").with_scope("other")).await;
    let fallen = fallen(protocol).await;
    [nobody, somebody, fallen, usurped(protocol).await]
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter()
        .map(|value| value["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn whoever_has_all_scopes_uses_everything() {
    for protocol in Protocol::ALL {
        let client = client(*protocol, writer()).await;
        assert_eq!(
            names(&client.tools().await),
            ["hello", "write_file", "reach", "touch"]
        );
        assert_eq!(names(&client.resources().await), ["secret"]);
        assert_eq!(names(&client.resource_templates().await), ["file"]);
        assert_eq!(names(&client.prompts().await), ["explain"]);
        assert_eq!(client.read("file:///a.txt").await.text(), "a.txt");
        let reached: Vec<String> = client.call("reach", ()).await.structured();
        assert_eq!(reached, ["a.txt", "a.txt"]);
    }
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_not_listed() {
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            assert_eq!(names(&client.tools().await), ["hello", "reach", "touch"]);
            assert!(client.resources().await.is_empty());
            assert!(client.resource_templates().await.is_empty());
            assert!(client.prompts().await.is_empty());
        }
        let client = client(*protocol, reader()).await;
        assert_eq!(
            names(&client.tools().await),
            ["hello", "reach", "touch"],
            "one of two scopes"
        );
    }
}

/// The error with which a method refuses something, in which `known` stands, with what does not exist in its place.
fn in_other_words(error: ProtocolError, known: &str, unknown: &str) -> Value {
    let text = json!({ "code": error.code, "message": error.message, "data": error.data });
    serde_json::from_str(&text.to_string().replace(known, unknown)).unwrap()
}

/// Asks for something that is there and for something that is not: the answers must be the same.
async fn assert_absent(
    client: &TestClient,
    method: &str,
    params: &str,
    known: &str,
    unknown: &str,
) {
    let ask = async |name: &str| {
        let params: Value = serde_json::from_str(&params.replace("NAME", name)).unwrap();
        client.request(method, params).await.unwrap_err()
    };
    let (hidden, absent) = (ask(known).await, ask(unknown).await);
    let absent = in_other_words(absent, unknown, unknown);
    assert_eq!(
        in_other_words(hidden, known, unknown),
        absent,
        "{method} {known}"
    );
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_refused_like_what_does_not_exist() {
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            let call = r#"{ "name": "NAME", "arguments": { "name": "a.txt" } }"#;
            assert_absent(&client, "tools/call", call, "write_file", "xxxxx_xxxx").await;
            let read = r#"{ "uri": "NAME" }"#;
            let (known, unknown) = ("file:///a.txt", "xxxx:///a.txt");
            assert_absent(&client, "resources/read", read, known, unknown).await;
            assert_absent(
                &client,
                "resources/read",
                read,
                "secret://one",
                "xxxxxx://one",
            )
            .await;
            let get = r#"{ "name": "NAME", "arguments": { "name": "a.txt" } }"#;
            assert_absent(&client, "prompts/get", get, "explain", "xxxxxxx").await;
        }
    }
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_not_guessed() {
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            for name in ["write_fil", "WRITE_FILE", "writefile"] {
                let error = client.try_call(name, ()).await.unwrap_err();
                assert_eq!(error.message, format!("Unknown tool `{name}`."));
                assert_eq!(error.data.unwrap()["suggestions"], json!([]));
            }
            let error = client.try_read("secret://onx").await.unwrap_err();
            assert!(!error.to_string().contains("one"), "{error}");
            let error = client.try_prompt("explian", ()).await.unwrap_err();
            assert_eq!(error.message, "Unknown prompt `explian`.");
        }
        let client = client(*protocol, writer()).await;
        let error = client.try_call("write_fil", ()).await.unwrap_err();
        assert_eq!(
            error.message,
            "Unknown tool `write_fil`. Did you mean `write_file`?"
        );
    }
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_not_completed() {
    let prompt = |name: &str| {
        let reference = json!({ "type": "ref/prompt", "name": name });
        json!({ "ref": reference, "argument": { "name": "name", "value": "" } })
    };
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            let complete = prompt("NAME").to_string();
            assert_absent(
                &client,
                "completion/complete",
                &complete,
                "explain",
                "xxxxxxx",
            )
            .await;
            let template = r#"{ "ref": { "type": "ref/resource", "uri": "NAME" }, "argument": { "name": "name", "value": "" } }"#;
            let (known, unknown) = ("file:///{name}", "xxxx:///{name}");
            assert_absent(&client, "completion/complete", template, known, unknown).await;
        }
        let client = client(*protocol, reader()).await;
        let completed = client
            .request("completion/complete", prompt("explain"))
            .await
            .unwrap();
        assert_eq!(completed["completion"]["values"], json!(["a.txt", "b.txt"]));
    }
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_not_listened_to() {
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            let changes = Changes::of_tools().and_resource("secret://one");
            // A session is refused, and a stream goes without.
            let listening = client.try_listen(changes).await;
            assert_eq!(listening.is_ok(), *protocol == Protocol::MODERN);
            if let Ok(listening) = &listening {
                assert!(listening.honoured()["resourceSubscriptions"].is_null());
            }
            client.call("touch", json!({ "uri": "secret://one" })).await;
            let told = client
                .next_notification("notifications/tools/list_changed")
                .await;
            assert_eq!(told.method, "notifications/tools/list_changed");
            let heard = client.notifications();
            let updated = heard
                .iter()
                .find(|one| one.method == "notifications/resources/updated");
            assert!(updated.is_none(), "{heard:?}");
        }
        let client = client(*protocol, reader()).await;
        let mut listening = client.listen(Changes::of_resource("secret://one")).await;
        client.call("touch", json!({ "uri": "secret://one" })).await;
        assert!(listening.next_change().await.is_some());
    }
}

#[tokio::test]
async fn a_session_that_has_lost_a_right_does_not_hear_any_more() {
    for protocol in Protocol::ALL
        .iter()
        .filter(|protocol| **protocol != Protocol::MODERN)
    {
        let client = client(*protocol, reader()).await;
        let _listening = client.listen(Changes::of_resource("secret://one")).await;
        client.set_principal(Principal::new("alice"));
        client.call("touch", json!({ "uri": "secret://one" })).await;
        client
            .next_notification("notifications/tools/list_changed")
            .await;
        let heard = client.notifications();
        let updated = heard
            .iter()
            .find(|one| one.method == "notifications/resources/updated");
        assert!(updated.is_none(), "{heard:?}");
    }
}

#[tokio::test]
async fn what_a_caller_may_not_use_is_not_reached_by_nested_calls() {
    for protocol in Protocol::ALL {
        for client in outsiders(*protocol).await {
            let reached: Vec<String> = client.call("reach", ()).await.structured();
            let refused = [
                "Unknown tool `write_file`.",
                "Unknown resource `file:///a.txt`.",
            ];
            assert_eq!(reached, refused);
        }
    }
}

#[tokio::test]
async fn pages_are_those_of_what_the_caller_may_use() {
    for protocol in Protocol::ALL {
        let options = TestClient::options().protocol(*protocol);
        let client = options.connect(server().page_size(2)).await;
        let page = client.request("tools/list", json!({})).await.unwrap();
        assert_eq!(names(page["tools"].as_array().unwrap()), ["hello", "reach"]);
        let cursor = json!({ "cursor": page["nextCursor"] });
        let page = client.request("tools/list", cursor).await.unwrap();
        assert_eq!(names(page["tools"].as_array().unwrap()), ["touch"]);
        assert!(page["nextCursor"].is_null());
    }
}

#[tokio::test]
async fn lists_that_differ_by_caller_are_private() {
    let scope = async |server: Server, method: &str, key: &str| {
        let client = TestClient::connect(server.public_lists(true)).await;
        let list = client.request(method, json!({})).await.unwrap();
        assert!(list[key].is_array());
        list["cacheScope"].as_str().unwrap().to_owned()
    };
    let open = || Server::new("open", "1").add(handlers![hello]);
    assert_eq!(scope(open(), "tools/list", "tools").await, "public");
    assert_eq!(scope(server(), "tools/list", "tools").await, "private");
    assert_eq!(
        scope(open().guard(|_| true), "tools/list", "tools").await,
        "private"
    );
}

/// What is the same for everybody.
#[resource("rates://today", scope = "public")]
fn rates() -> &'static str {
    "1.08"
}

#[tokio::test]
async fn what_is_guarded_is_not_public() {
    let scoped = handlers![rates].scopes(["rates"]);
    let problems = Server::new("rates", "1").add(scoped).build();
    let problems = problems.unwrap_err().to_string();
    assert!(
        problems.contains("has scopes or a guard is not for everybody"),
        "{problems}"
    );
    let guarded = Server::new("rates", "1")
        .add(handlers![rates])
        .guard(|_| true);
    let read = TestClient::connect(guarded)
        .await
        .read("rates://today")
        .await;
    assert_eq!(read.raw()["cacheScope"], "private");
}

/// Whoever asks for a project of its own.
fn own_project(access: &Access<'_>) -> bool {
    let Some(arguments) = access.arguments() else {
        return access.principal().is_some();
    };
    let project = access
        .principal()
        .and_then(|principal| principal.claim("project"));
    project.is_some() && arguments.get("project") == project
}

/// Deploys a project.
#[tool(guard = own_project)]
fn deploy(project: String, times: u32) -> String {
    format!("{project} {times}")
}

/// The state of a project.
#[resource("project://{project}", guard = own_project)]
fn state(project: String) -> String {
    project
}

#[tokio::test]
async fn a_guard_decides_by_the_arguments() {
    for protocol in Protocol::ALL {
        let alice = Principal::new("alice").with_claim("project", "red");
        let options = TestClient::options().protocol(*protocol).principal(alice);
        let server = Server::new("x", "1").add(handlers![deploy, state]);
        let client = options.connect(server).await;
        assert_eq!(names(&client.tools().await), ["deploy"]);
        let red = client
            .call("deploy", json!({ "project": "red", "times": 2 }))
            .await;
        assert_eq!(red.text(), "red 2");
        assert_eq!(client.read("project://red").await.text(), "red");
        let blue = json!({ "project": "blue", "times": 2 });
        let error = client.try_call("deploy", blue).await.unwrap_err();
        assert_eq!(error.message, "Unknown tool `deploy`.");
        let error = client.try_read("project://blue").await.unwrap_err();
        assert_eq!(error.message, "Unknown resource `project://blue`.");
        client.set_principal(None);
        assert!(client.tools().await.is_empty());
        let red = json!({ "project": "red", "times": 2 });
        client.try_call("deploy", red).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_guard_sees_arguments_that_have_been_checked() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&seen);
    let note = move |access: &Access<'_>| {
        let arguments: Option<Map<String, Value>> = access.arguments().cloned();
        noted.lock().unwrap().extend(arguments.map(Value::from));
        true
    };
    let alice = Principal::new("alice").with_claim("project", "red");
    let server = Server::new("x", "1")
        .add(handlers![deploy].guard(note))
        .coerce_arguments(true);
    let client = TestClient::options().principal(alice).connect(server).await;
    assert!(
        client
            .call("deploy", json!({ "project": 3, "times": -1 }))
            .await
            .is_error()
    );
    client
        .call("deploy", json!({ "project": "red", "times": "2" }))
        .await;
    assert_eq!(
        *seen.lock().unwrap(),
        [json!({ "project": "red", "times": 2 })]
    );
}

/// Deletes everything.
#[tool(destructive)]
fn delete_all() {}

/// Adds something.
#[tool(destructive = false)]
fn append() {}

/// Looks at something.
#[tool(read_only, tags("safe"))]
fn look() {}

#[tokio::test]
async fn a_guard_decides_by_what_the_author_says_about_a_handler() {
    let handlers = handlers![delete_all, append, look, hello];
    let readers =
        |access: &Access<'_>| !access.component().destructive() || access.has_scope("write");
    let server = Server::new("x", "1").add(handlers).guard(readers);
    let client = TestClient::options()
        .principal(reader())
        .connect(server)
        .await;
    assert_eq!(names(&client.tools().await), ["append", "look"]);
    client.try_call("delete_all", ()).await.unwrap_err();
    client.set_principal(Principal::new("root").with_scope("write"));
    assert_eq!(client.tools().await.len(), 4);
}

#[tokio::test]
async fn the_scopes_and_guards_of_groups_add_up() {
    let group = handlers![hello]
        .scopes(["one"])
        .guard(|access| access.has_scope("two"));
    let server = Server::new("x", "1").add(group.scopes(["three".to_owned()]));
    let client = TestClient::connect(server).await;
    let mut somebody = Principal::new("bob");
    for scope in ["one", "two", "three"] {
        client.set_principal(somebody.clone());
        assert!(client.tools().await.is_empty());
        somebody = somebody.with_scope(scope);
    }
    client.set_principal(somebody);
    assert_eq!(client.tools().await.len(), 1);
}

#[tokio::test]
async fn the_principal_of_the_server_counts_where_there_is_no_other() {
    let client = TestClient::connect(server().principal(writer())).await;
    assert_eq!(client.tools().await.len(), 4);
    client.set_principal(Principal::new("bob"));
    assert_eq!(client.tools().await.len(), 3);
}

#[test]
fn a_scope_that_is_none_is_a_mistake() {
    let server = Server::new("x", "1").add(handlers![hello].scopes(["files write"]));
    let problems = server.build().unwrap_err().to_string();
    assert!(
        problems.contains("tool `hello`: `files write` is not a scope"),
        "{problems}"
    );
}

#[tokio::test]
async fn handlers_that_are_added_later_are_guarded_as_well() {
    for protocol in Protocol::ALL {
        let mut server = Server::new("x", "1").add(handlers![hello]);
        let handle = server.handle();
        let client = TestClient::connect_as(server, *protocol).await;
        assert_eq!(client.tools().await.len(), 1);
        handle.add(handlers![write_file]).unwrap();
        assert_eq!(names(&client.tools().await), ["hello"]);
        client.set_principal(writer());
        assert_eq!(names(&client.tools().await), ["hello", "write_file"]);
    }
}

#[tokio::test]
async fn a_layer_that_answers_from_its_memory_does_not_answer_whoever_may_not_ask() {
    let remember = layer::from_fn(async |request: CallRequest, _: Next| {
        Ok::<_, BoxError>(request.reply("remembered"))
    });
    let server = Server::new("x", "1")
        .add(handlers![deploy, write_file])
        .layer(remember);
    let alice = writer().with_claim("project", "red");
    let client = TestClient::options().principal(alice).connect(server).await;
    let red = json!({ "project": "red", "times": 2 });
    assert_eq!(client.call("deploy", &red).await.text(), "remembered");
    client.set_principal(writer().with_claim("project", "blue"));
    client.try_call("deploy", &red).await.unwrap_err();
    assert_eq!(
        client
            .call("write_file", json!({ "name": "a" }))
            .await
            .text(),
        "remembered"
    );
    client.set_principal(reader());
    client
        .try_call("write_file", json!({ "name": "a" }))
        .await
        .unwrap_err();
}
