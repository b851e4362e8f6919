//! The arguments of a call.

mod choice;
mod coerce;
mod duty;
mod example;
mod expected;
mod explain;
mod format;
mod plan;
mod problem;
mod report;
mod subschema;
mod suggest;
mod survey;
mod validate;
mod words;

pub use problem::Problem;
