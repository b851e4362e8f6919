//! Constants and expressions where options take values.

use mcp_runtime::{Server, handlers, tool};

const MIN: u32 = 1;
const MAX: u32 = 10 * 10;
const LONGEST: usize = 40;
const NAME: &str = "A name";

struct Limits;

impl Limits {
    const MOST: i64 = -1;
}

fn computed() -> String {
    "computed".to_owned()
}

/// Orders.
#[tool(title = NAME, meta("example.com/max" = MAX, "example.com/sum" = 1 + 2))]
fn order(
    #[arg(range(min = MIN, max = { MAX + 1 }), default = MAX / 2, example = MAX)] quantity: u32,
    #[arg(range(min = i64::MIN, max = Limits::MOST))] depth: i64,
    #[arg(range(max = { 2 + 3 }))] block: u8,
    #[arg(length(min = 1 + 1, max = LONGEST), title = NAME, description = NAME, default = computed())]
    item: String,
    #[arg(default = vec![1, 2, 3])] list: Vec<u8>,
    #[arg(default = Some(MAX))] maybe: Option<u32>,
    #[arg(default = { let text = "a block"; text.to_owned() })] text: String,
    #[arg(range(min = -5, max = -1))] negative: i8,
) -> String {
    format!("{quantity}{depth}{block}{item}{list:?}{maybe:?}{text}{negative}")
}

#[test]
fn they_are_evaluated() {
    let order = crate::definition(
        Server::new("constants", "1.0.0").add(handlers![order]),
        "order",
    );
    let properties = &order["inputSchema"]["properties"];
    assert_eq!(properties["quantity"]["maximum"], 101);
    assert_eq!(properties["quantity"]["default"], 50);
    assert_eq!(properties["depth"]["maximum"], -1);
    assert_eq!(properties["block"]["maximum"], 5);
    assert_eq!(properties["item"]["maxLength"], 40);
    assert_eq!(properties["item"]["default"], "computed");
    assert_eq!(properties["list"]["default"].to_string(), "[1,2,3]");
    assert_eq!(properties["maybe"]["default"], 100);
    assert_eq!(properties["text"]["default"], "a block");
    assert_eq!(properties["negative"]["minimum"], -5);
    assert_eq!(order["_meta"]["example.com/sum"], 3);
}
