//! Argument types that protect: what must not be shown, where a server may go, what it may open.

#[cfg(feature = "fs")]
pub mod fs;
#[cfg(feature = "net")]
pub mod net;
mod secret;

pub use secret::Secret;

use std::error::Error;

use crate::CallError;

/// What a client is told of an error if one of these types stands behind it; without one the error is masked.
pub(crate) fn told(error: &(dyn Error + 'static)) -> Option<CallError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(told) = told_of(error) {
            return Some(told);
        }
        next = error.source();
    }
    None
}

fn told_of(error: &(dyn Error + 'static)) -> Option<CallError> {
    #[cfg(feature = "fs")]
    if let Some(error) = error.downcast_ref::<fs::PathError>() {
        if error.is_absence() {
            return Some(CallError::not_found_saying(error.to_string()));
        }
        return error.is_told().then(|| CallError::new(error));
    }
    #[cfg(feature = "net")]
    if let Some(refusal) = error.downcast_ref::<net::UrlRefusal>() {
        return Some(CallError::new(format!("the address must be {refusal}")));
    }
    #[cfg(feature = "reqwest")]
    if error.is::<net::Redirected>()
        || matches!(error.downcast_ref(), Some(net::BodyError::TooLarge { .. }))
    {
        return Some(CallError::new(error));
    }
    let _ = error;
    None
}
