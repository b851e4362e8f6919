//! What no handler can have in its signature.
//!
//! The names of types decide about words here, never about meaning.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, Pat, PatType, Path, PathArguments, Receiver,
    ReceiverKind, ReturnType, Safety, Signature, Type, TypeReference,
};

use crate::{
    errors::Errors,
    handler::{GROUP, Kind, Place},
    stream,
};

/// Checks a signature. The answer is whether the function can only stand in an `impl` block, although it is not known to
/// be in one.
pub(crate) fn check(kind: Kind, place: Place, signature: &Signature, errors: &mut Errors) -> bool {
    let is_in_impl = place == Place::Free && check_freedom(signature, errors);
    check_qualifiers(kind, signature, errors);
    check_generics(kind, &signature.generics, errors);
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => check_receiver(place, receiver, errors),
            FnArg::Typed(parameter) => check_parameter(parameter, errors),
        }
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        match stream::stream(stream::bare(ty)) {
            Some(stream) => check_stream(kind, place, stream, errors),
            None => check_output(place, ty, errors),
        }
    }
    is_in_impl
}

fn check_qualifiers(kind: Kind, signature: &Signature, errors: &mut Errors) {
    let noun = kind.noun();
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(
            token,
            format!(
                "a {noun} cannot be `unsafe`: clients call it with any arguments; move the `unsafe` into its body"
            ),
        );
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
                errors.push(
                    &lifetime.lifetime,
                    format!(
                        "a {noun} cannot borrow: take owned types such as `String` or `Vec`, and remove `{}`",
                        lifetime.lifetime
                    ),
                );
                continue;
            }
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
        };
        errors.push(
            advice,
            format!(
                "a {noun} cannot be generic: clients cannot choose `{advice}`, name a type or a value instead"
            ),
        );
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
        ReceiverKind::Reference(_, _, None) => true,
        ReceiverKind::Typed(_, ty) => matches!(
            &**ty,
            Type::Reference(TypeReference {
                mutability: None,
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
    match &*parameter.ty {
        // What the compiler proposes for them is a reference.
        Type::Slice(slice) => errors.push(
            slice,
            "take a `Vec` instead of a slice: an argument is owned",
        ),
        Type::Path(path) if path.path.is_ident("str") => {
            errors.push(path, "take `String` instead of `str`: an argument is owned");
        }
        ty => check_type(ty, errors),
    }
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
                    errors.push(
                        lifetime,
                        format!(
                            "a parameter owns what it holds: `{}` cannot borrow here, take an owned type or write \
                             `'static`",
                            segment.ident
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

fn check_reference(reference: &TypeReference, errors: &mut Errors) {
    let is = |name: &str| match &*reference.elem {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        _ => false,
    };
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

fn check_stream(kind: Kind, place: Place, stream: &Path, errors: &mut Errors) {
    if kind != Kind::Tool {
        let noun = kind.noun();
        errors.push(
            stream,
            format!("a {noun} cannot be a stream, only a tool can: return all of it at once"),
        );
    } else if let Some(item) = stream::item_of(stream) {
        check_output(place, item, errors);
    } else {
        errors.push(
            stream,
            "say what the stream yields: write `impl Stream<Item = …>`",
        );
    }
}

fn check_output(place: Place, ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Group(group) => check_output(place, &group.elem, errors),
        Type::Paren(paren) => check_output(place, &paren.elem, errors),
        Type::ImplTrait(_) if stream::stream(ty).is_some() => errors.push(
            ty,
            "return the stream alone, `impl Stream<Item = …>`: its items may be a `Result`, of which the first error \
             ends the call",
        ),
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
                            check_output(place, ty, errors);
                        }
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|ty| check_output(place, ty, errors)),
        _ => {}
    }
}
