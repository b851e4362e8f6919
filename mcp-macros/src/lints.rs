//! Lints that would blame the user for what the macros ask for, and those that the user has switched off.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta, ReturnType, Type};

use crate::handler::Function;

/// Excuses a function for what makes it a handler: it owns its parameters, has as many as its clients send, may have
/// nothing to wait for, and its errors are not for the readers of its documentation.
pub(crate) fn excuses(function: &Function) -> TokenStream {
    let parameters = function.parameters.len();
    let lints = [
        (function.is_async, quote!(clippy::unused_async)),
        (parameters > 0, quote!(clippy::needless_pass_by_value)),
        (parameters > 7, quote!(clippy::too_many_arguments)),
        (parameters > 3, quote!(clippy::fn_params_excessive_bools)),
        (returns_result(function), quote!(clippy::missing_errors_doc)),
    ];
    let lints = lints
        .into_iter()
        .filter_map(|(applies, lint)| applies.then_some(lint));
    lints
        .map(|lint| quote!(#[allow(#lint, reason = "clients call it")]))
        .collect()
}

/// What the function does not want to hear of, for the code that is generated from its signature.
pub(crate) fn switched_off(attrs: &[Attribute]) -> TokenStream {
    let lints = attrs.iter().filter_map(|attr| match &attr.meta {
        // An expectation is fulfilled by the function itself.
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(#[allow(#lints)]))
        }
        meta if meta.path().is_ident("deprecated") => {
            Some(quote!(#[allow(deprecated, reason = "it is served all the same")]))
        }
        _ => None,
    });
    lints.collect()
}

fn returns_result(function: &Function) -> bool {
    let ReturnType::Type(_, ty) = &function.output else {
        return false;
    };
    matches!(&**ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}
