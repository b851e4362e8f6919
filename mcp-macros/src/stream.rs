//! Return types that are streams: `impl Stream<Item = …>`.

use syn::{GenericArgument, Path, PathArguments, ReturnType, Type, TypeImplTrait, TypeParamBound};

/// What a function streams, if it returns a stream and says of what.
pub(crate) fn item(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Type(_, ty) => item_of(stream(bare(ty))?),
        ReturnType::Default => None,
    }
}

/// The trait `Stream` among what an `impl …` promises; its name decides, because a type of it has none.
pub(crate) fn stream(ty: &Type) -> Option<&Path> {
    let Type::ImplTrait(TypeImplTrait { bounds, .. }) = ty else {
        return None;
    };
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let is_stream = bound.path.segments.last()?.ident == "Stream";
            is_stream.then_some(&bound.path)
        }
        _ => None,
    })
}

/// The type of the items of a `Stream`.
pub(crate) fn item_of(stream: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &stream.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

/// A type without the parentheses around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}
