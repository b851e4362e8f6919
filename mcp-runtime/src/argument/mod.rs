//! The arguments of a call.

mod duty;
mod format;
mod plan;
mod subschema;
mod suggest;
mod survey;
