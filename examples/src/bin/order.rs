//! A warehouse: constraints and defaults on arguments, structured results, errors that the model can act on, shared state.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use mcp_runtime::{CallError, IntoCallError, Server, State, handlers, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is on the shelves.
struct Stock(Mutex<BTreeMap<String, u32>>);

impl Stock {
    fn open() -> Self {
        let items = [("nut", 500), ("bolt", 20)].map(|(item, count)| (item.to_owned(), count));
        Self(Mutex::new(items.into()))
    }

    fn take(&self, item: &str, quantity: u32) -> Result<u32, OrderError> {
        let mut stock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = stock
            .get_mut(item)
            .ok_or_else(|| OrderError::NoSuchItem(item.to_owned()))?;
        *left = left
            .checked_sub(quantity)
            .ok_or(OrderError::OutOfStock { left: *left })?;
        Ok(*left)
    }
}

/// The color of an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
    Blue,
}

/// Where to send it.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Address {
    street: String,
    /// Five digits.
    #[schemars(regex(pattern = r"^\d{5}$"))]
    zip: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Receipt {
    item: String,
    quantity: u32,
    color: Color,
    address: Option<Address>,
    /// How many are left.
    left: u32,
}

enum OrderError {
    NoSuchItem(String),
    OutOfStock { left: u32 },
}

impl IntoCallError for OrderError {
    fn into_call_error(self) -> CallError {
        match self {
            Self::NoSuchItem(item) => CallError::new(format!(
                "`{item}` is not sold here: ask `list_items` for what is"
            )),
            Self::OutOfStock { left } => {
                CallError::new(format!("only {left} are left")).with_data(left)
            }
        }
    }
}

/// Orders an item from the warehouse.
///
/// The items are taken from the stock at once.
#[tool(timeout = "5s")]
async fn order(
    stock: State<Stock>,
    /// The item's name.
    #[arg(length(min = 1), example = "nut")]
    item: String,
    /// How many to order.
    #[arg(range(min = 1, max = 100), default = 1)]
    quantity: u32,
    #[arg(default = Color::Red)] color: Color,
    address: Option<Address>,
) -> Result<Receipt, OrderError> {
    let left = stock.take(&item, quantity)?;
    Ok(Receipt {
        item,
        quantity,
        color,
        address,
        left,
    })
}

/// Lists the items that are sold, with how many are left.
#[tool(read_only)]
fn list_items(stock: State<Stock>) -> BTreeMap<String, u32> {
    stock
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

fn server() -> Server {
    Server::new("warehouse", env!("CARGO_PKG_VERSION"))
        .instructions("Look at the items before you order.")
        .state(Stock::open())
        .add(handlers![order, list_items])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn defaults_stand_in_for_what_is_left_out() {
        let client = TestClient::connect(server()).await;
        let receipt: Receipt = client
            .call("order", json!({ "item": "nut" }))
            .await
            .structured();
        let expected = Receipt {
            item: "nut".into(),
            quantity: 1,
            color: Color::Red,
            address: None,
            left: 499,
        };
        assert_eq!(receipt, expected);
    }

    #[tokio::test]
    async fn every_wrong_argument_is_reported_at_once() {
        let client = TestClient::connect(server()).await;
        let wrong = json!({ "item": "", "quantity": 0, "colour": "red", "address": { "street": "x", "zip": "1" } });
        let refusal = client.call("order", wrong).await;
        assert!(refusal.is_error());
        let paths: Vec<String> = refusal
            .problems()
            .iter()
            .map(|problem| problem.path.clone())
            .collect();
        assert_eq!(paths, ["/item", "/quantity", "/address/zip", "/colour"]);
    }

    #[tokio::test]
    async fn the_model_reads_why_an_order_failed() {
        let client = TestClient::connect(server()).await;
        let refusal = client
            .call("order", json!({ "item": "bolt", "quantity": 21 }))
            .await;
        assert_eq!(refusal.text(), "only 20 are left");
        assert!(refusal.is_error());
    }
}
