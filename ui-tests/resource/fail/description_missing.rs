use mcp_runtime::resource;

#[resource("note://all")]
fn note() -> String {
    String::new()
}

fn main() {}
