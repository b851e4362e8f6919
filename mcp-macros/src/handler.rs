//! The function that carries a macro: read as far as its signature, and checked for what no handler can have.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, Generics, Ident, Meta, Pat, PatType, Path,
    PathArguments, Receiver, ReceiverKind, ReturnType, Safety, Signature, Token, Type,
    TypeReference, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

use crate::errors::Errors;

/// What a function is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
}

impl Kind {
    /// The kind that an attribute makes of its function.
    pub(crate) fn of(attr: &Attribute) -> Option<Self> {
        let last = attr.path().segments.last()?.ident.unraw();
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
#[derive(Clone, Copy, PartialEq, Eq)]
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
        let mut function = Self {
            kind,
            attrs,
            ident: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            has_receiver: signature.receiver().is_some(),
            is_in_impl: false,
            macro_span: Span::call_site(),
            parameters: Vec::new(),
            output: signature.output.clone(),
        };
        if place == Place::Free {
            function.is_in_impl = check_freedom(&signature, errors);
        }
        check_qualifiers(kind, &signature, errors);
        check_generics(kind, &signature.generics, errors);
        for input in signature.inputs {
            match input {
                FnArg::Receiver(receiver) => check_receiver(place, &receiver, errors),
                FnArg::Typed(parameter) => {
                    check_parameter(&parameter, errors);
                    function.parameters.push(parameter);
                }
            }
        }
        check_output(place, &function.output, errors);
        Some(function)
    }

    /// The lints that the function does not want to hear of, for what is generated from its signature.
    pub(crate) fn allowed_lints(&self) -> Vec<TokenStream> {
        allowed_lints(&self.attrs)
    }
}

fn allowed_lints(attrs: &[Attribute]) -> Vec<TokenStream> {
    let lints = attrs.iter().filter_map(|attr| match &attr.meta {
        // An expectation is fulfilled by the function itself.
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(#[allow(#lints)]))
        }
        meta if meta.path().is_ident("deprecated") => Some(
            quote!(#[allow(deprecated, reason = "a deprecated handler is served all the same")]),
        ),
        _ => None,
    });
    lints.collect()
}

fn check_qualifiers(kind: Kind, signature: &Signature, errors: &mut Errors) {
    let noun = kind.noun();
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(token, format!("a {noun} cannot be `unsafe`: clients call it with any arguments; move the `unsafe` into its body"));
    }
    if let Some(abi) = &signature.abi {
        errors.push(abi, format!("a {noun} is a Rust function: remove `extern`"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.push(
            variadic,
            format!("a {noun} has named parameters: take a `Vec` instead of `...`"),
        );
    }
}

fn check_generics(kind: Kind, generics: &Generics, errors: &mut Errors) {
    let noun = kind.noun();
    for parameter in &generics.params {
        let advice = match parameter {
            GenericParam::Lifetime(lifetime) => {
                errors.push(&lifetime.lifetime, format!("a {noun} cannot borrow: take owned types such as `String` or `Vec`, and remove `{}`", lifetime.lifetime));
                continue;
            }
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
        };
        errors.push(advice, format!("a {noun} cannot be generic: clients cannot choose `{advice}`, name a type or a value instead"));
    }
    if let Some(clause) = &generics.where_clause
        && generics.params.is_empty()
    {
        errors.push(
            clause.where_token,
            format!("a {noun} cannot have a `where` clause: its types are fixed, remove it"),
        );
    }
}

/// Whether the function belongs to an `impl` block, which must carry a macro then.
fn check_freedom(signature: &Signature, errors: &mut Errors) -> bool {
    let in_impl = match signature.receiver() {
        Some(receiver) => Some(receiver.self_token.to_token_stream()),
        None => self_type(signature.inputs.to_token_stream())
            .or_else(|| self_type(signature.output.to_token_stream())),
    };
    if let Some(token) = &in_impl {
        errors.push(
            token,
            format!("a method becomes a handler with its `impl` block: put `{GROUP}` on that"),
        );
    }
    in_impl.is_some()
}

/// Where `Self` stands.
fn self_type(tokens: TokenStream) -> Option<TokenStream> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => Some(ident.into_token_stream()),
        TokenTree::Group(group) => self_type(group.stream()),
        _ => None,
    })
}

fn check_receiver(place: Place, receiver: &Receiver, errors: &mut Errors) {
    let is_shared = match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => true,
        ReceiverKind::Typed(_, ty) => matches!(
            &**ty,
            Type::Reference(TypeReference {
                mutability: None,
                lifetime: None,
                ..
            })
        ),
        _ => false,
    };
    if place == Place::Method && !is_shared {
        errors.push(
            receiver,
            "take `&self`: all calls share the service, also at the same time",
        );
    }
}

fn check_parameter(parameter: &PatType, errors: &mut Errors) {
    if let Some(problem) = problem_of_pattern(parameter) {
        errors.push(&parameter.pat, problem);
    }
    check_type(&parameter.ty, errors);
}

fn problem_of_pattern(parameter: &PatType) -> Option<String> {
    let inner = match &*parameter.pat {
        Pat::Ident(name) if name.subpat.is_none() => return None,
        // Only a role can be without a name; its type decides.
        Pat::Wild(_) => return None,
        Pat::Ident(name) => Some(name.ident.clone()),
        Pat::TupleStruct(pattern) if pattern.elems.len() == 1 => match pattern.elems.first() {
            Some(Pat::Ident(name)) => Some(name.ident.clone()),
            _ => None,
        },
        _ => None,
    };
    Some(match inner {
        Some(name) => {
            format!("a parameter is a name: write `{name}: …` and take the value apart in the body")
        }
        None => {
            "a parameter is a name: write `name: …` and take the value apart in the body".to_owned()
        }
    })
}

/// What a type holds that no parameter can have.
fn check_type(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Group(group) => check_type(&group.elem, errors),
        Type::Paren(paren) => check_type(&paren.elem, errors),
        Type::Reference(reference) => check_reference(reference, errors),
        Type::ImplTrait(_) => errors.push(
            ty,
            "name a type instead of `impl …`: it decides what clients can send",
        ),
        Type::Slice(slice) => check_type(&slice.elem, errors),
        Type::Array(array) => check_type(&array.elem, errors),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| check_type(ty, errors)),
        Type::Path(path) => check_path(&path.path, errors),
        Type::Infer(_) => errors.leave_to_the_compiler(),
        _ => {}
    }
}

fn check_path(path: &Path, errors: &mut Errors) {
    for segment in &path.segments {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            continue;
        };
        for argument in &arguments.args {
            match argument {
                GenericArgument::Type(ty) => check_type(ty, errors),
                GenericArgument::Lifetime(lifetime) if lifetime.ident == "_" => {
                    errors.push(lifetime, format!("a parameter owns what it holds: `{}` cannot borrow here, take an owned type or write `'static`", segment.ident));
                }
                _ => {}
            }
        }
    }
}

/// The names of types only choose the words here.
fn check_reference(reference: &TypeReference, errors: &mut Errors) {
    let is = |name: &str| matches!(&*reference.elem, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name));
    let advice = match &*reference.elem {
        _ if is("str") => "take `String` instead of `&str`: an argument is owned".to_owned(),
        Type::Slice(_) => "take a `Vec` instead of a slice: an argument is owned".to_owned(),
        _ if is("Context") => "take `Context` by value: cloning it is cheap".to_owned(),
        _ if is("State") => "take `State` by value: cloning it is cheap".to_owned(),
        // A role of the user's own may be one.
        _ if reference
            .lifetime
            .as_ref()
            .is_some_and(|lifetime| lifetime.ident == "static") =>
        {
            return;
        }
        _ => "take the value instead of a reference: an argument is owned".to_owned(),
    };
    errors.push(reference, advice);
}

fn check_output(place: Place, output: &ReturnType, errors: &mut Errors) {
    let ReturnType::Type(_, ty) = output else {
        return;
    };
    check_output_type(place, ty, errors);
}

fn check_output_type(place: Place, ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Group(group) => check_output_type(place, &group.elem, errors),
        Type::Paren(paren) => check_output_type(place, &paren.elem, errors),
        Type::ImplTrait(_) => errors.push(
            ty,
            "name the type that is returned instead of `impl …`: it decides what clients get",
        ),
        Type::Never(_) => errors.push(
            ty,
            "a handler must return: write the type of its result, or nothing",
        ),
        Type::Infer(_) => errors.leave_to_the_compiler(),
        Type::Reference(reference) if reference.lifetime.is_none() => match place {
            // Nothing is there to borrow from: the compiler says so.
            Place::Free => errors.leave_to_the_compiler(),
            Place::Method => errors.push(
                ty,
                "return an owned type such as `String`: the result outlives the call",
            ),
        },
        Type::Path(path) => {
            for segment in &path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
                    for argument in &arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            check_output_type(place, ty, errors);
                        }
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|ty| check_output_type(place, ty, errors)),
        _ => {}
    }
}
