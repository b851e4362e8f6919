//! Mistakes that are found when the server is built.

use mcp_runtime::{Server, State, group, handlers, resource, tool};
use schemars::JsonSchema;
use serde::Deserialize;

struct Stock;

/// Needs a state.
#[tool]
fn needs_stock(_stock: State<Stock>) {}

/// Finds nothing.
#[resource("files:///{name}")]
fn by_name(name: String) -> String {
    name
}

/// Finds nothing.
#[resource("files:///{+path}")]
fn by_path(path: String) -> String {
    path
}

/// Matches with look-around.
#[tool]
fn look_around(#[arg(regex = "^(?=a)b$")] text: String) -> String {
    text
}

#[derive(Deserialize, JsonSchema)]
struct Page {
    limit: u32,
}

/// Pages twice.
#[tool]
fn twice(limit: u32, #[arg(flatten)] page: Page) -> u32 {
    limit + page.limit
}

/// Flattens what has no fields.
#[tool]
fn flat(#[arg(flatten)] numbers: Vec<u32>) -> usize {
    numbers.len()
}

#[group]
mod other {
    use mcp_runtime::tool;

    /// Needs a state, under a name that is taken.
    #[tool(name = "needs_stock")]
    pub(super) fn again() {}
}

fn problems(server: Server) -> String {
    server.build().unwrap_err().to_string()
}

#[test]
fn all_mistakes_are_told_at_once() {
    let all = handlers![needs_stock, by_name, by_path, look_around, twice, flat];
    let told = problems(
        Server::new("x", "1")
            .add(all)
            .add(other::handlers())
            .state(1_u8)
            .state(2_u8),
    );
    for mistake in [
        "two states of type `u8`",
        "two handlers are registered as tool `needs_stock`",
        "the templates `files:///{name}` and `files:///{+path}` match the same URIs",
        "tool `look_around`: its input schema is not usable",
        "tool `twice`: argument `page`: its field `limit` has the name of another argument",
        "tool `flat`: argument `numbers`: only a struct with named fields can be flattened",
        "tool `needs_stock` needs `State<it::building::Stock>`",
    ] {
        assert!(told.contains(mistake), "{mistake}\nis not in\n{told}");
    }
    assert_eq!(told.lines().count(), 8, "{told}");
}

#[test]
fn a_state_made_at_start_counts_as_registered() {
    let server = Server::new("x", "1").add(handlers![needs_stock]);
    assert!(problems(server).contains("needs `State<"));
    let server = Server::new("x", "1")
        .add(handlers![needs_stock])
        .on_start(async || Ok::<_, String>(Stock));
    assert!(server.build().is_ok());
}

#[test]
fn what_ends_a_state_needs_it_too() {
    let server = Server::new("x", "1").on_shutdown(async |_: State<Stock>| Ok::<_, String>(()));
    assert!(problems(server).contains("`on_shutdown` needs `State<"));
}

#[test]
fn a_page_holds_something_and_a_server_has_a_name() {
    let told = problems(Server::new(" ", "1").page_size(0));
    assert!(told.contains("`page_size` must be at least 1"), "{told}");
    assert!(
        told.contains("the name of the server must not be empty"),
        "{told}"
    );
}

#[test]
fn what_main_prints_is_text_for_people() {
    let error = Server::new("", "1").build().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn a_question_whose_form_is_not_flat_is_refused() {
    #[derive(Deserialize, JsonSchema)]
    struct Sure {
        really: bool,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Nested {
        inner: Sure,
    }
    /// Asks too much.
    #[tool]
    fn ask(#[ask("What?")] nested: Nested, #[ask("Which?")] number: u8) -> bool {
        number > 0 && nested.inner.really
    }
    let problems = Server::new("asks", "1")
        .add(handlers![ask])
        .build()
        .unwrap_err()
        .to_string();
    for part in [
        "tool `ask`: the question `nested`",
        "`inner`",
        "the question `number`",
    ] {
        assert!(problems.contains(part), "{problems}");
    }
}
