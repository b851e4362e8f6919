//! Names that must be unique, compared by the compiler.

use super::Component;

/// What must be unique among the handlers of a server: a kind and the name, or the URI of a resource.
///
/// A [`ServerHandle`](crate::ServerHandle) finds a handler by it.
///
/// ```
/// use mcp_runtime::Key;
///
/// const ORDER: Key = Key::tool("order");
/// assert_eq!((ORDER.kind(), ORDER.name()), ("tool", "order"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub(crate) kind: Kind,
    name: &'static str,
    /// Two keys are seldom compared by their bytes: the compiler is slow at that.
    hash: u64,
}

/// The kinds of handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A tool.
    Tool,
    /// A resource, or a template of resources.
    Resource,
    /// A prompt.
    Prompt,
}

impl Kind {
    /// `tool`, `resource` or `prompt`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
        }
    }
}

impl Key {
    /// The name of a tool.
    #[must_use]
    pub const fn tool(name: &'static str) -> Self {
        Self::new(Kind::Tool, name)
    }

    /// The URI or the URI template of a resource.
    #[must_use]
    pub const fn resource(uri: &'static str) -> Self {
        Self::new(Kind::Resource, uri)
    }

    /// The name of a prompt.
    #[must_use]
    pub const fn prompt(name: &'static str) -> Self {
        Self::new(Kind::Prompt, name)
    }

    /// `tool`, `resource` or `prompt`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        self.kind.name()
    }

    /// The name, or the URI or the URI template of a resource.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    const fn new(kind: Kind, name: &'static str) -> Self {
        let hash = hash(hash(0xcbf2_9ce4_8422_2325, kind.name()), name);
        Self { kind, name, hash }
    }

    const fn same(self, other: Self) -> bool {
        self.hash == other.hash
            && self.kind as u8 == other.kind as u8
            && same(self.name, other.name)
    }
}

/// A handler of a list: what must be unique about it, and how it is made.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    key: Key,
    pub(super) component: fn() -> Component,
}

impl Entry {
    pub(super) const fn new(key: Key, component: fn() -> Component) -> Self {
        Self { key, component }
    }
}

/// Refuses the handler at `index` if one before it has the same key.
///
/// # Panics
///
/// Then, when the constant is evaluated by the compiler.
#[track_caller]
pub const fn assert_unique(entries: &[Entry], index: usize) {
    let key = entries[index].key;
    let mut before = 0;
    while before < index {
        if entries[before].key.same(key) {
            let mut message = Message::new();
            message.push("another ");
            message.push(key.kind());
            message.push(" of this list is already called `");
            message.push(key.name());
            message.push("`: take one of them out, or rename it");
            message.panic();
        }
        before += 1;
    }
}

/// FNV-1a.
const fn hash(mut hash: u64, text: &str) -> u64 {
    let text = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        hash = (hash ^ text[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A text put together by the compiler; `format!` is not available there.
struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
    const fn new() -> Self {
        Self {
            bytes: [0; 512],
            len: 0,
        }
    }

    /// Appends `text`, or nothing if it does not fit.
    const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.len + text.len() > self.bytes.len() {
            return;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
    }

    #[track_caller]
    const fn panic(&self) -> ! {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("two handlers of this list have the same name"),
        }
    }
}
