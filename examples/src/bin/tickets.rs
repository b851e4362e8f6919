//! Asking the user: before a tool runs, while it works, and once for what must not happen twice.
//!
//! `cargo run -p mcp-examples --bin tickets`

use mcp_runtime::{AskError, CallError, Context, Server, State, handlers, tool};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Mutex;

/// The till of the box office.
#[derive(Default)]
struct Till {
    charges: Mutex<u32>,
}

impl Till {
    /// Charges a card, and gives the number of the receipt.
    async fn charge(&self, _amount: u32) -> Result<u32, CallError> {
        let mut charges = self.charges.lock().await;
        *charges += 1;
        Ok(*charges)
    }
}

#[derive(Deserialize, JsonSchema)]
struct Seat {
    /// The row, counted from the stage.
    #[schemars(range(min = 1, max = 30))]
    row: u8,
    category: Category,
    /// Near the aisle?
    #[serde(default)]
    aisle: bool,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Category {
    Stalls,
    Balcony,
}

/// Sells a ticket for a play.
#[tool]
async fn buy(ctx: Context, till: State<Till>, play: String) -> Result<String, CallError> {
    let seat: Seat = ctx
        .elicit("seat", format!("Where do you want to sit in {play}?"))
        .await?;
    let price = match seat.category {
        Category::Stalls => 40,
        Category::Balcony => 25,
    };
    ctx.elicit::<()>(
        "price",
        format!("Row {} costs {price}. Charge your card?", seat.row),
    )
    .await?;
    // Another question may follow, and the function run again: the card is charged once.
    let receipt = ctx.try_once("charge", till.charge(price)).await?;
    let printed = match ctx.elicit::<()>("print", "Print the ticket?").await {
        Ok(()) => "printed",
        Err(AskError::Declined | AskError::Cancelled) => "not printed",
        Err(error) => return Err(error.into()),
    };
    let aisle = if seat.aisle { ", at the aisle" } else { "" };
    Ok(format!(
        "{play}, row {}{aisle}, receipt {receipt}, {printed}",
        seat.row
    ))
}

/// Gives a ticket back.
#[tool(destructive)]
async fn refund(receipt: u32, #[ask("Really give receipt {receipt} back?")] _sure: ()) -> String {
    format!("receipt {receipt} is refunded")
}

fn server() -> Server {
    Server::new("tickets", env!("CARGO_PKG_VERSION"))
        .state(Till::default())
        .add(handlers![buy, refund])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    server().serve_stdio().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_runtime::testing::{Protocol, TestClient};
    use serde_json::json;

    #[tokio::test]
    async fn a_card_is_charged_once_however_often_is_asked() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer(
                "seat",
                json!({ "row": 3, "category": "balcony", "aisle": true }),
            );
            client.answer("price", json!({}));
            client.decline("print");
            let ticket = client.call("buy", json!({ "play": "Hamlet" })).await;
            assert_eq!(
                ticket.text(),
                "Hamlet, row 3, at the aisle, receipt 1, not printed"
            );
        }
    }

    #[tokio::test]
    async fn nothing_is_charged_if_the_user_declines() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.answer("seat", json!({ "row": 3, "category": "stalls" }));
            client.decline("price");
            assert!(
                client
                    .call("buy", json!({ "play": "Hamlet" }))
                    .await
                    .is_error()
            );
            client.answer("price", json!({}));
            client.answer("print", json!({}));
            let ticket = client.call("buy", json!({ "play": "Hamlet" })).await;
            assert_eq!(ticket.text(), "Hamlet, row 3, receipt 1, printed");
        }
    }

    #[tokio::test]
    async fn a_refund_asks_first() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            client.decline("sure");
            assert!(
                client
                    .call("refund", json!({ "receipt": 7 }))
                    .await
                    .is_error()
            );
            assert_eq!(client.questions()[0].message, "Really give receipt 7 back?");
            client.answer("sure", json!({}));
            assert_eq!(
                client.call("refund", json!({ "receipt": 7 })).await.text(),
                "receipt 7 is refunded"
            );
        }
    }
}
