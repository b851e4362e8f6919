//! Who is calling: every way to prove it and to fail, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and `json!` stands best where it is passed"
)]

#[expect(
    dead_code,
    reason = "it is the client of another test, which needs more of it"
)]
#[path = "../http/client.rs"]
mod client;
mod endings;
mod heads;
mod introspection;
mod issuer;
mod keys;
mod metadata;
mod mounted;
mod rights;
mod scopes;
mod sets;
mod settings;
mod site;
mod tokens;
