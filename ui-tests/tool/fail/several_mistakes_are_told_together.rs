#![allow(unused)]

use mcp_runtime::tool;

#[tool(name = "add numbers", titel = "Adder", read_only, destructive, timeout = "5")]
unsafe fn add(a: &str, #[arg(range(min = 9, max = 1))] b: u8) {}

fn main() {}
