//! The function that carries a macro, read as far as its signature.

use proc_macro2::{Span, TokenStream};
use syn::{
    Attribute, FnArg, Ident, PatType, Path, PathArguments, ReturnType, Signature, Token, Type,
    Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

use crate::{errors::Errors, signature, span, stream};

/// What a function is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
}

impl Kind {
    /// The kind that the attribute of the given path makes of its function.
    pub(crate) fn of(attribute: &Path) -> Option<Self> {
        let last = attribute.segments.last()?.ident.unraw();
        [Self::Tool, Self::Resource, Self::Prompt]
            .into_iter()
            .find(|kind| last == kind.noun())
    }

    /// The word for it, which is also the name of the attribute.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
        }
    }
}

/// The attribute that makes handlers of the functions in a module or in an `impl` block.
pub(crate) const GROUP: &str = "#[group]";

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// By itself.
    Free,
    /// In an `impl` block.
    Method,
}

/// The beginning of a function: all that a stub of it needs.
pub(crate) struct Head {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<Option<Token![default]>>()?;
        input.parse::<Option<Token![const]>>()?;
        input.parse::<Option<Token![async]>>()?;
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Option<syn::Abi>>()?;
        input.parse::<Token![fn]>()?;
        let ident = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attrs, vis, ident })
    }
}

/// A function as the macros see it.
pub(crate) struct Function {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) is_async: bool,
    pub(crate) has_receiver: bool,
    /// Whether it cannot be anywhere else than in an `impl` block.
    pub(crate) is_in_impl: bool,
    /// Where the macro stands, for what is missing in its options.
    pub(crate) macro_span: Span,
    pub(crate) parameters: Vec<PatType>,
    pub(crate) output: ReturnType,
}

/// The body stays unread: it may be half written.
struct Item {
    attrs: Vec<Attribute>,
    signature: Signature,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Option<Token![default]>>()?;
        let signature = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attrs, signature })
    }
}

impl Function {
    /// Reads a function and checks its signature.
    pub(crate) fn parse(
        kind: Kind,
        place: Place,
        item: TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let Item { attrs, signature } = errors.ok(syn::parse2(item))?;
        let is_in_impl = signature::check(kind, place, &signature, errors);
        let has_receiver = signature.receiver().is_some();
        let parameters = signature
            .inputs
            .into_iter()
            .filter_map(|input| match input {
                FnArg::Receiver(_) => None,
                FnArg::Typed(parameter) => Some(parameter),
            });
        Some(Self {
            kind,
            place,
            attrs,
            ident: signature.ident,
            is_async: signature.asyncness.is_some(),
            has_receiver,
            is_in_impl,
            macro_span: Span::call_site(),
            parameters: parameters.collect(),
            output: signature.output,
        })
    }

    /// What the function streams, if it returns a stream.
    pub(crate) fn streams(&self) -> Option<&Type> {
        stream::item(&self.output)
    }

    /// The ends of the value and of the error in the return type: this decides about the place of a message, never about
    /// meaning.
    pub(crate) fn output_ends(&self) -> [(Span, Span); 2] {
        let ty = match (self.streams(), &self.output) {
            (Some(item), _) => item,
            (None, ReturnType::Type(_, ty)) => ty,
            (None, ReturnType::Default) => return [span::ends(&self.ident); 2],
        };
        let arguments = match ty {
            Type::Path(path) => path
                .path
                .segments
                .last()
                .filter(|last| last.ident == "Result")
                .map(|last| &last.arguments),
            _ => None,
        };
        let Some(PathArguments::AngleBracketed(arguments)) = arguments else {
            return [span::ends(ty); 2];
        };
        let mut ends = arguments.args.iter().map(span::ends);
        [(); 2].map(|()| ends.next().unwrap_or_else(|| span::ends(ty)))
    }
}
