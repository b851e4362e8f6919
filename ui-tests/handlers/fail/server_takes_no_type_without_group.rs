use mcp_runtime::Server;

struct Calculator;

fn main() {
    let _ = Server::new("calculator", "1.0.0").add(Calculator);
}
