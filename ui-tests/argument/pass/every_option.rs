//! Every option of an argument, once.

use std::collections::BTreeMap;

use mcp_runtime::{Server, handlers, tool};

#[derive(Clone, Copy, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    #[default]
    Red,
    Green,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Point {
    x: i64,
    #[serde(default)]
    y: i64,
}

/// Orders.
#[tool]
async fn order(
    /// The item's name.
    #[arg(
        title = "Item",
        rename = "itemName",
        length(min = 1, max = 40),
        regex = "^[a-z ]+$",
        example = "nut"
    )]
    item: String,
    #[arg(range(min = 1, max = 100), default = 1, example = 5, example = 10)] quantity: u32,
    #[arg(default)] color: Color,
    #[arg(default = Color::Green)] lining: Color,
    #[arg(description = "A code.")]
    #[arg(length(equal = 4))]
    code: Option<String>,
    #[arg(default = "nowhere")] place: String,
    #[arg(range(max = 0.5), default = -1.5)] weight: f64,
    #[arg(length(max = 3))] labels: BTreeMap<String, bool>,
    #[arg(flatten)] at: Point,
) -> usize {
    let colors = [color, lining].map(|color| matches!(color, Color::Red));
    item.len()
        + code.map_or(0, |code| code.len())
        + place.len()
        + labels.len()
        + colors.len()
        + usize::try_from(quantity).unwrap_or_default()
        + usize::from(weight > 0.0)
        + usize::from(at.x > at.y)
}

#[test]
fn all_of_them_reach_the_client() {
    let order = crate::definition(
        Server::new("options", "1.0.0").add(handlers![order]),
        "order",
    );
    let properties = &order["inputSchema"]["properties"];
    assert_eq!(properties["itemName"]["title"], "Item");
    assert_eq!(properties["itemName"]["description"], "The item's name.");
    assert_eq!(properties["itemName"]["minLength"], 1);
    assert_eq!(properties["itemName"]["pattern"], "^[a-z ]+$");
    assert_eq!(properties["quantity"]["maximum"], 100);
    assert_eq!(properties["quantity"]["default"], 1);
    assert_eq!(properties["quantity"]["examples"].to_string(), "[5,10]");
    assert_eq!(properties["color"]["default"], "red");
    assert_eq!(properties["lining"]["default"], "green");
    assert_eq!(properties["code"]["maxLength"], 4);
    assert_eq!(properties["place"]["default"], "nowhere");
    assert_eq!(properties["weight"]["default"], -1.5);
    assert_eq!(properties["labels"]["maxProperties"], 3);
    assert_eq!(
        order["inputSchema"]["required"].to_string(),
        r#"["itemName","labels","x"]"#
    );
}
