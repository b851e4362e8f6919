//! Parameters that the user is asked for, in all their shapes.

use mcp_runtime::{
    AskError, CallError, Context, Server, State, group, handlers, prompt, resource, tool,
};

#[derive(Clone, Copy, Debug, serde::Deserialize, schemars::JsonSchema)]
struct Sure {
    really: bool,
}

type Outcome = Result<Sure, AskError>;

/// Waits for answers.
#[tool]
async fn waits(
    ctx: Context,
    #[ask("Really delete {path}, {count:>5} times?")] sure: Sure,
    /// What is deleted.
    #[arg(rename = "file")]
    path: String,
    count: u8,
    #[ask("Why?")] outcome: Outcome,
) -> Result<bool, CallError> {
    let _ = (ctx, path, count, outcome?);
    Ok(sure.really)
}

/// Takes the answer at once.
#[tool]
fn at_once(#[ask("Is {type} right?")] sure: Sure, r#type: String) {
    let _ = (sure, r#type);
}

/// Has no arguments.
#[tool]
fn alone(#[ask("Sure, {{really}}?")] _consent: ()) {}

/// Exists under a condition.
#[tool]
async fn conditional(
    #[cfg(test)]
    #[ask("Sure of {size}?")]
    sure: Sure,
    #[cfg(not(test))]
    #[ask("Sure?")]
    missing: Missing,
    size: u8,
) -> bool {
    size > 0 && sure.really
}

macro_rules! made {
    ($name:ident, $text:literal, $about:ident) => {
        /// Made by a macro.
        #[tool]
        async fn $name(#[ask($text)] sure: Sure, $about: String) -> String {
            format!("{} {}", $about, sure.really)
        }

        /// Has names of its own.
        #[tool]
        fn local(#[ask("{about} {of}?")] sure: Sure, about: String, of: u8) -> String {
            format!("{about} {of} {}", sure.really)
        }
    };
}

made!(by_macro, "Sure of {about}?", about);

/// A note.
#[resource("note://{id}")]
fn note(#[ask("Show {id}?")] sure: Sure, id: u64) -> Option<String> {
    sure.really.then(|| id.to_string())
}

/// Reviews code.
#[prompt]
async fn review(notes: State<u8>, #[ask("Sure?")] sure: Sure) -> String {
    format!("{} {}", *notes, sure.really)
}

struct Shop(u8);

#[group]
impl Shop {
    /// Closes.
    #[tool]
    async fn close(
        &self,
        #[ask("Sure of {at}?")] sure: Result<(), AskError>,
        at: u8,
    ) -> Result<u8, AskError> {
        sure.map(|()| self.0.max(at))
    }

    /// Opens.
    #[tool]
    fn open(&self, #[ask("Sure?")] sure: Sure) -> u8 {
        self.0 + u8::from(sure.really)
    }
}

#[test]
fn they_are_built() {
    let list = handlers![
        waits,
        at_once,
        alone,
        conditional,
        by_macro,
        local,
        note,
        review
    ];
    let server = Server::new("asks", "1").state(1_u8).add(list).add(Shop(1));
    server.build().unwrap();
}
