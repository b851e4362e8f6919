use mcp_runtime::{group, resource};

struct Notes;

#[group]
impl Notes {
    /// A note.
    #[resource]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
