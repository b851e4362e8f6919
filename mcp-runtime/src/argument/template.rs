//! URI templates: which URI belongs to which resource, and what its variables are.

/// A URI, or a template of URIs (RFC 6570, a part of level 3), as the macros have parsed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    text: &'static str,
    parts: &'static [Part],
}

/// One part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands in the URI as it is.
    Literal(&'static str),
    /// `{name}`: one segment, without `/`.
    Segment(&'static str),
    /// `{+name}`: the rest of the path, with its slashes.
    Path(&'static str),
    /// `{?a,b}`: parameters of the query, in any order, each of which may be missing.
    Query(&'static [&'static str]),
}

impl Template {
    /// A template as written and its parts.
    #[must_use]
    pub const fn new(text: &'static str, parts: &'static [Part]) -> Self {
        Self { text, parts }
    }

    /// The template as written.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }
}
