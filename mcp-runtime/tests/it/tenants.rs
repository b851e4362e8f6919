//! What calls are about as a whole.

use std::borrow::Cow;

use mcp_runtime::{
    Access, CallError, Context, Principal, Server, Tenant, Within, handlers,
    layer::{self, CallRequest, Next},
    prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use serde_json::{Value, json};

/// One of the projects of whoever asks, by an argument.
#[derive(Clone, Debug, PartialEq)]
struct Project(String);

impl Tenant for Project {
    const NAME: &'static str = "project";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let wanted = access
            .arguments()
            .and_then(|arguments| arguments.get("project"));
        let wanted = wanted.and_then(Value::as_str).unwrap_or("main");
        let own = access
            .principal()
            .and_then(|principal| principal.claim("projects")?.as_array());
        let is_own = own.is_some_and(|own| own.iter().any(|own| own == wanted));
        let project = is_own.then(|| Self(wanted.to_owned()));
        project.ok_or_else(|| CallError::new(format!("you have no project `{wanted}`")))
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// The agent on whose behalf the client calls.
#[derive(Clone, Copy)]
struct Agent(u64);

impl Tenant for Agent {
    const NAME: &'static str = "agent";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let agent = access
            .principal()
            .and_then(|principal| principal.claim("agent")?.as_u64());
        agent
            .map(Self)
            .ok_or_else(|| CallError::new("you call for no agent"))
    }

    fn key(&self) -> Cow<'_, str> {
        self.0.to_string().into()
    }
}

/// Says where it runs.
#[tool]
fn place(ctx: Context, own: Within<Project>, project: Option<String>) -> String {
    let _ = project;
    format!("{} {}", own.0.0, ctx.scope_key().unwrap())
}

/// Says where it runs, without a parameter for it.
#[tool]
fn bare(ctx: Context) -> String {
    let project = ctx.tenant::<Project>().map(|project| project.0.clone());
    format!("{project:?} {:?}", ctx.scope_key())
}

/// What is in a project.
#[resource("project://{project}/files")]
fn files(own: Within<Project>, project: String) -> String {
    format!("{} {project}", own.0.0)
}

/// Reviews a project.
#[prompt]
fn review(own: Within<Project>, project: String) -> String {
    format!("{} {project}", own.0.0)
}

/// Calls another tool in another project.
#[tool]
async fn outer(ctx: Context, own: Within<Project>, other: String) -> Result<String, CallError> {
    let inner = ctx.call_tool("place", json!({ "project": other })).await?;
    Ok(format!("{}, {}", own.0.0, inner.text()))
}

fn alice() -> Principal {
    Principal::new("alice").with_claim("projects", json!(["main", "red"]))
}

async fn client(protocol: Protocol, server: Server) -> TestClient {
    TestClient::options()
        .protocol(protocol)
        .principal(alice())
        .connect(server)
        .await
}

fn server() -> Server {
    Server::new("x", "1").add(handlers![place, files, review, outer])
}

#[tokio::test]
async fn a_tenant_is_found_before_the_handler_runs() {
    for protocol in Protocol::ALL {
        let client = client(*protocol, server()).await;
        assert_eq!(client.call("place", ()).await.text(), "main project=main");
        let red = json!({ "project": "red" });
        assert_eq!(client.call("place", &red).await.text(), "red project=red");
        assert_eq!(client.read("project://red/files").await.text(), "red red");
        assert_eq!(client.prompt("review", &red).await.text(), "red red");
        let nested = client.call("outer", json!({ "other": "red" })).await;
        assert_eq!(nested.text(), "main, red project=red");
    }
}

#[tokio::test]
async fn whoever_has_no_tenant_is_told_so_and_no_handler_runs() {
    for protocol in Protocol::ALL {
        let client = client(*protocol, server()).await;
        let blue = json!({ "project": "blue" });
        assert_eq!(
            client.call("place", &blue).await.error(),
            "you have no project `blue`"
        );
        let error = client.try_read("project://blue/files").await.unwrap_err();
        assert_eq!(error.message, "you have no project `blue`");
        let error = client.try_prompt("review", &blue).await.unwrap_err();
        assert_eq!(error.message, "you have no project `blue`");
        let nested = client.call("outer", json!({ "other": "blue" })).await;
        assert_eq!(nested.error(), "you have no project `blue`");
        client.set_principal(None);
        assert_eq!(
            client.call("place", ()).await.error(),
            "you have no project `main`"
        );
    }
}

#[tokio::test]
async fn a_group_requires_tenants_of_handlers_that_do_not_ask() {
    let group = handlers![bare]
        .within::<Project>()
        .within::<Agent>()
        .within::<Project>();
    let client = client(Protocol::MODERN, Server::new("x", "1").add(group)).await;
    let error = client.call("bare", ()).await.error();
    assert_eq!(error, "you call for no agent");
    client.set_principal(alice().with_claim("agent", 7));
    let text = client.call("bare", ()).await.text();
    assert_eq!(text, r#"Some("main") Some("project=main;agent=7")"#);
}

#[tokio::test]
async fn a_handler_that_needs_no_tenant_has_none() {
    let client = client(Protocol::MODERN, Server::new("x", "1").add(handlers![bare])).await;
    assert_eq!(client.call("bare", ()).await.text(), "None None");
}

#[tokio::test]
async fn layers_know_the_tenant_of_a_call() {
    let refuse = layer::from_fn(async |request: CallRequest, next: Next| {
        if request.context().scope_key() == Some("project=red") {
            return Ok(request.refuse(CallError::new("`red` is used up")));
        }
        next.run(request).await
    });
    let client = client(Protocol::MODERN, server().layer(refuse)).await;
    assert!(!client.call("place", ()).await.is_error());
    let red = client.call("place", json!({ "project": "red" })).await;
    assert_eq!(red.error(), "`red` is used up");
}
