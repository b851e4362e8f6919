use mcp_runtime::handlers;

struct Calculator;

fn main() {
    let _ = handlers![Calculator];
}
