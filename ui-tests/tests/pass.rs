//! Right definitions of all shapes: they compile without a warning, and clients see what they say.

#![deny(warnings)]

use mcp_runtime::{
    Server,
    rmcp::ServerHandler,
    serde_json::{self, Value},
};

#[path = "../tool/pass"]
mod tool {
    mod descriptions;
    mod every_option;
    mod every_result;
    mod functions;
    mod made_by_macro_rules;
    mod places;
    mod raw_identifiers;
    mod renamed_runtime;
    mod streams;
    mod type_aliases;
}

#[path = "../argument/pass"]
mod argument {
    mod conditions;
    mod constants;
    mod every_option;
    mod questions;
    mod roles;
}

#[path = "../resource/pass"]
mod resource {
    mod every_option;
    mod every_result;
    mod templates;
}

#[path = "../prompt/pass"]
mod prompt {
    mod completed;
    mod every_option;
    mod every_result;
}

#[path = "../handlers/pass"]
mod handlers {
    mod group_modules;
    mod group_services;
    mod lists;
}

/// A tool as clients see it.
fn definition(server: Server, tool: &str) -> Value {
    let service = server.build().expect("the server is set up rightly");
    serde_json::to_value(service.get_tool(tool)).expect("a definition is JSON")
}

/// The names of a tool's arguments, in their order.
fn arguments(definition: &Value) -> Vec<&str> {
    let properties = definition["inputSchema"]["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}
