//! Modules as groups.

use mcp_runtime::{Server, group};

#[group]
pub(crate) mod math {
    //! Mathematics.

    use mcp_runtime::{prompt, resource, tool};

    const LIMIT: i64 = 10;

    /// A type of the module.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Pair {
        a: i64,
        b: i64,
    }

    /// Adds.
    #[tool(title = "Adder")]
    pub(super) async fn add(pair: Pair) -> i64 {
        helper(pair.a) + pair.b
    }

    /// Is private.
    #[tool]
    fn subtract(a: i64, #[arg(range(max = LIMIT))] b: i64) -> i64 {
        a - b
    }

    /// Exists.
    #[cfg(test)]
    #[tool(name = "either")]
    fn either() {}

    /// Does not exist.
    #[cfg(not(test))]
    #[tool(name = "either")]
    fn or() -> DoesNotExist {}

    /// The constants.
    #[resource("constants://{name}")]
    fn constant(name: String) -> Option<String> {
        (name == "pi").then(|| "3.14".to_owned())
    }

    /// Explains.
    #[prompt]
    fn explain(term: String) -> String {
        term
    }

    fn helper(a: i64) -> i64 {
        a
    }

    /// A group in a group.
    #[mcp_runtime::group]
    pub(super) mod inner {
        /// Multiplies.
        #[mcp_runtime::tool]
        fn multiply(a: i64, b: i64) -> i64 {
            a * b
        }
    }

    impl Pair {
        /// A method is no handler.
        pub(super) fn new(a: i64, b: i64) -> Self {
            Self { a, b }
        }
    }
}

#[test]
fn a_group_lists_its_handlers() {
    let pair = math::Pair::new(1, 2);
    drop(math::add(pair));
    let server = || {
        Server::new("groups", "1.0.0")
            .add(math::handlers())
            .add(math::inner::handlers())
    };
    for (tool, arguments) in [
        ("add", vec!["pair"]),
        ("subtract", vec!["a", "b"]),
        ("either", vec![]),
        ("multiply", vec!["a", "b"]),
    ] {
        assert_eq!(
            crate::arguments(&crate::definition(server(), tool)),
            arguments,
            "{tool}"
        );
    }
}
