//! Tasks of several projects on one server: who asks sees its own projects alone, and every call says which one it is about.
//!
//! Over standard input and output there is one principal, which `main` makes. Over HTTP it would come from a token.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use mcp_runtime::{
    Access, CallError, Context, Json, Principal, Server, State, Tenant, Within, handlers, resource,
    serde_json::{Value, json},
    tool,
};

/// The tasks of all projects.
#[derive(Default)]
struct Tasks(Mutex<BTreeMap<String, Vec<String>>>);

/// The project that a call is about: the argument `project`, or the only one that its caller has.
#[derive(Clone)]
struct Project(String);

impl Tenant for Project {
    const NAME: &'static str = "project";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let own = access
            .principal()
            .and_then(|principal| principal.claim("projects")?.as_array());
        let own: Vec<&str> = own
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let wanted = access
            .arguments()
            .and_then(|arguments| arguments.get("project")?.as_str());
        match (wanted, own.as_slice()) {
            (Some(wanted), own) if own.contains(&wanted) => Ok(Self(wanted.to_owned())),
            (Some(wanted), _) => Err(CallError::new(format!("You have no project `{wanted}`."))),
            (None, [only]) => Ok(Self((*only).to_owned())),
            (None, _) => Err(CallError::new(format!("Which project? One of {own:?}."))),
        }
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// The agent on whose behalf a client calls, as its token says.
#[derive(Clone)]
struct Agent(String);

impl Tenant for Agent {
    const NAME: &'static str = "agent";

    fn of(access: &Access<'_>) -> Result<Self, CallError> {
        let agent = access
            .principal()
            .and_then(|principal| principal.claim("agent")?.as_str());
        let agent = agent.ok_or_else(|| CallError::new("Only agents write tasks."))?;
        Ok(Self(agent.to_owned()))
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// The tasks of a project.
#[resource("tasks://{project}")]
fn tasks(own: Within<Project>, tasks: State<Tasks>, project: String) -> Json<Vec<String>> {
    debug_assert_eq!(own.0.0, project);
    let tasks = tasks.0.lock().unwrap_or_else(PoisonError::into_inner);
    Json(tasks.get(&project).cloned().unwrap_or_default())
}

/// Adds a task to a project.
#[tool(scopes("tasks:write"))]
fn add_task(
    own: Within<Project>,
    agent: Within<Agent>,
    tasks: State<Tasks>,
    /// What is to be done.
    task: String,
    /// The project; it may be left out if there is only one.
    _project: Option<String>,
) {
    let mut tasks = tasks.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Agent(agent) = &*agent;
    tasks
        .entry(own.0.0)
        .or_default()
        .push(format!("{task} ({agent})"));
}

/// Says which project and which agent a call is about: the text that logs and limits know it by.
#[tool(read_only)]
fn scope(ctx: Context) -> String {
    ctx.scope_key().unwrap_or_default().to_owned()
}

fn server() -> Server {
    Server::new("tenants", env!("CARGO_PKG_VERSION"))
        .state(Tasks::default())
        .add(handlers![tasks, add_task])
        .add(handlers![scope].within::<Project>().within::<Agent>())
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    let developer = Principal::new("developer")
        .with_scope("tasks:write")
        .with_claim("projects", json!(["apollo", "gemini"]))
        .with_claim("agent", "shell");
    server().principal(developer).serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;

    use super::*;

    fn alice() -> Principal {
        Principal::new("alice")
            .with_scope("tasks:write")
            .with_claim("projects", json!(["apollo"]))
            .with_claim("agent", "houston")
    }

    async fn client(principal: Principal) -> TestClient {
        TestClient::options()
            .principal(principal)
            .connect(server())
            .await
    }

    #[tokio::test]
    async fn a_task_goes_to_the_only_project() {
        let client = client(alice()).await;
        client.call("add_task", json!({ "task": "land" })).await;
        let tasks: Vec<String> = client.read("tasks://apollo").await.json();
        assert_eq!(tasks, ["land (houston)"]);
        assert_eq!(
            client.call("scope", ()).await.text(),
            "project=apollo;agent=houston"
        );
    }

    #[tokio::test]
    async fn nobody_reaches_the_project_of_others() {
        let client = client(alice()).await;
        let other = json!({ "task": "dock", "project": "gemini" });
        let error = client.call("add_task", other).await.error();
        assert_eq!(error, "You have no project `gemini`.");
        client.try_read("tasks://gemini").await.unwrap_err();
    }

    #[tokio::test]
    async fn whoever_has_several_projects_says_which_one() {
        let client = client(alice().with_claim("projects", json!(["apollo", "gemini"]))).await;
        let error = client
            .call("add_task", json!({ "task": "land" }))
            .await
            .error();
        assert_eq!(error, r#"Which project? One of ["apollo", "gemini"]."#);
    }

    #[tokio::test]
    async fn only_agents_with_the_scope_write() {
        let reader = Principal::new("bob").with_claim("projects", json!(["apollo"]));
        let client = client(reader.clone()).await;
        assert_eq!(
            client.tools().await.len(),
            1,
            "`add_task` does not exist for bob"
        );
        client.set_principal(reader.with_scope("tasks:write"));
        let error = client
            .call("add_task", json!({ "task": "land" }))
            .await
            .error();
        assert_eq!(error, "Only agents write tasks.");
    }
}
