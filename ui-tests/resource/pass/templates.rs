//! Variables of a template are arguments of all types, in any order.

use mcp_runtime::{Context, Server, State, handlers, resource};

#[derive(Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
enum Sort {
    #[default]
    Up,
    Down,
}

/// One segment, of a number.
#[resource("note://{id}")]
fn note(id: u64) -> String {
    id.to_string()
}

/// Two segments, the other way round.
#[resource("repo://{owner}/{name}/readme.md")]
async fn readme(ctx: Context, name: String, owner: String) -> String {
    format!("{owner}{name}{}", ctx.request_id())
}

/// The rest of the path.
#[resource("file:///{+path}")]
fn file(path: String, files: State<Vec<String>>) -> Option<String> {
    files.contains(&path).then_some(path)
}

/// A path, and a query that may be missing.
#[resource("search://{+path}{?text,sort,limit}")]
fn search(
    path: String,
    text: Option<String>,
    #[arg(default)] sort: Sort,
    #[arg(default = 10, range(min = 1, max = 100))] limit: u8,
) -> String {
    let up = matches!(sort, Sort::Up | Sort::Down);
    format!("{path}{text:?}{up}{limit}")
}

/// A variable by another name.
#[resource("user://{user_id}")]
fn user(#[arg(rename = "user_id")] id: u32, _: Context) -> String {
    id.to_string()
}

/// No variable, but characters that are encoded.
#[resource("note://my%20notes/a-b_c.d~e?x=1#top")]
fn fixed() -> &'static str {
    ""
}

#[test]
fn all_of_them_are_accepted() {
    let built = Server::new("templates", "1.0.0")
        .state(vec![String::new()])
        .add(handlers![note, readme, file, search, user, fixed])
        .build();
    assert!(built.is_ok(), "{built:?}");
}
