use mcp_runtime::handlers;

fn main() {
    let _ = handlers![|a: i64| a];
}
