//! Every option of a prompt, once.

use mcp_runtime::{Server, handlers, prompt};

#[prompt(
    name = "code-review",
    title = "Code review",
    description = "Reviews code.",
    icons("https://example.com/review.png"),
    meta("example.com/level" = 3),
    tags("code"),
    timeout = "1h",
    crate = mcp_runtime,
)]
async fn review(
    /// The code.
    #[arg(length(min = 1), title = "Code")]
    code: String,
    #[arg(default = 3, range(max = 5))] strictness: u8,
    language: Option<String>,
) -> String {
    format!("{code}{strictness}{language:?}")
}

#[test]
fn all_of_them_are_accepted() {
    let built = Server::new("options", "1.0.0")
        .add(handlers![review])
        .build();
    assert!(built.is_ok(), "{built:?}");
}
