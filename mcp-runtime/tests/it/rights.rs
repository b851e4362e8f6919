//! What nobody gets at by a detour: another spelling, a subscription, a cache, or what they were allowed before.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use mcp_runtime::{
    Access, CallError, Principal, Server, ServerHandle, State, Tenant, Within, handlers, resource,
    rmcp::ServerHandler as _,
    testing::{Changes, Notification, Protocol, TestClient},
    tool,
};
use serde_json::json;

/// A project of whoever asks.
#[derive(Clone)]
struct Project(String);

impl Tenant for Project {
    const NAME: &'static str = "project";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let asked = access
            .arguments()
            .and_then(|all| all.get("project")?.as_str());
        let own = access
            .principal()
            .and_then(|principal| principal.claim("project")?.as_str());
        let project = asked
            .filter(|_| asked == own)
            .map(|name| Self(name.to_owned()));
        project.ok_or(CallError::new("this is no project of yours"))
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// Whoever asks for a project of its own, once it is known for which.
fn own_project(access: &Access<'_>) -> bool {
    let own = access
        .principal()
        .and_then(|principal| principal.claim("project"));
    let asked = access.arguments().map(|arguments| arguments.get("project"));
    own.is_some() && asked.is_none_or(|asked| asked == own)
}

/// The state of a project, as a guard allows it.
#[resource("guarded://{project}", guard = own_project)]
fn guarded(project: String) -> String {
    project
}

/// The state of a project, as its tenant allows it.
#[resource("tenant://{project}")]
fn within(own: Within<Project>, project: String) -> String {
    drop(project);
    own.0.0
}

/// What everybody may read.
#[resource("file:///{name}")]
fn file(name: String) -> String {
    name
}

/// What is for some.
#[resource("file:///secret-file", scopes("files:read"))]
fn secret() -> &'static str {
    "xyzzy"
}

/// Says what has changed.
#[tool]
fn touch(server: ServerHandle, uri: String) {
    server.resource_updated(uri);
    server.tools_changed();
}

fn server() -> Server {
    Server::new("x", "1").add(handlers![guarded, within, file, secret, touch])
}

fn red() -> Principal {
    Principal::new("alice").with_claim("project", "red")
}

async fn client(protocol: Protocol, server: Server) -> TestClient {
    let options = TestClient::options().protocol(protocol);
    options.principal(red()).connect(server).await
}

/// Whether a client hears that a resource has changed.
async fn hears(client: &TestClient, uri: &str) -> bool {
    let is_update = |one: &Notification| one.method == "notifications/resources/updated";
    let before = client
        .notifications()
        .iter()
        .filter(|one| is_update(one))
        .count();
    client.call("touch", json!({ "uri": uri })).await;
    // It is told behind the update, if there is one.
    client
        .next_notification("notifications/tools/list_changed")
        .await;
    client
        .notifications()
        .iter()
        .filter(|one| is_update(one))
        .count()
        > before
}

/// Listens to the tools and to one resource, as far as that is possible.
async fn listen(client: &TestClient, uri: &str) -> Option<mcp_runtime::testing::Subscription> {
    let changes = Changes::of_tools().and_resource(uri);
    client.try_listen(changes).await.ok()
}

#[tokio::test]
async fn nobody_hears_of_what_they_may_not_read_by_its_arguments() {
    for protocol in Protocol::ALL {
        for kind in ["guarded", "tenant"] {
            let client = client(*protocol, server()).await;
            let [own, other] = ["red", "blue"].map(|project| format!("{kind}://{project}"));
            client.try_read(&other).await.unwrap_err();
            for foreign in [other.clone(), format!("{kind}://blu%65")] {
                let listening = listen(&client, &foreign).await;
                assert_eq!(listening.is_some(), *protocol == Protocol::MODERN);
                assert!(!hears(&client, &other).await, "{protocol} {foreign}");
            }
            let _listening = listen(&client, &own).await.unwrap();
            assert!(hears(&client, &own).await, "{protocol} {own}");
        }
    }
}

#[tokio::test]
async fn a_subscription_is_refused_like_a_reading() {
    for protocol in Protocol::ALL
        .iter()
        .filter(|protocol| **protocol != Protocol::MODERN)
    {
        let client = client(*protocol, server()).await;
        for uri in [
            "guarded://blue",
            "tenant://blue",
            "file:///secret-file",
            "nothing://x",
        ] {
            let read = client.try_read(uri).await.unwrap_err();
            let subscribed = client
                .request("resources/subscribe", json!({ "uri": uri }))
                .await;
            let refused = subscribed.unwrap_err();
            let told = |error: mcp_runtime::testing::ProtocolError| {
                (error.code, error.message, error.data)
            };
            assert_eq!(told(refused), told(read), "{uri}");
        }
    }
}

#[tokio::test]
async fn another_spelling_of_a_uri_is_the_same_resource() {
    for protocol in Protocol::ALL {
        let client = client(*protocol, server()).await;
        assert_eq!(client.read("file:///other").await.text(), "other");
        for uri in [
            "file:///secret-file",
            "file:///secret%2Dfile",
            "FILE:///secret%2dfile",
            "file:///%73ecret-file",
        ] {
            client.try_read(uri).await.unwrap_err();
            let _listening = listen(&client, uri).await;
            assert!(!hears(&client, "file:///secret-file").await, "{uri}");
        }
        client.set_principal(red().with_scope("files:read"));
        assert_eq!(client.read("file:///%73ecret-file").await.text(), "xyzzy");
    }
}

/// A template that begins with an escaped letter.
#[resource("odd://%61{name}")]
fn escaped(name: String) -> String {
    name
}

/// What the same URIs mean without the escape.
#[resource("odd://a{name}", scopes("files:read"))]
fn plain(name: String) -> String {
    name
}

#[tokio::test]
async fn nobody_hears_of_a_resource_by_the_spelling_of_another() {
    for protocol in Protocol::ALL {
        let server = Server::new("x", "1").add(handlers![escaped, plain, touch]);
        let client = client(*protocol, server).await;
        assert_eq!(client.read("odd://%61b").await.text(), "b");
        client.try_read("odd://ab").await.unwrap_err();
        let _listening = listen(&client, "odd://%61b").await;
        assert!(!hears(&client, "odd://ab").await, "{protocol}");
    }
}

#[tokio::test]
async fn a_guard_sees_one_spelling() {
    let no_secret = |access: &Access<'_>| access.uri() != Some("file:///secret");
    let server = Server::new("x", "1").add(handlers![file]).guard(no_secret);
    let client = TestClient::connect(server).await;
    assert_eq!(client.read("file:///other").await.text(), "other");
    for uri in ["file:///secret", "FILE:///secret", "file:///s%65cret"] {
        client.try_read(uri).await.unwrap_err();
    }
}

#[tokio::test]
async fn whoever_has_lost_a_right_hears_no_more_without_another_request() {
    for protocol in Protocol::ALL {
        let open = Arc::new(AtomicBool::new(true));
        let opened = Arc::clone(&open);
        let mut server = Server::new("x", "1")
            .add(handlers![file])
            .guard(move |_| opened.load(Ordering::SeqCst));
        let handle = server.handle();
        let client = TestClient::connect_as(server, *protocol).await;
        let mut listening = client
            .listen(Changes::of_tools().and_resource("file:///a"))
            .await;
        handle.resource_updated("file:///a");
        let told = listening.next_change().await.unwrap();
        assert_eq!(told.method, "notifications/resources/updated");
        open.store(false, Ordering::SeqCst);
        handle.resource_updated("file:///a");
        handle.tools_changed();
        let told = listening.next_change().await.unwrap();
        assert_eq!(
            told.method, "notifications/tools/list_changed",
            "{protocol}"
        );
    }
}

#[tokio::test]
async fn a_guard_that_panics_says_no_to_what_is_told() {
    for protocol in Protocol::ALL {
        let breaks = Arc::new(AtomicBool::new(false));
        let broken = Arc::clone(&breaks);
        let mut server = Server::new("x", "1").add(handlers![file]).guard(move |_| {
            assert!(!broken.load(Ordering::SeqCst), "it breaks");
            true
        });
        let handle = server.handle();
        let client = TestClient::connect_as(server, *protocol).await;
        let mut listening = client
            .listen(Changes::of_tools().and_resource("file:///a"))
            .await;
        breaks.store(true, Ordering::SeqCst);
        handle.resource_updated("file:///a");
        handle.tools_changed();
        let told = listening.next_change().await.unwrap();
        assert_eq!(
            told.method, "notifications/tools/list_changed",
            "{protocol}"
        );
        breaks.store(false, Ordering::SeqCst);
        assert_eq!(client.read("file:///a").await.text(), "a");
    }
}

#[tokio::test]
async fn a_guard_that_panics_hides_what_it_guards() {
    for protocol in Protocol::ALL {
        let breaks = |access: &Access<'_>| -> bool { panic!("{}", access.name()) };
        let server = Server::new("x", "1")
            .add(handlers![file].guard(breaks))
            .add(handlers![touch]);
        let client = TestClient::connect_as(server, *protocol).await;
        assert!(client.resource_templates().await.is_empty(), "{protocol}");
        client.try_read("file:///a").await.unwrap_err();
        let _listening = listen(&client, "file:///a").await;
        assert_eq!(client.tools().await.len(), 1, "{protocol}");

        let server = Server::new("x", "1").add(handlers![touch]).guard(breaks);
        let client = TestClient::connect_as(server, *protocol).await;
        assert!(client.tools().await.is_empty(), "{protocol}");
        client
            .try_call("touch", json!({ "uri": "x" }))
            .await
            .unwrap_err();
        assert!(client.tools().await.is_empty(), "{protocol}");
    }
}

/// Where nothing can be found.
#[derive(Clone)]
struct Nowhere;

impl Tenant for Nowhere {
    const NAME: &'static str = "nowhere";

    fn of(_: &Access<'_>) -> Result<Self, CallError> {
        panic!("nothing is there")
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed("nowhere")
    }
}

/// What is nowhere.
#[resource("nowhere://{id}")]
fn nowhere(_within: Within<Nowhere>, id: String) -> String {
    id
}

#[tokio::test]
async fn a_tenant_that_panics_ends_no_connection() {
    for protocol in Protocol::ALL {
        let server = Server::new("x", "1").add(handlers![nowhere, file]);
        let client = TestClient::connect_as(server, *protocol).await;
        let _listening = listen(&client, "nowhere://a").await;
        client.try_read("nowhere://a").await.unwrap_err();
        assert_eq!(client.read("file:///a").await.text(), "a", "{protocol}");
    }
}

/// Says how often it has run, and for whom.
#[tool(read_only, idempotent, cache = "1h")]
fn rights(runs: State<Arc<AtomicUsize>>, principal: Principal) -> String {
    let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
    format!("{run}: {}", principal.has_scope("files:read"))
}

#[tokio::test]
async fn what_is_kept_for_one_is_not_shown_to_another() {
    let server = Server::new("x", "1").state(Arc::new(AtomicUsize::new(0)));
    let client = TestClient::connect(server.add(handlers![rights])).await;
    let alice = || Principal::new("alice").with_scope("files");
    let here = alice().with_issuer("https://a");
    let ruled = here
        .clone()
        .with_scope_rule(|has, needs| needs.starts_with(has));
    let other_rule = here.clone().with_scope_rule(|_, _| false);
    let renewed = here.clone().with_expiry(std::time::SystemTime::UNIX_EPOCH);
    for (principal, told) in [
        (alice(), "1: false"),
        (here.clone(), "2: false"),
        (alice().with_issuer("https://b"), "3: false"),
        (ruled.clone(), "4: true"),
        (other_rule, "5: false"),
        (here.clone().with_client("app"), "6: false"),
        (
            here.clone()
                .with_actor(Principal::new("x").with_issuer("https://a")),
            "7: false",
        ),
        (
            here.clone()
                .with_actor(Principal::new("x").with_issuer("https://b")),
            "8: false",
        ),
        (ruled, "4: true"),
        (renewed, "2: false"),
        (here, "2: false"),
    ] {
        client.set_principal(principal);
        assert_eq!(client.call("rights", ()).await.text(), told);
    }
}

/// Only for some, and with an argument that a header repeats.
#[tool(scopes("deploy"))]
fn deploy(#[arg(header = "Region")] region: String) -> String {
    region
}

#[tokio::test]
async fn a_transport_that_does_not_know_who_asks_is_shown_what_is_for_everybody() {
    let service = Server::new("x", "1")
        .add(handlers![deploy, touch])
        .build()
        .unwrap();
    assert!(service.get_tool("deploy").is_none());
    assert!(service.get_tool("touch").is_some());
    let guarded = Server::new("x", "1").add(handlers![touch]).guard(|_| true);
    assert!(guarded.build().unwrap().get_tool("touch").is_none());
}

#[tokio::test]
async fn a_server_has_nothing_for_whoever_lacks_its_scopes() {
    for (scopes, tools) in [(&[][..], 0), (&["all"], 1), (&["all", "deploy"], 2)] {
        let server = Server::new("x", "1").add(handlers![deploy, touch]);
        let scopes = scopes.iter().copied();
        let principal = scopes.fold(Principal::new("ada"), Principal::with_scope);
        let client = TestClient::options().principal(principal);
        let client = client.connect(server.scopes(["all"])).await;
        assert_eq!(client.tools().await.len(), tools);
        let touched = client.try_call("touch", json!({ "uri": "x://y" })).await;
        assert_eq!(touched.is_ok(), tools > 0);
    }
    let server = Server::new("x", "1").scopes(["two words"]);
    let problems = server.build().unwrap_err().to_string();
    assert!(
        problems.contains("`two words` is not a scope"),
        "{problems}"
    );
}

#[test]
fn a_scope_that_servers_do_not_ask_for_is_a_mistake() {
    let handlers = handlers![deploy].scopes(["offline_access"]);
    let problems = Server::new("x", "1")
        .add(handlers)
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        problems.contains(
            "tool `deploy`: `offline_access` is between a client and its authorization server"
        ),
        "{problems}"
    );
    let mut server = Server::new("x", "1").add(handlers![touch]);
    let handle = server.handle();
    let _service = server.build().unwrap();
    let handlers = handlers![deploy].scopes(["offline_access"]);
    assert!(
        handle
            .add(handlers)
            .unwrap_err()
            .to_string()
            .contains("offline_access")
    );
}

#[tokio::test]
async fn an_argument_is_no_way_around_the_first_answer() {
    // Whoever does not see a handler is not told either what is wrong with a call of it.
    for protocol in Protocol::ALL {
        let server = Server::new("x", "1").add(handlers![deploy]);
        let client = client(*protocol, server).await;
        for arguments in [
            json!({}),
            json!({ "region": 7 }),
            json!({ "region": "eu", "x": 1 }),
        ] {
            let error = client.try_call("deploy", arguments).await.unwrap_err();
            assert_eq!(error.message, "Unknown tool `deploy`.");
            assert_eq!(
                error.data,
                Some(json!({ "tool": "deploy", "suggestions": [] }))
            );
        }
    }
}
