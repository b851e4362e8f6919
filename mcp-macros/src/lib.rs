//! The attribute macros of `mcp-runtime`, which re-exports and documents them.

mod argument;
mod common;
mod constraint;
mod definition;
mod doc;
mod errors;
mod expand;
#[cfg(test)]
mod golden;
mod group;
mod guard;
mod handler;
mod limit;
mod lints;
mod list;
mod name;
mod options;
mod prompt;
mod question;
mod resource;
mod signature;
mod span;
mod stream;
mod strip;
mod template;
mod tool;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented at the re-export in `mcp-runtime`")]
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    tool::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at the re-export in `mcp-runtime`")]
#[proc_macro_attribute]
pub fn resource(options: TokenStream, item: TokenStream) -> TokenStream {
    resource::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at the re-export in `mcp-runtime`")]
#[proc_macro_attribute]
pub fn prompt(options: TokenStream, item: TokenStream) -> TokenStream {
    prompt::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at the re-export in `mcp-runtime`")]
#[proc_macro]
pub fn handlers(input: TokenStream) -> TokenStream {
    list::expand(input.into()).into()
}

#[expect(missing_docs, reason = "documented at the re-export in `mcp-runtime`")]
#[proc_macro_attribute]
pub fn group(options: TokenStream, item: TokenStream) -> TokenStream {
    group::expand(options.into(), item.into()).into()
}
