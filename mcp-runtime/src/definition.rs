//! [`Definition`]: what the author has said about a handler, for those who decide about calls of it.

use serde_json::Value;

use crate::{
    Kind,
    guard::Rules,
    handlers::Common,
    prompt::Prompt,
    resource::Resource,
    tool::{Hints, Tool},
};

/// What the author of a handler has said about it: for guards and layers, which see many handlers.
///
/// For the hints that a tool leaves out, these are the defaults of the protocol: a tool that says nothing may change and destroy
/// something. Resources and prompts only read.
#[derive(Clone, Copy, Debug)]
pub struct Definition<'a> {
    kind: Kind,
    common: &'a Common,
    /// The URI or the URI template of a resource.
    uri: Option<&'a str>,
    /// Those of a tool.
    hints: Option<&'a Hints>,
}

impl<'a> Definition<'a> {
    /// Whether it is a tool, a resource or a prompt.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.common.name
    }

    /// The URI or the URI template of a resource.
    #[must_use]
    pub fn uri(self) -> Option<&'a str> {
        self.uri
    }

    /// The words that it is grouped by.
    #[must_use]
    pub fn tags(self) -> &'a [&'static str] {
        self.common.tags
    }

    /// Whether it is grouped by a word.
    #[must_use]
    pub fn has_tag(self, tag: &str) -> bool {
        self.common.tags.contains(&tag)
    }

    /// An entry of its `_meta`.
    #[must_use]
    pub fn meta(self, key: &str) -> Option<&'a Value> {
        self.common.meta.get(key)
    }

    /// The scopes that a caller must have, all of them.
    pub fn scopes(self) -> impl Iterator<Item = &'a str> {
        self.common.rules.scopes.iter().map(|scope| &**scope)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn read_only(self) -> bool {
        self.hints.is_none_or(|hints| hints.read_only == Some(true))
    }

    /// Whether it may destroy something, and not only add to it.
    #[must_use]
    pub fn destructive(self) -> bool {
        !self.read_only()
            && self
                .hints
                .is_some_and(|hints| hints.destructive != Some(false))
    }

    /// Whether a second call with the same arguments changes nothing more.
    #[must_use]
    pub fn idempotent(self) -> bool {
        self.read_only()
            || self
                .hints
                .is_some_and(|hints| hints.idempotent == Some(true))
    }

    /// Whether it deals with a world outside of the server.
    #[must_use]
    pub fn open_world(self) -> bool {
        self.hints
            .is_some_and(|hints| hints.open_world != Some(false))
    }
}

impl<'a> Definition<'a> {
    /// Who may use it.
    pub(crate) fn rules(self) -> &'a Rules {
        &self.common.rules
    }

    /// Whether calls of it are about something as a whole, which not everybody may use.
    pub(crate) fn has_tenants(self) -> bool {
        !self.common.tenants.is_empty()
    }
}

impl Tool {
    /// What the author has said about it.
    pub(crate) fn definition(&self) -> Definition<'_> {
        Definition {
            kind: Kind::Tool,
            common: &self.common,
            uri: None,
            hints: Some(&self.hints),
        }
    }
}

impl Resource {
    /// What the author has said about it.
    pub(crate) fn definition(&self) -> Definition<'_> {
        Definition {
            kind: Kind::Resource,
            common: &self.common,
            uri: Some(self.template.text()),
            hints: None,
        }
    }
}

impl Prompt {
    /// What the author has said about it.
    pub(crate) fn definition(&self) -> Definition<'_> {
        Definition {
            kind: Kind::Prompt,
            common: &self.common,
            uri: None,
            hints: None,
        }
    }
}
