//! Types as groups.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use mcp_runtime::{
    CallError, Context, IntoHandlers, Server, State, group, handlers, prompt, resource, tool,
};

#[derive(Default)]
struct Warehouse {
    orders: AtomicU64,
    notes: Mutex<Vec<String>>,
}

#[group]
impl Warehouse {
    const MOST: u64 = 100;

    fn new() -> Self {
        Self::default()
    }

    /// Orders.
    #[tool(idempotent, timeout = "5s")]
    async fn order(
        &self,
        ctx: Context,
        /// How many.
        #[arg(range(min = 1, max = Self::MOST), default = Self::MOST)]
        quantity: u64,
        limit: State<u64>,
    ) -> Result<u64, CallError> {
        if ctx.is_cancelled() || quantity > *limit {
            return Err(CallError::new("too many"));
        }
        Ok(self.count(quantity))
    }

    fn count(&self, quantity: u64) -> u64 {
        self.orders.fetch_add(quantity, Ordering::Relaxed)
    }

    /// Waits for nothing.
    #[tool]
    fn total(&self) -> u64 {
        self.orders.load(Ordering::Relaxed)
    }

    /// Needs no value.
    #[tool]
    fn most() -> u64 {
        Self::MOST
    }

    /// A note.
    #[resource("note://{index}", mime_type = "text/plain")]
    fn note(&self, index: usize) -> Option<String> {
        self.notes.lock().ok()?.get(index).cloned()
    }

    /// Asks for a note.
    #[prompt]
    async fn ask(&self, about: String) -> String {
        let _ = self;
        about
    }

    /// Exists.
    #[cfg(test)]
    #[tool(name = "either")]
    fn either(&self) -> u64 {
        self.count(0)
    }

    /// Does not exist.
    #[cfg(not(test))]
    #[tool(name = "either")]
    fn or(&self, argument: DoesNotExist) {}

    /// By a typed `self`.
    #[expect(clippy::needless_arbitrary_self_type, reason = "it is about the type")]
    #[tool]
    fn typed(self: &Self) -> u64 {
        self.count(0)
    }
}

/// `Self` as an argument and as a result.
#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
struct Point {
    x: i64,
    y: i64,
}

#[group]
impl Point {
    /// Mirrors.
    #[tool]
    fn mirror(&self, other: Self, more: Vec<Self>) -> Self {
        Self {
            x: other.y + self.x,
            y: other.x + self.y + i64::try_from(more.len()).unwrap_or_default(),
        }
    }

    /// Fails.
    #[tool]
    fn fail(&self, #[arg(default = Self { x: 0, y: 0 })] other: Self) -> Result<Self, CallError> {
        if other.x < self.x {
            return Err(CallError::new("too small"));
        }
        Ok(other)
    }
}

struct Generic<T>(T);

#[group]
impl Generic<u8> {
    /// Of a type with one parameter.
    #[tool]
    fn generic(&self, value: Option<u8>) -> u8 {
        value.unwrap_or(self.0)
    }
}

mod elsewhere {
    pub(super) struct Far(pub(super) u8);
}

#[group]
impl elsewhere::Far {
    /// Of a type by its path.
    #[mcp_runtime::tool]
    fn far(&self) -> u8 {
        self.0
    }
}

#[test]
fn a_value_is_a_list_of_handlers() {
    let server = || {
        Server::new("services", "1.0.0")
            .state(50_u64)
            .add(Warehouse::new())
            .add(Point { x: 1, y: 2 })
            .add(Generic(7))
            .add(handlers![].and(elsewhere::Far(1)))
    };
    let order = crate::definition(server(), "order");
    assert_eq!(crate::arguments(&order), ["quantity"]);
    assert_eq!(
        order["inputSchema"]["properties"]["quantity"]["maximum"],
        100
    );
    assert_eq!(
        order["inputSchema"]["properties"]["quantity"]["description"],
        "How many."
    );
    assert_eq!(
        crate::definition(server(), "either")["description"],
        "Exists."
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "mirror")),
        ["other", "more"]
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "generic")),
        ["value"]
    );
    assert!(crate::arguments(&crate::definition(server(), "typed")).is_empty());
}

#[test]
fn methods_are_still_methods() {
    let warehouse = Warehouse::new();
    assert_eq!(warehouse.total(), 0);
    assert_eq!(Warehouse::most(), 100);
    drop(warehouse.into_handlers());
}
