#![allow(missing_docs)]
use mcp_runtime::{CallError, Context, State, group, handlers, prompt, resource, tool};
pub struct Stock(u32);
#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Receipt {
    n: u32,
}

/// Orders.
#[tool(idempotent, timeout = "5s")]
async fn order(
    _ctx: Context,
    stock: State<Stock>,
    /// The item's name.
    #[arg(length(min = 1))]
    item: String,
    #[arg(range(min = 1, max = 100), default = 1)] quantity: u32,
    color: Option<String>,
) -> Result<Receipt, std::io::Error> {
    let _ = (item, color);
    Ok(Receipt {
        n: stock.0 + quantity,
    })
}

/// note
#[resource("note://{id}{?q}")]
fn note(id: u64, q: Option<String>, stock: State<Stock>) -> Option<String> {
    let _ = (q, stock);
    Some(id.to_string())
}
/// Review
#[prompt]
fn review() -> String {
    "x".into()
}
struct Service;
#[group]
impl Service {
    const N: u8 = 3;
    /// Adds.
    #[tool]
    async fn add(&self, a: i64, #[arg(default = Self::N)] b: u8) -> i64 {
        a + i64::from(b)
    }
    /// Subs.
    #[tool]
    fn sub(a: i64) -> Result<i64, CallError> {
        Ok(a)
    }
}
#[group]
mod math {
    use mcp_runtime::tool;
    /// Adds.
    #[tool]
    async fn add(a: i64, b: u8) -> i64 {
        a + i64::from(b)
    }
}
#[test]
fn t() {
    use mcp_runtime::IntoHandlers as _;
    println!(
        "{:#?}",
        handlers![order, note, review]
            .and(math::handlers())
            .and(Service.into_handlers())
    );
}
