//! Handlers of all shapes under all lints that a user may have turned on: run clippy on it, with and without the feature
//! `inventory`.
//!
//! It is a crate of its own, because lints are a matter of the crate.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    future_incompatible,
    keyword_idents,
    let_underscore,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::nursery,
    clippy::pedantic
)]
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::clone_on_ref_ptr,
    clippy::default_numeric_fallback,
    clippy::default_trait_access,
    clippy::empty_structs_with_brackets,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::let_underscore_untyped,
    clippy::missing_docs_in_private_items,
    clippy::mod_module_files,
    clippy::module_name_repetitions,
    clippy::needless_raw_strings,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::pub_use,
    clippy::question_mark_used,
    clippy::same_name_method,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::str_to_string,
    clippy::unneeded_field_pattern,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::used_underscore_binding,
    clippy::used_underscore_items,
    clippy::wildcard_enum_match_arm
)]
#![expect(
    clippy::must_use_candidate,
    reason = "it asks every public function, handler or not"
)]

use mcp_runtime::{
    Access, AskError, CallError, Content, Context, Handlers, Json, PromptMessage, Server, State,
    group, handlers,
    layer::{BoxError, CallRequest, CallResponse, Next, from_fn},
    prompt, resource, tool,
};

/// The most that can be ordered.
const MOST: u32 = 100;

/// A color.
#[derive(
    Clone, Copy, Debug, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
pub enum Color {
    /// Red.
    #[default]
    Red,
    /// Green.
    Green,
}

/// Does nothing.
#[tool]
const fn nothing() {}

/// Asks nobody.
const fn everybody(_: &Access<'_>) -> bool {
    true
}

/// Passes a call on.
async fn passing(request: CallRequest, next: Next) -> Result<CallResponse, BoxError> {
    next.run(request).await
}

/// Does nothing for some.
#[tool(scopes("nothing:do"), guard = everybody, layer = from_fn(passing))]
const fn guarded() {}

/// Waits for nothing.
#[tool(read_only)]
pub async fn waiting() {}

/// Adds.
#[tool(
    title = "Adder",
    idempotent,
    timeout = "5s",
    tags("math"),
    icons("https://example.com/add.png")
)]
pub const fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Orders.
///
/// # Details
///
/// Of all options.
#[tool(meta("example.com/level" = 3))]
pub async fn order(
    ctx: Context,
    stock: State<u32>,
    /// The item.
    #[arg(length(min = 1, max = 40), regex = "^[a-z]+$", example = "nut")]
    item: String,
    #[arg(range(min = 1, max = MOST), default = MOST)] quantity: u32,
    #[arg(range(max = -1), default = -1)] depth: i8,
    #[arg(default)] color: Color,
    #[arg(rename = "liningColor")] lining: Option<Color>,
) -> Result<Vec<String>, CallError> {
    if ctx.is_cancelled() || *stock < quantity || depth == 0_i8 {
        return Err(CallError::new("not now"));
    }
    Ok(vec![item, format!("{color:?}{lining:?}")])
}

/// Takes many flags.
#[tool]
pub fn flags(left: bool, right: bool, up: bool, down: bool) -> Vec<bool> {
    vec![left, right, up, down]
}

/// Takes many arguments.
#[tool]
pub const fn many(
    red: u8,
    green: u8,
    blue: u8,
    hue: u8,
    chroma: u8,
    luma: u8,
    alpha: u8,
    gamma: u8,
) -> [u8; 8] {
    [red, green, blue, hue, chroma, luma, alpha, gamma]
}

/// Uses nothing that it takes.
#[tool]
pub fn unused(_city: String, _: Context, _numbers: Vec<u8>) -> Content {
    Content::text("nothing")
}

/// Is old.
#[deprecated = "use `add`"]
#[tool]
pub const fn old(a: i64) -> i64 {
    a
}

/// Is not named as functions are.
#[expect(non_snake_case, reason = "clients call it so")]
#[tool]
pub const fn getUser(userId: u32) -> u32 {
    userId
}

/// A note.
#[resource("note://{id}{?page}", mime_type = "text/plain", priority = 0.5)]
pub fn note_page(id: u64, #[arg(default = 1)] page: u32) -> Option<String> {
    Some(format!("{id}{page}"))
}

/// The settings.
#[resource("config://settings", size = 5)]
pub const fn settings() -> Json<Color> {
    Json(Color::Red)
}

/// The styles of a review.
const fn styles() -> [&'static str; 2] {
    ["plain", "verbose"]
}

/// What the user is asked.
#[derive(Clone, Copy, Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct Sure {
    /// Whether it is meant.
    pub really: bool,
}

/// Deletes a file.
#[tool]
pub async fn delete(
    path: String,
    #[ask("Really delete {path}?")] sure: Sure,
    #[ask("Now?")] now: Result<Sure, AskError>,
) -> Result<bool, CallError> {
    drop(path);
    Ok(sure.really && now.is_ok_and(|answer| answer.really))
}

/// Reviews code.
#[prompt]
pub async fn review(
    ctx: Context,
    code: String,
    #[arg(complete = styles)] style: Option<String>,
) -> Vec<PromptMessage> {
    drop((ctx, style));
    vec![PromptMessage::user(code)]
}

/// Mathematics.
#[group]
pub mod math {
    use mcp_runtime::tool;

    /// Subtracts.
    #[tool]
    pub const fn subtract(a: i64, b: i64) -> i64 {
        a.wrapping_sub(b)
    }

    /// Is private.
    #[tool]
    const fn negate(a: i64) -> i64 {
        a.wrapping_neg()
    }
}

/// A service.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The least result.
    least: u32,
}

#[group]
impl Service {
    /// Counts.
    #[tool]
    pub async fn count(
        &self,
        ctx: Context,
        #[arg(range(max = MOST), default = 1)] step: u32,
    ) -> u32 {
        drop(ctx);
        self.least.wrapping_add(step)
    }

    /// Needs no value.
    #[tool]
    pub const fn most() -> u32 {
        MOST
    }

    /// Fails.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a method takes `&self`")]
    #[resource("service://{id}")]
    fn fail(&self, id: u32) -> Result<String, CallError> {
        if id < self.least {
            return Err(CallError::not_found());
        }
        Ok(id.to_string())
    }

    /// Asks.
    #[prompt]
    async fn ask(&self, about: String) -> String {
        format!("{}{about}", self.least)
    }

    /// Empties it.
    #[tool]
    async fn empty(&self, #[ask("Leave {rest}?")] sure: Sure, rest: u32) -> u32 {
        if sure.really { rest } else { self.least }
    }
}

/// Lists all of them.
fn list() -> Handlers {
    handlers![
        nothing, guarded, waiting, add, order, flags, many, unused, old, getUser, note_page,
        settings, review, delete
    ]
}

#[test]
fn no_lint_blames_the_user_for_what_the_macros_write() {
    let server = Server::new("lints", "1.0.0")
        .state(7_u32)
        .add(list())
        .add(math::handlers())
        .add(Service { least: 1 });
    assert!(server.build().is_ok(), "it is set up rightly");
}

#[cfg(feature = "inventory")]
#[test]
fn no_lint_blames_the_user_for_what_is_collected() {
    let server = Server::new("lints", "1.0.0").state(7_u32).collect();
    assert!(server.build().is_ok(), "it is set up rightly");
}
