//! What a form looks like to the client.

use mcp_runtime::{
    AskError, Context, Server, handlers,
    schemars::JsonSchema,
    serde::Deserialize,
    serde_json::{Value, json},
    tool,
};

use super::call;
use crate::wire::{Loop, Round, Wire, accept, text};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde", rename_all = "lowercase")]
#[schemars(crate = "mcp_runtime::schemars")]
enum Size {
    Small,
    Large,
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_runtime::serde")]
#[schemars(crate = "mcp_runtime::schemars")]
struct Parcel {
    size: Size,
    extras: Vec<Size>,
    weight: Option<f64>,
}

/// Sends a parcel.
#[tool]
async fn send(ctx: Context) -> Result<String, AskError> {
    let parcel: Parcel = ctx.elicit("parcel", "Which parcel?").await?;
    let Parcel {
        size,
        extras,
        weight,
    } = parcel;
    Ok(format!("{size:?} {extras:?} {weight:?}"))
}

fn server() -> Server {
    Server::new("x", "1").add(handlers![send])
}

#[tokio::test]
async fn the_form_is_the_same_in_both_eras() {
    let form = json!({
        "type": "object",
        "properties": {
            "size": { "type": "string", "enum": ["small", "large"] },
            "extras": { "type": "array", "items": { "type": "string", "enum": ["small", "large"] } },
            "weight": { "type": "number" },
        },
        "required": ["size", "extras"],
    });
    let content = json!({ "size": "small", "extras": ["large"], "weight": null });
    let expected = "Small [Large] None";
    for served in Loop::BOTH {
        let mut wire = Wire::new(server(), served);
        let asked = wire
            .round(&call("send", json!({})), &Round::default())
            .await;
        let modern = &asked["result"]["inputRequests"]["parcel"]["params"];
        assert_eq!(modern["requestedSchema"], form);
        let round = Round::after(&asked).with("parcel", accept(content.clone()));
        let answer: Value = wire.round(&call("send", json!({})), &round).await;
        assert_eq!(text(&answer), expected);

        let mut wire = Wire::session(server(), served, json!({ "elicitation": {} })).await;
        wire.call("send", json!({})).await;
        let question = wire.question().await;
        assert_eq!(question["params"]["requestedSchema"], form);
        wire.answer(&question, accept(content.clone())).await;
        assert_eq!(text(&wire.receive().await), expected);
    }
}
