#![allow(unused)]

use std::borrow::Cow;

use mcp_runtime::tool;

/// Counts.
#[tool]
fn count(text: Cow<'_, str>) {}

fn main() {}
