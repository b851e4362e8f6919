//! `Secret<T>`: nowhere is its value shown.

use std::net::IpAddr;

use mcp_runtime::{
    Call, CallError, FromCall, Handlers, Secret, Server, handlers, prompt, resource,
    testing::{Protocol, TestClient},
    tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// What no answer may hold.
const HUSH: &str = "hunter2";

#[derive(Deserialize, JsonSchema)]
struct Account {
    user: String,
    key: Secret<String>,
    pin: Option<Secret<u32>>,
}

#[derive(Deserialize, JsonSchema)]
struct Login {
    name: String,
    #[schemars(length(min = 3))]
    phrase: String,
}

/// Takes secrets wherever they can stand.
#[tool]
fn unlock(
    #[arg(length(min = 8))] password: Secret<String>,
    #[arg(range(max = 9999))] pin: Option<Secret<u32>>,
    account: Option<Account>,
    keys: Option<Vec<Secret<String>>>,
    address: Option<Secret<IpAddr>>,
) -> usize {
    let pin = pin.map_or(0, |pin| *pin.expose_secret() as usize);
    let account = account.map_or(0, |account| {
        let pin = account.pin.map_or(0, |pin| *pin.expose_secret() as usize);
        account.user.len() + account.key.expose_secret().len() + pin
    });
    let keys = keys
        .unwrap_or_default()
        .iter()
        .map(|key| key.expose_secret().len())
        .sum::<usize>();
    let address = usize::from(address.is_some_and(|address| address.expose_secret().is_ipv6()));
    password.expose_secret().len() + pin + account + keys + address
}

/// What a role sees of the call when it is printed.
struct Printed(String);

impl FromCall for Printed {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        Ok(Self(format!("{call:?}")))
    }
}

/// Shows the whole call.
#[tool]
fn show(printed: Printed, user: String, password: Secret<String>) -> String {
    format!("{} {user} {password:?}", printed.0)
}

/// Takes a secret apart into arguments.
#[tool]
fn log_in(#[arg(flatten)] login: Secret<Login>) -> usize {
    let login = login.expose_secret();
    login.name.len() + login.phrase.len()
}

/// Shows a review.
#[prompt]
fn review(token: Secret<u32>) -> String {
    format!("{:?} {}", token, token.expose_secret() > &0)
}

fn handlers() -> Handlers {
    handlers![unlock, show, log_in, review]
}

async fn client(protocol: Protocol) -> TestClient {
    TestClient::connect_as(Server::new("test", "1").add(handlers()), protocol).await
}

fn schema_of(tools: &[Value], name: &str) -> Value {
    let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
    tool["inputSchema"]["properties"].clone()
}

#[tokio::test]
async fn secrets_are_marked_in_the_schema_in_every_revision() {
    for protocol in Protocol::ALL {
        let client = client(*protocol).await;
        let tools = client.tools().await;
        let unlock = schema_of(&tools, "unlock");
        for place in [
            "/password",
            "/pin",
            "/account/properties/key",
            "/account/properties/pin",
            "/keys/items",
            "/address",
        ] {
            let place = unlock.pointer(place).unwrap();
            assert_eq!(place["writeOnly"], true, "{place}");
        }
        assert_eq!(unlock["password"]["minLength"], 8);
        assert_eq!(unlock["account"].get("writeOnly"), None);
        let login = schema_of(&tools, "log_in");
        assert_eq!(login["name"]["writeOnly"], true);
        assert_eq!(login["phrase"]["writeOnly"], true);
    }
}

#[tokio::test]
async fn secrets_arrive() {
    let client = client(Protocol::ALL[0]).await;
    let arguments = json!({
        "password": "hunter2hunter2", "pin": 1, "keys": ["ab", "c"], "address": "::1",
        "account": { "user": "ann", "key": "k", "pin": 5 },
    });
    let sum: usize = client.call("unlock", arguments).await.structured();
    assert_eq!(sum, 14 + 1 + 3 + 1 + 3 + 1 + 5);
    let login = client
        .call("log_in", json!({ "name": "ann", "phrase": "abc" }))
        .await;
    assert_eq!(login.structured::<usize>(), 6);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of what is wrong")]
async fn a_refused_call_repeats_no_secret() {
    let whole = json!({ "user": "ann", "key": HUSH });
    for protocol in Protocol::ALL {
        let client = client(*protocol).await;
        for (tool, arguments, problem) in [
            (
                "unlock",
                json!({ "password": HUSH }),
                "password: a string of at least 8 characters — you sent a value that is not shown",
            ),
            (
                "unlock",
                json!({ "password": [HUSH] }),
                "a value that is not shown",
            ),
            (
                "unlock",
                json!({ "passwort": HUSH }),
                "passwort: unknown argument — did you mean `password`?",
            ),
            (
                "unlock",
                json!({ "password": "long enough", "pin": HUSH }),
                "pin: an integer",
            ),
            (
                "unlock",
                json!({ "account": { "user": 1, "key": HUSH } }),
                "account.user: a string — you sent 1",
            ),
            (
                "unlock",
                json!({ "account": { "key": HUSH, "pin": HUSH } }),
                "account.pin: an integer",
            ),
            (
                "unlock",
                json!({ "account": whole.to_string() }),
                "account: an object",
            ),
            (
                "unlock",
                json!({ "account": HUSH }),
                "a value that is not shown",
            ),
            (
                "unlock",
                json!({ "keys": HUSH }),
                "a value that is not shown",
            ),
            ("unlock", json!({ "keys": [1, HUSH] }), "keys[0]: a string"),
            (
                "unlock",
                json!({ "password": "long enough", "address": HUSH }),
                "address: a value that is not shown cannot be read",
            ),
            (
                "log_in",
                json!({ "name": HUSH, "phrase": 1 }),
                "phrase: a string of at least 3 characters — you sent a value that is not shown",
            ),
            (
                "log_in",
                json!({ "name": HUSH }),
                "A valid call: {\"name\":\"text\",\"phrase\":\"text\"}",
            ),
        ] {
            let refused = client.call(tool, arguments.clone()).await;
            let error = refused.error();
            assert!(error.contains(problem), "{arguments}: {error}");
            let answer = refused.raw().to_string();
            assert!(!answer.contains(HUSH), "{arguments}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_printed_shows_no_secret() {
    let client = client(Protocol::ALL[0]).await;
    let arguments = json!({ "user": "ann", "password": HUSH });
    let shown = client.call("show", arguments).await.text();
    assert!(
        shown.contains("ann") && shown.contains("[redacted]"),
        "{shown}"
    );
    assert!(!shown.contains(HUSH), "{shown}");
}

#[tokio::test]
async fn a_prompt_repeats_no_secret() {
    for protocol in Protocol::ALL {
        let client = client(*protocol).await;
        let refusal = client
            .try_prompt("review", json!({ "token": HUSH }))
            .await
            .unwrap_err();
        assert!(
            refusal.to_string().contains("token: an integer"),
            "{refusal}"
        );
        assert!(!format!("{refusal:?}").contains(HUSH), "{refusal:?}");
        let review = client.prompt("review", json!({ "token": "7" })).await;
        assert_eq!(review.text(), "Secret([redacted]) true");
    }
}

/// One thing.
#[resource("thing://{key}")]
fn thing(key: Secret<String>) -> String {
    key.expose_secret().clone()
}

#[test]
fn a_secret_in_a_uri_is_refused_when_the_server_is_built() {
    let error = Server::new("test", "1")
        .add(handlers![thing])
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("a secret stands in every URI"),
        "{error}"
    );
}

/// Deploys something.
#[tool(input_schema = in_header)]
fn deploy(key: Secret<String>) -> usize {
    key.expose_secret().len()
}

fn in_header() -> Value {
    let key = json!({ "type": "string", "writeOnly": true, "x-mcp-header": "Deploy-Key" });
    json!({ "type": "object", "properties": { "key": key }, "required": ["key"] })
}

#[test]
fn a_secret_in_a_header_is_refused_when_the_server_is_built() {
    let server = Server::new("test", "1").add(handlers![deploy]);
    let error = server.build().unwrap_err().to_string();
    assert!(error.contains("the argument `key` is a secret"), "{error}");
}
