//! Registries that differ from another one.

use super::Registry;
use crate::{
    argument::Requirements,
    handlers::{Component, Key, Kind},
};

impl Registry {
    /// A registry with more components, and the kinds of which there are more.
    ///
    /// Everything that is wrong with them is told in `problems`, a sentence each; with problems, it is not served.
    pub(crate) fn adding(
        &self,
        components: Vec<Component>,
        requirements: &mut Vec<(String, Requirements)>,
        problems: &mut Vec<String>,
    ) -> (Self, Vec<Kind>) {
        let mut kinds: Vec<Kind> = components.iter().map(Component::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut registry = self.with(components, requirements, problems);
        for kind in &kinds {
            registry.render_kind(*kind);
        }
        (registry, kinds)
    }

    /// A registry without a component; `None` if there is none of that name.
    pub(crate) fn removing(&self, key: Key) -> Option<Self> {
        self.changed(key, |registry, name| match key.kind {
            Kind::Tool => registry.tools.remove(name),
            Kind::Prompt => registry.prompts.remove(name),
            Kind::Resource => registry.resources.remove(name) || registry.templates.remove(name),
        })
    }

    /// A registry that shows or hides a component; `None` if nothing changes by that.
    pub(crate) fn enabling(&self, key: Key, enabled: bool) -> Option<Self> {
        self.changed(key, |registry, name| match key.kind {
            Kind::Tool => registry.tools.enable(name, enabled),
            Kind::Prompt => registry.prompts.enable(name, enabled),
            Kind::Resource => {
                registry.resources.enable(name, enabled) || registry.templates.enable(name, enabled)
            }
        })
    }

    /// The keys of all components, also of those that are hidden.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let tools = self.tools.names().map(Key::tool);
        let resources = self.resources.names().chain(self.templates.names());
        let prompts = self.prompts.names().map(Key::prompt);
        tools
            .chain(resources.map(Key::resource))
            .chain(prompts)
            .collect()
    }

    fn changed(
        &self,
        key: Key,
        change: impl FnOnce(&mut Self, &'static str) -> bool,
    ) -> Option<Self> {
        let mut registry = self.clone();
        if !change(&mut registry, key.name()) {
            return None;
        }
        registry.render_kind(key.kind);
        Some(registry)
    }

    fn render_kind(&mut self, kind: Kind) {
        match kind {
            Kind::Tool => self.render_tools(),
            Kind::Resource => self.render_resources(),
            Kind::Prompt => self.render_prompts(),
        }
    }
}
