use mcp_runtime::handlers;

fn add() {}

fn main() {
    let _ = handlers![add];
}
