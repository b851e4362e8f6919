//! Keywords as names: clients see them without `r#`.

use mcp_runtime::{Server, group, handlers, prompt, resource, tool};

mod r#mod {
    /// Moves.
    #[mcp_runtime::tool]
    pub(super) fn r#move(r#type: String, r#in: u8) -> String {
        format!("{type}{in}", r#type = r#type, r#in = r#in)
    }
}

/// Matches.
#[tool]
async fn r#match(r#type: String, #[arg(default = 1)] r#loop: u8) -> String {
    [r#type, r#loop.to_string()].concat()
}

/// A thing of a type.
#[resource("thing://{type}")]
fn r#struct(r#type: String) -> String {
    r#type
}

/// Asks why.
#[prompt]
fn r#where(r#as: String) -> String {
    r#as
}

#[group]
mod r#enum {
    use mcp_runtime::tool;

    /// Breaks.
    #[tool]
    pub(super) fn r#break(r#if: bool) -> bool {
        r#if
    }
}

struct r#Type;

#[group]
impl r#Type {
    /// Continues.
    #[tool]
    fn r#continue(&self, r#while: bool) -> bool {
        let Self = self;
        r#while
    }
}

#[test]
fn clients_see_no_raw_names() {
    let server = || {
        Server::new("keywords", "1.0.0")
            .add(handlers![r#mod::r#move, r#match, r#struct, r#where])
            .add(r#enum::handlers())
            .add(r#Type)
    };
    assert_eq!(
        crate::arguments(&crate::definition(server(), "move")),
        ["type", "in"]
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "match")),
        ["type", "loop"]
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "break")),
        ["if"]
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "continue")),
        ["while"]
    );
}
