//! The tools, written with `mcp-runtime`.

use std::time::Duration;

use mcp_runtime::{Context, Handlers, Server, handlers, tool};

/// A server with all tools, which tells every step of its progress.
pub fn server() -> Server {
    serving(handlers![add, count, echo])
}

/// The same server, whose tools need a scope.
pub fn guarded() -> Server {
    serving(handlers![add, count, echo].scopes(["add"]))
}

fn serving(tools: Handlers) -> Server {
    Server::new("benches", "1.0.0")
        .progress_interval(Duration::ZERO)
        .add(tools)
        .add(lookups())
}

/// Adds two numbers.
#[tool(read_only)]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Counts to a number and tells each step.
#[tool(read_only)]
async fn count(ctx: Context, to: u32) -> u32 {
    for step in 1..=to {
        ctx.progress(step, to, "counting").await;
    }
    to
}

/// Says what it was told.
#[tool(read_only)]
fn echo(text: String) -> String {
    text
}

/// Tools with four documented arguments, which are only there to be listed.
macro_rules! lookups {
    ($($name:ident)*) => {
        $(
            /// Looks an order up in the archive of a warehouse.
            #[tool(read_only)]
            fn $name(
                /// The name of the warehouse, as it stands on its gate.
                warehouse: String,
                /// The number of the order.
                order: u32,
                /// Whether orders that were cancelled are looked at, too.
                cancelled: bool,
                /// The oldest year to look at.
                since: Option<u32>,
            ) -> String {
                format!("{warehouse} {order} {cancelled} {since:?}")
            }
        )*

        fn lookups() -> Handlers {
            handlers![$($name),*]
        }
    };
}

lookups! {
    lookup_01 lookup_02 lookup_03 lookup_04 lookup_05 lookup_06 lookup_07 lookup_08 lookup_09 lookup_10 lookup_11 lookup_12 lookup_13
    lookup_14 lookup_15 lookup_16 lookup_17 lookup_18 lookup_19 lookup_20 lookup_21 lookup_22 lookup_23 lookup_24 lookup_25 lookup_26
    lookup_27 lookup_28 lookup_29 lookup_30 lookup_31 lookup_32 lookup_33 lookup_34 lookup_35 lookup_36 lookup_37 lookup_38 lookup_39
    lookup_40 lookup_41 lookup_42 lookup_43 lookup_44 lookup_45 lookup_46 lookup_47 lookup_48 lookup_49 lookup_50 lookup_51 lookup_52
}
