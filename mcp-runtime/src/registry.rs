//! What a server serves, checked and made ready once: components by name, and the lists of them.
//!
//! A registry never changes. One that differs is made from it, and takes its place (see `live`); the entries are shared, so
//! that no schema is compiled twice.

mod catalog;
mod change;
mod entry;
mod guarded;
mod listing;
mod output;

pub(crate) use entry::{Input, PromptEntry, ResourceEntry, ToolEntry};
pub(crate) use guarded::Guarded;
pub(crate) use listing::{Listing, Page};
pub(crate) use output::Shape;

use std::sync::Arc;

use self::catalog::Catalog;
use crate::{
    argument::{Requirements, Variables, normal},
    compat,
    completion::Completers,
    handlers::Component,
    hub::canonical,
};

/// The components of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    tools: Catalog<ToolEntry>,
    resources: Catalog<ResourceEntry>,
    templates: Catalog<ResourceEntry>,
    prompts: Catalog<PromptEntry>,
    pub(crate) tool_list: Arc<Listing<rmcp::model::Tool>>,
    pub(crate) resource_list: Arc<Listing<rmcp::model::Resource>>,
    pub(crate) template_list: Arc<Listing<rmcp::model::ResourceTemplate>>,
    pub(crate) prompt_list: Arc<Listing<rmcp::model::Prompt>>,
    /// Revisions before 2025-06-18 are served, too.
    older: bool,
}

impl Registry {
    /// Makes the components ready. Everything that is wrong with them is told in `problems`, a sentence each.
    pub(crate) fn new(
        components: Vec<Component>,
        older: bool,
        requirements: &mut Vec<(String, Requirements)>,
        problems: &mut Vec<String>,
    ) -> Self {
        let registry = Self {
            older,
            ..Self::default()
        };
        let mut registry = registry.with(components, requirements, problems);
        registry.render();
        registry
    }

    /// A registry with more components behind those of this one. Its lists are still the old ones.
    fn with(
        &self,
        components: Vec<Component>,
        requirements: &mut Vec<(String, Requirements)>,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut registry = self.clone();
        for component in components {
            registry.add(component, requirements, problems);
        }
        registry.refuse_ambiguous_templates(problems);
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
        for (at, template) in self.templates.all().enumerate() {
            for other in self.templates.all().take(at) {
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
        self.render_tools();
        self.render_resources();
        self.render_prompts();
    }

    fn render_tools(&mut self) {
        let tools = listed(self.tools.enabled(), ToolEntry::models);
        let listing = Listing::new(tools);
        self.tool_list = Arc::new(if self.older {
            listing.with_older(compat::older_tool)
        } else {
            listing
        });
    }

    fn render_resources(&mut self) {
        let resources = listed(self.resources.enabled(), |entry| twice(entry.model()));
        self.resource_list = Arc::new(Listing::new(resources));
        let template = |entry: &ResourceEntry| twice(entry.template_model());
        let templates = listed(self.templates.enabled(), template);
        self.template_list = Arc::new(Listing::new(templates));
    }

    fn render_prompts(&mut self) {
        let prompts = listed(self.prompts.enabled(), |entry| twice(entry.model()));
        self.prompt_list = Arc::new(Listing::new(prompts));
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Arc<ToolEntry>> {
        self.tools.get(name)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&Arc<PromptEntry>> {
        self.prompts.get(name)
    }

    /// The resource at `uri` and the variables of its template: a literal URI wins over every template, however it is written.
    pub(crate) fn resource(&self, uri: &str) -> Option<(&Arc<ResourceEntry>, Variables)> {
        let uri = normal(uri);
        if let Some(entry) = self.literal(&uri) {
            return Some((entry, Variables::default()));
        }
        let mut templates = self.templates.enabled();
        templates.find_map(|entry| Some((entry, entry.matcher.matches(&uri)?)))
    }

    /// The resource with a fixed URI. Who may use it must not depend on which letters are escaped.
    fn literal(&self, uri: &str) -> Option<&Arc<ResourceEntry>> {
        let exact = self.resources.get(uri);
        exact.or_else(|| {
            let form = canonical(uri);
            let mut resources = self.resources.enabled();
            resources.find(|entry| entry.canonical == form)
        })
    }

    /// The template or the fixed URI as it is advertised.
    pub(crate) fn template(&self, uri: &str) -> Option<&Arc<ResourceEntry>> {
        self.templates.get(uri).or_else(|| self.resources.get(uri))
    }

    pub(crate) fn closest_tool(
        &self,
        name: &str,
        shown: impl Fn(&ToolEntry) -> bool,
    ) -> Option<&'static str> {
        self.tools.closest(name, shown)
    }

    pub(crate) fn closest_prompt(
        &self,
        name: &str,
        shown: impl Fn(&PromptEntry) -> bool,
    ) -> Option<&'static str> {
        self.prompts.closest(name, shown)
    }

    pub(crate) fn closest_resource(
        &self,
        uri: &str,
        shown: impl Fn(&ResourceEntry) -> bool,
    ) -> Option<&'static str> {
        self.resources.closest(uri, shown)
    }

    pub(crate) fn closest_template(
        &self,
        uri: &str,
        shown: impl Fn(&ResourceEntry) -> bool,
    ) -> Option<&'static str> {
        self.templates.closest(uri, shown)
    }

    pub(crate) fn has_tools(&self) -> bool {
        !self.tools.is_empty()
    }

    pub(crate) fn has_resources(&self) -> bool {
        !(self.resources.is_empty() && self.templates.is_empty())
    }

    pub(crate) fn has_prompts(&self) -> bool {
        !self.prompts.is_empty()
    }

    /// Whether not everybody may use everything.
    pub(crate) fn is_guarded(&self) -> bool {
        self.tool_list.is_guarded()
            || self.resource_list.is_guarded()
            || self.template_list.is_guarded()
            || self.prompt_list.is_guarded()
    }

    /// Whether some resources have tenants.
    pub(crate) fn has_tenants(&self) -> bool {
        self.resource_list.has_tenants() || self.template_list.has_tenants()
    }

    /// Whether an argument of a prompt or a variable of a template completes.
    pub(crate) fn completes(&self) -> bool {
        let prompts = self.prompts.all().map(|entry| &entry.completers);
        let templates = self.templates.all().map(|entry| &entry.completers);
        prompts.chain(templates).any(Completers::any)
    }
}

/// What is listed: who may see it, and how it is defined.
fn listed<'a, E: Guarded + 'static, M>(
    entries: impl Iterator<Item = &'a Arc<E>>,
    models: impl Fn(&E) -> [M; 2],
) -> impl Iterator<Item = (Arc<dyn Guarded>, [M; 2])> {
    entries.map(move |entry| {
        let guarded: Arc<dyn Guarded> = Arc::clone(entry) as Arc<dyn Guarded>;
        (guarded, models(entry))
    })
}

/// A definition that is the same for every revision of the protocol.
fn twice<T: Clone>(model: T) -> [T; 2] {
    [model.clone(), model]
}
