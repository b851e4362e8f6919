//! Arguments: checked before the handler runs, whatever is sent.

use std::{cell::Cell, collections::BTreeMap, sync::OnceLock};

use mcp_runtime::{
    Call, CallError, FromCall, Server, handlers,
    testing::{Protocol, TestClient},
    tool,
};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Address {
    street: String,
    #[schemars(regex(pattern = r"^\d{5}$"))]
    zip: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Page {
    #[schemars(range(min = 1))]
    limit: u16,
    after: Option<String>,
}

/// Takes arguments of all kinds and says what it got.
#[tool]
fn order(
    #[arg(length(min = 1, max = 5))] item: String,
    #[arg(range(min = 1, max = 100), default = 1)] quantity: u8,
    #[arg(default = Color::Red)] color: Color,
    address: Option<Address>,
    id: i64,
    #[arg(flatten)] page: Page,
) -> Value {
    json!({ "item": item, "quantity": quantity, "color": color, "address": address, "id": id, "page": page })
}

/// An even number; the schema cannot say so.
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "i32")]
struct Even(i32);

impl TryFrom<i32> for Even {
    type Error = &'static str;

    fn try_from(number: i32) -> Result<Self, Self::Error> {
        (number % 2 == 0)
            .then_some(Self(number))
            .ok_or("must be even")
    }
}

/// Adds even numbers.
#[tool]
fn add_even(a: Even, b: Even) -> i32 {
    a.0 + b.0
}

struct Tenant(String);

impl FromCall for Tenant {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        match call.arguments().get("id").and_then(Value::as_i64) {
            Some(1) => Ok(Self("one".to_owned())),
            _ => Err(CallError::new("no such tenant")),
        }
    }
}

/// Names the tenant.
#[tool]
fn tenant(tenant: Tenant, id: u8) -> String {
    format!("{} {id}", tenant.0)
}

/// The schema says more than the types can.
#[tool(input_schema = either)]
fn raw(a: Option<u8>, b: Option<u8>) -> String {
    format!("{a:?} {b:?}")
}

fn either() -> Value {
    let number = json!({ "type": "integer", "minimum": 0, "maximum": 255 });
    json!({
        "type": "object",
        "properties": { "a": number, "b": number },
        "oneOf": [{ "required": ["a"] }, { "required": ["b"] }],
        "additionalProperties": false,
    })
}

fn server() -> Server {
    Server::new("arguments", "1").add(handlers![order, add_even, tenant, raw])
}

#[tokio::test]
async fn defaults_and_options_stand_in() {
    for &protocol in Protocol::ALL {
        let client = TestClient::connect_as(server(), protocol).await;
        let got: Value = client
            .call("order", json!({ "item": "nut", "id": 2.0, "limit": 3 }))
            .await
            .structured();
        let expected = json!({
            "item": "nut", "quantity": 1, "color": "red", "address": null, "id": 2, "page": { "limit": 3, "after": null },
        });
        assert_eq!(got, expected);
    }
}

#[tokio::test]
async fn every_problem_is_reported_in_the_order_of_the_parameters() {
    let client = TestClient::connect(server()).await;
    let wrong = json!({
        "colour": "red", "limit": 0, "address": { "street": 5, "zip": "123" }, "quantity": "7", "item": "", "after": null,
    });
    let refusal = client.call("order", wrong).await;
    let found: Vec<(String, String)> = refusal
        .problems()
        .into_iter()
        .map(|problem| (problem.path, problem.code))
        .collect();
    let expected = [
        ("/item", "minLength"),
        ("/quantity", "type"),
        ("/address/street", "type"),
        ("/address/zip", "pattern"),
        ("/id", "required"),
        ("/limit", "minimum"),
        ("/after", "type"),
        ("/colour", "additionalProperties"),
    ];
    assert_eq!(
        found,
        expected.map(|(path, code)| (path.to_owned(), code.to_owned())),
        "{}",
        refusal.text()
    );
    assert_eq!(refusal.text().lines().count(), 10, "{}", refusal.text());
}

#[tokio::test]
async fn what_the_schema_cannot_say_is_reported_all_the_same() {
    let client = TestClient::connect(server()).await;
    let refusal = client.call("add_even", json!({ "a": 1, "b": 3 })).await;
    let expected =
        "Invalid arguments for `add_even` (2 problems):\n- a: must be even\n- b: must be even";
    assert_eq!(refusal.text(), expected);
    assert_eq!(
        client
            .call("add_even", json!({ "a": 2, "b": 4 }))
            .await
            .structured::<i32>(),
        6
    );
}

#[tokio::test]
async fn a_role_of_the_users_own_can_refuse() {
    let client = TestClient::connect(server()).await;
    assert_eq!(
        client.call("tenant", json!({ "id": 1 })).await.text(),
        "one 1"
    );
    assert_eq!(
        client.call("tenant", json!({ "id": 2 })).await.text(),
        "no such tenant"
    );
}

#[tokio::test]
async fn a_schema_by_hand_is_advertised_and_enforced() {
    let client = TestClient::connect(server()).await;
    assert_eq!(client.tools().await[3]["inputSchema"], either());
    assert_eq!(
        client.call("raw", json!({ "a": 1 })).await.text(),
        "Some(1) None"
    );
    assert!(
        client
            .call("raw", json!({ "a": 1, "b": 2 }))
            .await
            .is_error()
    );
}

#[tokio::test]
async fn arguments_are_read_leniently_only_when_asked_for() {
    let sloppy = json!({
        "item": "nut", "quantity": "7", "id": "2", "limit": 3, "after": null, "address": "{\"street\":\"a\",\"zip\":\"12345\"}",
    });
    let strict = TestClient::connect(server()).await;
    assert_eq!(
        strict.call("order", sloppy.clone()).await.problems().len(),
        4
    );
    let lenient = TestClient::connect(server().coerce_arguments(true)).await;
    let got: Value = lenient.call("order", sloppy).await.structured();
    assert_eq!(
        (&got["quantity"], &got["id"], &got["address"]["zip"]),
        (&json!(7), &json!(2), &json!("12345"))
    );
}

/// A runtime for properties, which are not async.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = const { OnceLock::new() };
    }
    RUNTIME.with(|runtime| {
        let build = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        };
        runtime.get_or_init(build).block_on(future)
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..300).prop_map(Value::from),
        prop_oneof![
            "[a-z]{0,6}",
            "\\PC{0,8}",
            Just("red".to_owned()),
            Just("12345".to_owned())
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            "[a-z]{1,4}",
            Just("street".to_owned()),
            Just("zip".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn any_arguments() -> impl Strategy<Value = BTreeMap<String, Value>> {
    const NAMES: &[&str] = &[
        "item", "quantity", "color", "address", "id", "limit", "after", "other",
    ];
    prop::collection::btree_map(
        prop::sample::select(NAMES).prop_map(ToOwned::to_owned),
        any_json(),
        0..8,
    )
}

/// The rules of `order`, written down a second time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "guarded by the comparison before it"
)]
fn forbidden(arguments: &BTreeMap<String, Value>) -> bool {
    let integer = |value: &Value| {
        value.as_i64().or_else(|| {
            value
                .as_f64()
                .filter(|x| x.fract() == 0.0 && x.abs() < 1e15)
                .map(|x| x as i64)
        })
    };
    let between = |name: &str, least: i64, most: i64| {
        arguments
            .get(name)
            .is_none_or(|value| integer(value).is_some_and(|value| (least..=most).contains(&value)))
    };
    let text = |name: &str| arguments.get(name).is_none_or(Value::is_string);
    let fits = arguments
        .get("item")
        .and_then(Value::as_str)
        .is_some_and(|item| (1..=5).contains(&item.chars().count()))
        && arguments.contains_key("id")
        && arguments.contains_key("limit")
        && between("quantity", 1, 100)
        && between("limit", 1, 65535)
        && text("after")
        && arguments
            .get("color")
            .is_none_or(|color| color == "red" || color == "green")
        && arguments.get("address").is_none_or(|address| {
            address["street"].is_string()
                && address["zip"].as_str().is_some_and(|zip| {
                    zip.len() == 5 && zip.bytes().all(|byte| byte.is_ascii_digit())
                })
        })
        && !arguments.contains_key("other");
    !fits
}

proptest! {
    #[test]
    fn no_arguments_make_the_server_panic_and_what_is_forbidden_never_arrives(arguments in any_arguments()) {
        thread_local! {
            static CLIENT: Cell<Option<TestClient>> = const { Cell::new(None) };
        }
        let client = CLIENT.take().unwrap_or_else(|| block_on(TestClient::connect(server())));
        let answer = block_on(client.call("order", &arguments));
        CLIENT.set(Some(client));
        // Whatever passes the schema is read: an internal error would be a panic or a broken promise.
        prop_assert_ne!(answer.error_kind(), Some("internal"));
        if answer.is_error() {
            prop_assert_eq!(answer.error_kind(), Some("invalid_arguments"));
            prop_assert!(answer.problems().iter().all(|problem| problem.code != "invalid"), "{}", answer.text());
        } else {
            prop_assert!(!forbidden(&arguments), "{arguments:?} arrived");
        }
    }
}
