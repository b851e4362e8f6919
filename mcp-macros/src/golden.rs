//! Whole expansions, one per shape, beside which a reader can put what a user wrote.
//!
//! `UPDATE_EXPECT=1 cargo test -p mcp-runtime-macros` writes them anew.

use std::{env, fs, path::PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use crate::{group, list, prompt, resource, tool};

fn formatted(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is a list of items"))
}

fn assert_expands_to(name: &str, tokens: TokenStream) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expand")
        .join(name);
    let actual = formatted(tokens);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        actual, expected,
        "{name} is another one: read the difference, then run with `UPDATE_EXPECT=1`"
    );
    actual
}

#[test]
fn a_tool_with_three_arguments_fits_on_a_page() {
    let expanded = tool::expand(
        quote!(),
        quote! {
            /// Orders an item.
            pub async fn order(
                /// The item's name.
                #[arg(length(min = 1))]
                item: String,
                /// How many to order.
                #[arg(range(min = 1, max = 100), default = 1)]
                quantity: u32,
                color: Option<Color>,
            ) -> Result<Receipt, OrderError> {
                place(item, quantity, color).await
            }
        },
    );
    let text = assert_expands_to("tool_with_three_arguments.rs", expanded);
    let lines = text.lines().count();
    assert!(lines <= 45, "{lines} lines");
}

#[test]
fn a_plain_function_without_arguments() {
    let expanded = tool::expand(
        quote!(read_only),
        quote! {
            /// Tells the time.
            fn now() -> u64 {
                0
            }
        },
    );
    assert_expands_to("tool_without_arguments.rs", expanded);
}

#[test]
fn a_tool_that_streams() {
    let expanded = tool::expand(
        quote!(),
        quote! {
            /// Searches.
            async fn search(text: String) -> impl Stream<Item = Result<Found, SearchError>> + Send {
                index().search(text).await
            }
        },
    );
    assert_expands_to("tool_that_streams.rs", expanded);
}

#[test]
fn a_resource_template() {
    let expanded = resource::expand(
        quote!(
            "note://{id}/{+path}{?lines}",
            mime_type = "text/plain",
            priority = 0.5,
            ttl = "60s",
            scope = "public"
        ),
        quote! {
            /// One note.
            async fn note(id: u64, path: String, lines: Option<usize>, notes: State<Notes>) -> Option<String> {
                notes.get(id, path, lines)
            }
        },
    );
    assert_expands_to("resource_template.rs", expanded);
}

#[test]
fn a_prompt() {
    let expanded = prompt::expand(
        quote!(title = "Code review"),
        quote! {
            /// Reviews code.
            fn review(
                code: String,
                #[arg(complete = languages::known, default = "en")] language: String,
                #[arg(flatten)] style: Style,
            ) -> Vec<PromptMessage> {
                Vec::new()
            }
        },
    );
    assert_expands_to("prompt.rs", expanded);
}

#[test]
fn a_tool_that_asks() {
    let expanded = tool::expand(
        quote!(destructive),
        quote! {
            /// Deletes files.
            async fn delete(
                ctx: Context,
                #[ask("Really delete {pattern} and {pattern:?}?")] sure: Sure,
                #[arg(length(min = 1))] pattern: String,
                #[ask("Why?")] reason: Result<Reason, AskError>,
            ) -> u64 {
                0
            }
        },
    );
    assert_expands_to("tool_that_asks.rs", expanded);
}

#[test]
fn a_service() {
    let expanded = group::expand(
        quote!(),
        quote! {
            impl Warehouse {
                const MOST: u32 = 100;

                /// Counts an item.
                #[tool]
                async fn count(&self, #[arg(range(max = Self::MOST))] limit: u32) -> u32 {
                    self.items.min(limit)
                }

                /// The opening hours.
                #[resource("hours://today")]
                #[cfg(feature = "hours")]
                fn hours() -> String {
                    "9 to 5".to_owned()
                }

                /// Closes the warehouse.
                #[tool]
                fn close(&self, #[ask("Are you sure?")] _sure: ()) {}

                fn helper(&self) {}
            }
        },
    );
    assert_expands_to("service.rs", expanded);
}

#[test]
fn a_module() {
    let expanded = group::expand(
        quote!(),
        quote! {
            mod math {
                use mcp_runtime::tool;

                /// Adds.
                #[tool]
                fn add(a: i64, b: i64) -> i64 {
                    a + b
                }

                /// Multiplies.
                #[cfg(feature = "slow")]
                #[mcp_runtime::tool(name = "times")]
                pub async fn multiply(a: i64, b: i64) -> i64 {
                    helper(a, b)
                }

                fn helper(a: i64, b: i64) -> i64 {
                    a * b
                }

                /// Subtracts.
                #[tool]
                fn subtract(a: i64, b: i64) -> i64 {
                    a - b
                }
            }
        },
    );
    assert_expands_to("module.rs", expanded);
}

#[test]
fn a_broken_tool_keeps_its_function_and_its_name() {
    let expanded = tool::expand(
        quote!(redonly, timeout = "soon"),
        quote! {
            pub(crate) async fn broken(/** Who. */ #[arg(rang(min = 1))] name: &str) -> String {
                name.to_owned()
            }
        },
    );
    assert_expands_to("broken_tool.rs", expanded);
}

#[test]
fn a_function_that_cannot_be_read_keeps_its_name_as_well() {
    let expanded = tool::expand(quote!(), quote!(pub fn half(#[arg(default)] a, b: u8) {}));
    let text = expanded.to_string();
    assert!(text.starts_with("pub fn half (a , b : u8) { }"), "{text}");
    assert!(text.contains("pub struct half { }"), "{text}");
    assert!(text.contains("compile_error"), "{text}");
}

#[test]
fn what_is_no_function_comes_out_as_it_went_in() {
    let item = quote!(
        struct Order {
            item: String,
        }
    );
    let text = tool::expand(quote!(), item.clone()).to_string();
    assert!(text.starts_with(&item.to_string()), "{text}");
    let text = group::expand(quote!(), item.clone()).to_string();
    assert!(text.starts_with(&item.to_string()), "{text}");
}

#[test]
fn another_path_of_the_runtime_is_used_throughout() {
    let function = quote! {
        /// Greets.
        async fn greet(ctx: Context, #[arg(default = "you", length(max = 9))] name: String) -> String {
            name
        }
    };
    let uri = quote!("greet://{name}", crate = renamed);
    let root = quote!(crate = renamed);
    let all = [
        tool::expand(root.clone(), function.clone()),
        prompt::expand(root.clone(), function.clone()),
        resource::expand(
            uri,
            quote!(
                #[doc = "Greets."]
                fn greet(name: String) -> String {
                    name
                }
            ),
        ),
        tool::expand(quote!(crate = renamed, nonsense), function.clone()),
        group::expand(
            root.clone(),
            quote!(mod m { #[tool(crate = renamed)] #function }),
        ),
        group::expand(root.clone(), quote!(impl S { #[tool] #function })),
        list::expand(quote!(crate = renamed; a, b::c)),
    ];
    for expanded in all {
        let text = expanded.to_string();
        assert!(text.contains("renamed :: __private"), "{text}");
        assert!(!text.contains("mcp_runtime"), "{text}");
    }
}
