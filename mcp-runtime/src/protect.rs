//! Argument types that protect: what must not be shown, where a server may go, what it may open.

mod secret;

pub use secret::Secret;
