//! Completion: who proposes what, in which order, and what is refused.

use std::{fmt, sync::Arc};

use mcp_runtime::{
    CallError, Completion, Context, Principal, Server, State, handlers, prompt, resource,
    rmcp::{
        ServiceError,
        model::{
            ArgumentInfo, CompleteRequestParams, CompletionContext, CompletionInfo, Reference,
        },
    },
    testing::{Protocol, ProtocolError, TestClient},
    tool,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::wire::{self, Loop, Wire};

struct Cities(&'static [&'static str]);

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mood {
    Glad,
    /// With a description, so that the schema has another form.
    Grave,
    Sad,
}

#[derive(Deserialize, JsonSchema)]
struct Style {
    tone: Mood,
    words: Option<u32>,
}

/// A number that is shown with its unit.
struct Metres(u32);

impl fmt::Display for Metres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} m", self.0)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a role is owned")]
fn cities(cities: State<Cities>) -> &'static [&'static str] {
    cities.0
}

async fn streets(typed: Completion, cities: State<Cities>) -> Vec<String> {
    tokio::task::yield_now().await;
    let city = typed.argument("city").unwrap_or("nowhere");
    let known = cities.0.contains(&city);
    vec![format!("{city}, {}", typed.text()), known.to_string()]
}

fn heights() -> impl Iterator<Item = Metres> {
    (1..).map(Metres)
}

async fn guests(principal: Principal, ctx: Context) -> [String; 2] {
    [
        principal.subject().to_owned(),
        ctx.protocol_version().to_owned(),
    ]
}

fn masked() -> Result<Vec<String>, std::io::Error> {
    Err(std::io::Error::other("secret words"))
}

async fn told(typed: Completion) -> Result<Vec<String>, CallError> {
    Err(CallError::new(format!("`{}` is too short", typed.text())))
}

fn panics() -> Option<String> {
    panic!("secret words")
}

async fn panics_later() -> Option<String> {
    tokio::task::yield_now().await;
    panic!("secret words")
}

fn panics_lazily() -> impl Iterator<Item = String> {
    std::iter::from_fn(|| panic!("secret words"))
}

async fn hangs(ctx: Context) -> Option<String> {
    let calls = ctx.state::<Arc<Calls>>()?;
    calls.begun.notify_one();
    let _dropped = Dropped(calls);
    std::future::pending().await
}

async fn asks(ctx: Context) -> Result<Vec<String>, CallError> {
    ctx.elicit::<()>("sure", "Sure?").await?;
    Ok(Vec::new())
}

/// Whether a function that never ends has begun, and whether it has been dropped.
#[derive(Default)]
struct Calls {
    begun: Notify,
    dropped: Notify,
}

struct Dropped(State<Arc<Calls>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

/// Plans a trip.
#[prompt]
fn trip(
    #[arg(complete = cities)] city: String,
    #[arg(complete = streets)] street: Option<String>,
    #[arg(complete = heights, rename = "up-to")] height: String,
    #[arg(complete = guests)] guest: String,
    mood: Option<Mood>,
    alone: bool,
    note: String,
    #[arg(flatten)] style: Style,
) -> String {
    let _ = (
        city,
        street,
        height,
        guest,
        mood,
        alone,
        note,
        style.tone,
        style.words,
    );
    String::new()
}

/// Everything that goes wrong.
#[prompt(timeout = "1m")]
fn wrong(
    #[arg(complete = masked)] masked: String,
    #[arg(complete = told)] told: String,
    #[arg(complete = panics)] panics: String,
    #[arg(complete = panics_later)] later: String,
    #[arg(complete = panics_lazily)] lazily: String,
    #[arg(complete = hangs)] hangs: String,
    #[arg(complete = asks)] asks: String,
) -> String {
    let _ = (masked, told, panics, later, lazily, hangs, asks);
    String::new()
}

/// A map.
#[resource("map://{city}{?zoom,mood}")]
fn map(#[arg(complete = cities)] city: String, zoom: Option<u8>, mood: Option<Mood>) -> String {
    let _ = (zoom, mood);
    city
}

/// The world.
#[resource("map://world")]
fn world() -> &'static str {
    "the world"
}

fn server() -> Server {
    server_with(&Arc::default())
}

fn server_with(calls: &Arc<Calls>) -> Server {
    Server::new("completion", "1")
        .principal(Principal::new("alice"))
        .state(Arc::clone(calls))
        .state(Cities(&["Lyon", "Paris", "Le Parcq", "Copparo", "Praha"]))
        .add(handlers![trip, wrong, map, world])
}

fn prompt_of(name: &str) -> Reference {
    Reference::for_prompt(name)
}

async fn complete(
    client: &TestClient,
    reference: Reference,
    argument: &str,
    text: &str,
) -> Result<CompletionInfo, ProtocolError> {
    complete_after(client, reference, argument, text, []).await
}

async fn complete_after<const N: usize>(
    client: &TestClient,
    reference: Reference,
    argument: &str,
    text: &str,
    chosen: [(&str, &str); N],
) -> Result<CompletionInfo, ProtocolError> {
    let chosen = chosen.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let params = CompleteRequestParams::new(reference, ArgumentInfo::new(argument, text))
        .with_context(CompletionContext::with_arguments(chosen.into()));
    match client.peer().complete(params).await {
        Ok(result) => Ok(result.completion),
        Err(ServiceError::McpError(error)) => Err(error.into()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_list_is_ranked_by_what_is_typed() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        for reference in [
            prompt_of("trip"),
            Reference::for_resource("map://{city}{?zoom,mood}"),
        ] {
            let found = complete(&client, reference, "city", "par").await.unwrap();
            assert_eq!(found.values, ["Paris", "Le Parcq", "Copparo"]);
            assert_eq!((found.total, found.has_more), (Some(3), Some(false)));
        }
        client.close().await;
    }
}

#[tokio::test]
async fn a_function_that_takes_what_is_typed_searches_by_itself() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let chosen = [("city", "Paris"), ("unheard of", "x")];
        let found = complete_after(&client, prompt_of("trip"), "street", "Rue", chosen).await;
        assert_eq!(found.unwrap().values, ["Paris, Rue", "true"]);
        let found = complete(&client, prompt_of("trip"), "street", "")
            .await
            .unwrap();
        assert_eq!(found.values, ["nowhere, ", "false"]);
        client.close().await;
    }
}

#[tokio::test]
async fn functions_take_what_the_server_fills() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let found = complete(&client, prompt_of("trip"), "guest", "")
            .await
            .unwrap();
        assert_eq!(found.values, ["alice", protocol.to_string().as_str()]);
        client.close().await;
    }
    let nobody = Server::new("completion", "1")
        .state(Cities(&[]))
        .add(handlers![trip]);
    let client = TestClient::connect(nobody).await;
    let refusal = complete(&client, prompt_of("trip"), "guest", "").await;
    assert_eq!(refusal.unwrap_err().code, -32603);
}

#[tokio::test]
async fn listed_values_complete_by_themselves() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let template = || Reference::for_resource("map://{city}{?zoom,mood}");
        for (reference, argument, text, expected) in [
            (prompt_of("trip"), "mood", "", &["glad", "sad", "grave"][..]),
            (prompt_of("trip"), "mood", "G", &["glad", "grave"]),
            (prompt_of("trip"), "alone", "t", &["true"]),
            (prompt_of("trip"), "tone", "sa", &["sad"]),
            (template(), "mood", "ad", &["glad", "sad"]),
        ] {
            let found = complete(&client, reference, argument, text).await.unwrap();
            let mut values = found.values;
            values.sort_by_key(|value| expected.iter().position(|expected| expected == value));
            assert_eq!(values, expected, "{argument} {text}");
        }
        client.close().await;
    }
}

#[tokio::test]
async fn an_endless_list_is_cut_and_its_end_is_unknown() {
    let client = TestClient::connect(server()).await;
    let found = complete(&client, prompt_of("trip"), "up-to", "10")
        .await
        .unwrap();
    assert_eq!(found.values.len(), 100);
    assert_eq!(found.values[..3], ["10 m", "100 m", "101 m"]);
    assert_eq!((found.total, found.has_more), (None, Some(true)));
}

#[tokio::test]
async fn what_does_not_complete_has_no_values() {
    let client = TestClient::connect(server()).await;
    let template = Reference::for_resource("map://{city}{?zoom,mood}");
    for (reference, argument) in [(prompt_of("trip"), "note"), (template, "zoom")] {
        let found = complete(&client, reference, argument, "x").await.unwrap();
        assert_eq!(found.values, [""; 0]);
        assert_eq!((found.total, found.has_more), (Some(0), Some(false)));
    }
}

#[tokio::test]
async fn an_unknown_reference_or_argument_is_refused_with_the_one_that_was_meant() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        for (reference, argument, suggestions) in [
            (prompt_of("tripp"), "city", json!(["trip"])),
            (prompt_of("map"), "city", json!([])),
            (prompt_of("trip"), "citty", json!(["city"])),
            (prompt_of("trip"), "", json!([])),
            (
                Reference::for_resource("map://{town}{?zoom,mood}"),
                "city",
                json!([]),
            ),
            (Reference::for_resource("map://Paris"), "city", json!([])),
            (Reference::for_resource("map://world"), "city", json!([])),
        ] {
            let what = format!("{reference:?} {argument}");
            let refusal = complete(&client, reference, argument, "x")
                .await
                .unwrap_err();
            assert_eq!(refusal.code, -32602, "{what}");
            let data = refusal.data.unwrap();
            if argument != "city" || suggestions != json!([]) {
                assert_eq!(data["suggestions"], suggestions, "{what}");
            }
        }
        client.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_panics_or_hangs_is_an_answer() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        for (argument, kind) in [
            ("masked", "internal"),
            ("told", "failed"),
            ("panics", "internal"),
            ("later", "internal"),
            ("lazily", "internal"),
            ("hangs", "timed_out"),
        ] {
            let refusal = complete(&client, prompt_of("wrong"), argument, "x").await;
            let refusal = refusal.unwrap_err();
            assert_eq!(
                (refusal.code, refusal.kind()),
                (-32603, Some(kind)),
                "{argument}"
            );
            assert!(!refusal.to_string().contains("secret"), "{refusal}");
            assert_eq!(
                refusal.message.contains("`x` is too short"),
                argument == "told"
            );
        }
        client.close().await;
    }
}

#[tokio::test]
async fn a_server_that_completes_nothing_does_not_say_it_does() {
    /// Greets.
    #[prompt]
    fn greet(name: String) -> String {
        name
    }
    /// Has arguments that would complete, were it no tool.
    #[tool]
    fn paint(mood: Option<Mood>) -> bool {
        mood.is_some()
    }
    for &protocol in Protocol::ALL {
        let plain = Server::new("plain", "1").add(handlers![greet, paint, world]);
        let client = TestClient::connect_as(plain, protocol).await;
        assert!(client.capabilities().get("completions").is_none());
        let refusal = complete(&client, prompt_of("greet"), "name", "").await;
        assert_eq!(refusal.unwrap_err().code, -32601);
        client.close().await;
        let client = TestClient::connect_as(server(), protocol).await;
        assert_eq!(client.capabilities()["completions"], json!({}));
        client.close().await;
    }
}

#[test]
fn what_functions_need_is_checked_when_the_server_is_built() {
    /// Says what is typed.
    #[tool]
    fn echo(typed: Completion) -> String {
        typed.text().to_owned()
    }
    let server = Server::new("broken", "1").add(handlers![echo, map]);
    let problems = server.build().unwrap_err().to_string();
    assert!(
        problems.contains("tool `echo` takes `Completion`"),
        "{problems}"
    );
    let needs = "resource `map://{city}{?zoom,mood}` needs `State<";
    assert!(problems.contains(needs), "{problems}");
}

/// The parameters of a request to complete an argument of a prompt.
fn params(prompt: &str, argument: &str, text: &str) -> Value {
    json!({
        "ref": { "type": "ref/prompt", "name": prompt, "title": "A title" },
        "argument": { "name": argument, "value": text },
    })
}

#[tokio::test]
async fn results_have_the_form_of_their_revision() {
    let mut params = params("trip", "street", "R");
    params["context"] = json!({ "arguments": { "city": "Lyon" } });
    let completion = json!({ "values": ["Lyon, R", "true"], "total": 2, "hasMore": false });
    for served in Loop::BOTH {
        let mut wire = Wire::session(server(), served, json!({})).await;
        let legacy = wire.request("completion/complete", params.clone()).await;
        assert_eq!(legacy["result"], json!({ "completion": completion }));
        let mut wire = Wire::new(server(), served);
        let modern = wire.modern("completion/complete", params.clone()).await;
        let result = &modern["result"];
        assert_eq!(result["completion"], completion);
        assert_eq!(result["resultType"], "complete");
        let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server["name"], "completion");
    }
}

#[tokio::test]
async fn parameters_of_the_wrong_shape_are_refused() {
    let right = params("trip", "city", "x");
    let with = |key: &str, value: Value| {
        let mut params = right.clone();
        params[key] = value;
        params
    };
    let wrong = [
        json!({}),
        json!({ "ref": right["ref"] }),
        json!({ "argument": right["argument"] }),
        with("ref", json!("trip")),
        with("ref", json!({ "type": "ref/tool", "name": "trip" })),
        with("ref", json!({ "type": "ref/resource", "name": "trip" })),
        with("argument", json!({ "name": "city" })),
        with("argument", json!({ "name": "city", "value": 7 })),
        with("context", json!("Lyon")),
        with("context", json!({ "arguments": { "city": 1 } })),
    ];
    for served in Loop::BOTH {
        for params in &wrong {
            let mut wire = Wire::session(server(), served, json!({})).await;
            let legacy = wire.request("completion/complete", params.clone()).await;
            let mut wire = Wire::new(server(), served);
            let modern = wire.modern("completion/complete", params.clone()).await;
            for refused in [legacy, modern] {
                assert_eq!(refused["error"]["code"], -32602, "{params}: {refused}");
            }
        }
    }
}

#[tokio::test]
async fn a_completion_that_is_taken_back_is_dropped_and_not_answered() {
    for served in Loop::BOTH {
        let calls = Arc::new(Calls::default());
        let mut wire = Wire::session(server_with(&calls), served, json!({})).await;
        let params = params("wrong", "hangs", "");
        let id = wire.start("completion/complete", params).await;
        calls.begun.notified().await;
        let method = "notifications/cancelled";
        let params = json!({ "requestId": id });
        wire.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
            .await;
        calls.dropped.notified().await;
        wire.is_silent().await;
    }
}

#[tokio::test]
async fn nobody_is_asked_while_somebody_types() {
    let params = params("wrong", "asks", "");
    for served in Loop::BOTH {
        let mut wire = Wire::new(server(), served);
        let modern = wire.modern("completion/complete", params.clone()).await;
        let mut wire = Wire::session(server(), served, wire::capabilities()).await;
        let legacy = wire.request("completion/complete", params.clone()).await;
        for refused in [modern, legacy] {
            assert_eq!(refused["error"]["code"], -32603, "{refused}");
        }
    }
}
