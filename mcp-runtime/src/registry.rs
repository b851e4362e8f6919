//! What a server serves, checked and made ready once: components by name, and the lists of them.

mod entry;
mod listing;

pub(crate) use entry::{Input, PromptEntry, ResourceEntry, Shape, ToolEntry};
pub(crate) use listing::{Listing, Page};

use std::collections::HashMap;

use crate::{
    argument::{Requirements, Variables, closest, normal},
    completion::Completers,
    handlers::Component,
};

/// The components of a server.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    tools: Catalog<ToolEntry>,
    resources: Catalog<ResourceEntry>,
    templates: Catalog<ResourceEntry>,
    prompts: Catalog<PromptEntry>,
    pub(crate) tool_list: Listing<rmcp::model::Tool>,
    pub(crate) resource_list: Listing<rmcp::model::Resource>,
    pub(crate) template_list: Listing<rmcp::model::ResourceTemplate>,
    pub(crate) prompt_list: Listing<rmcp::model::Prompt>,
}

/// Entries in the order of their registration, found by name or URI.
#[derive(Debug)]
struct Catalog<E> {
    entries: Vec<E>,
    index: HashMap<&'static str, usize>,
}

impl<E> Default for Catalog<E> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<E> Catalog<E> {
    /// Adds an entry, if there is one; `false` if its name is taken.
    fn insert(&mut self, name: &'static str, entry: Option<E>) -> bool {
        let Some(entry) = entry else { return true };
        let free = self.index.insert(name, self.entries.len()).is_none();
        self.entries.push(entry);
        free
    }

    fn get(&self, name: &str) -> Option<&E> {
        self.index.get(name).map(|&at| &self.entries[at])
    }

    fn closest(&self, name: &str) -> Option<&'static str> {
        // Longer than any name, and the comparison is quadratic.
        let names = || self.index.keys().copied();
        (name.len() <= 256)
            .then(|| closest(name, names()))
            .flatten()
    }
}

impl Registry {
    /// Makes the components ready. Everything that is wrong with them is told in `problems`, a sentence each.
    pub(crate) fn new(
        components: Vec<Component>,
        requirements: &mut Vec<(String, Requirements)>,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut registry = Self::default();
        for component in components {
            registry.add(component, requirements, problems);
        }
        registry.refuse_ambiguous_templates(problems);
        registry.render();
        registry
    }

    fn add(
        &mut self,
        component: Component,
        requirements: &mut Vec<(String, Requirements)>,
        problems: &mut Vec<String>,
    ) {
        let mut needs = Requirements::default();
        let mut mistakes = Vec::new();
        let (what, free) = match component {
            Component::Tool(tool) => {
                let name = tool.common.name;
                let entry = ToolEntry::new(tool, &mut needs, &mut mistakes);
                (format!("tool `{name}`"), self.tools.insert(name, entry))
            }
            Component::Prompt(prompt) => {
                let name = prompt.common.name;
                let entry = PromptEntry::new(prompt, &mut needs, &mut mistakes);
                (format!("prompt `{name}`"), self.prompts.insert(name, entry))
            }
            Component::Resource(resource) => {
                let uri = resource.template.text();
                let fixed = resource.template.is_fixed();
                let entry = ResourceEntry::new(resource, &mut needs, &mut mistakes);
                let catalog = if fixed {
                    &mut self.resources
                } else {
                    &mut self.templates
                };
                (format!("resource `{uri}`"), catalog.insert(uri, entry))
            }
        };
        if !free {
            problems.push(format!(
                "two handlers are registered as {what}: take one of them out, or rename it"
            ));
        }
        problems.extend(
            mistakes
                .into_iter()
                .map(|mistake| format!("{what}: {mistake}")),
        );
        if needs.completion {
            problems.push(format!(
                "{what} takes `Completion`, which only a function has that completes an argument: take it out"
            ));
        }
        requirements.push((what, needs));
    }

    fn refuse_ambiguous_templates(&self, problems: &mut Vec<String>) {
        for (at, template) in self.templates.entries.iter().enumerate() {
            for other in &self.templates.entries[..at] {
                if template
                    .resource
                    .template
                    .overlaps(&other.resource.template)
                {
                    problems.push(format!(
                        "the templates `{}` and `{}` match the same URIs: make their literal parts differ",
                        other.resource.template.text(),
                        template.resource.template.text(),
                    ));
                }
            }
        }
    }

    fn render(&mut self) {
        self.tool_list = Listing::new(self.tools.entries.iter().map(ToolEntry::models));
        self.prompt_list = Listing::new(
            self.prompts
                .entries
                .iter()
                .map(|entry| twice(entry.model())),
        );
        self.resource_list = Listing::new(
            self.resources
                .entries
                .iter()
                .map(|entry| twice(entry.model())),
        );
        self.template_list = Listing::new(
            self.templates
                .entries
                .iter()
                .map(|entry| twice(entry.template_model())),
        );
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&ToolEntry> {
        self.tools.get(name)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&PromptEntry> {
        self.prompts.get(name)
    }

    /// The resource at `uri` and the variables of its template: a literal URI wins over every template.
    pub(crate) fn resource(&self, uri: &str) -> Option<(&ResourceEntry, Variables)> {
        let uri = normal(uri);
        if let Some(entry) = self.resources.get(&uri) {
            return Some((entry, Variables::default()));
        }
        let mut templates = self.templates.entries.iter();
        templates.find_map(|entry| Some((entry, entry.matcher.matches(&uri)?)))
    }

    /// The template or the fixed URI as it is advertised.
    pub(crate) fn template(&self, uri: &str) -> Option<&ResourceEntry> {
        self.templates.get(uri).or_else(|| self.resources.get(uri))
    }

    pub(crate) fn closest_tool(&self, name: &str) -> Option<&'static str> {
        self.tools.closest(name)
    }

    pub(crate) fn closest_prompt(&self, name: &str) -> Option<&'static str> {
        self.prompts.closest(name)
    }

    pub(crate) fn closest_resource(&self, uri: &str) -> Option<&'static str> {
        self.resources.closest(uri)
    }

    pub(crate) fn closest_template(&self, uri: &str) -> Option<&'static str> {
        self.templates.closest(uri)
    }

    pub(crate) fn has_tools(&self) -> bool {
        !self.tools.entries.is_empty()
    }

    pub(crate) fn has_resources(&self) -> bool {
        !(self.resources.entries.is_empty() && self.templates.entries.is_empty())
    }

    pub(crate) fn has_prompts(&self) -> bool {
        !self.prompts.entries.is_empty()
    }

    /// Whether an argument of a prompt or a variable of a template completes.
    pub(crate) fn completes(&self) -> bool {
        let prompts = self.prompts.entries.iter().map(|entry| &entry.completers);
        let templates = self.templates.entries.iter().map(|entry| &entry.completers);
        prompts.chain(templates).any(Completers::any)
    }
}

/// A definition that is the same for every revision of the protocol.
fn twice<T: Clone>(model: T) -> [T; 2] {
    [model.clone(), model]
}
