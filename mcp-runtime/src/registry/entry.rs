//! One component, made ready to serve.

use std::{sync::Arc, time::Duration};

use rmcp::model::{self, MetaObject, ToolAnnotations};
use serde_json::Value;

use super::output::Output;
use crate::{
    argument::{
        HeaderParameter, InputSchema, Matcher, Requirements, Validator, has_secrets,
        header_parameters,
    },
    compat::{self, CacheHints},
    completion::Completers,
    guard::scope_problem,
    handlers::{Common, Form},
    hub::canonical,
    prompt::Prompt,
    resource::Resource,
    tool::Tool,
};

/// The key in `_meta` under which the tags of a component stand.
const TAGS: &str = "mcp-runtime/tags";

/// The arguments of a component: their schema and its compiled form.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) schema: Arc<InputSchema>,
    pub(crate) validator: Validator,
}

/// A tool.
#[derive(Debug)]
pub(crate) struct ToolEntry {
    pub(crate) tool: Tool,
    pub(crate) input: Input,
    pub(crate) output: Output,
    /// The arguments that clients repeat in HTTP headers.
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "only HTTP has headers")
    )]
    pub(crate) headers: Vec<HeaderParameter>,
}

/// A resource or a template.
#[derive(Debug)]
pub(crate) struct ResourceEntry {
    pub(crate) resource: Resource,
    /// The canonical form of its URI.
    pub(crate) canonical: String,
    pub(crate) input: Input,
    pub(crate) matcher: Matcher,
    pub(crate) completers: Completers,
}

/// A prompt.
#[derive(Debug)]
pub(crate) struct PromptEntry {
    pub(crate) prompt: Prompt,
    pub(crate) input: Input,
    pub(crate) completers: Completers,
}

impl Input {
    /// `None` if there is no valid schema, which `problems` then tells.
    fn new(
        common: &Common,
        raw: Option<Value>,
        requirements: &mut Requirements,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let mut schema = InputSchema::new(common.parameters, requirements, problems);
        problems.extend(common.questions.iter().filter_map(Form::problem));
        let scopes = common.rules.scopes.iter();
        problems.extend(scopes.filter_map(|scope| scope_problem(scope)));
        match raw {
            Some(Value::Object(raw)) => schema.replace(raw),
            Some(_) => problems.push("`input_schema` must return an object".into()),
            None => {}
        }
        let validator = Validator::new(Arc::clone(&schema.checked));
        let validator = validator
            .map_err(|problem| problems.push(format!("its input schema is not usable: {problem}")));
        Some(Self {
            schema: Arc::new(schema),
            validator: validator.ok()?,
        })
    }
}

impl ToolEntry {
    pub(crate) fn new(
        mut tool: Tool,
        requirements: &mut Requirements,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let raw = tool.input_schema.map(|schema| schema());
        let input = Input::new(&tool.common, raw, requirements, problems)?;
        tool.common.adopt(requirements);
        let output = Output::new(&tool, problems);
        let headers = header_parameters(&input.schema.advertised, problems);
        Some(Self {
            tool,
            input,
            output,
            headers,
        })
    }

    /// The definition, for the revisions without sessions and for those with.
    pub(crate) fn models(&self) -> [model::Tool; 2] {
        let Common {
            name,
            title,
            description,
            ref icons,
            ..
        } = self.tool.common;
        let mut modern = model::Tool::default();
        modern.name = name.into();
        modern.title = title.map(Into::into);
        modern.description = description.map(Into::into);
        modern.input_schema = Arc::clone(&self.input.schema.advertised);
        modern.output_schema.clone_from(&self.output.schema);
        modern.annotations = self.annotations();
        modern.icons = models(icons);
        modern.meta = meta(&self.tool.common);
        let mut legacy = modern.clone();
        legacy.output_schema = self
            .output
            .schema
            .clone()
            .map(|schema| compat::output_schema(schema, self.output.shape));
        [modern, legacy]
    }

    fn annotations(&self) -> Option<ToolAnnotations> {
        let hints = self.tool.hints;
        let annotations = ToolAnnotations::from_raw(
            None,
            hints.read_only,
            hints.destructive,
            hints.idempotent,
            hints.open_world,
        );
        (annotations != ToolAnnotations::default()).then_some(annotations)
    }
}

impl ResourceEntry {
    pub(crate) fn new(
        mut resource: Resource,
        requirements: &mut Requirements,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let input = Input::new(&resource.common, None, requirements, problems)?;
        resource.common.adopt(requirements);
        let depends = [
            (requirements.principal, "depends on a `Principal`"),
            (!resource.common.rules.is_empty(), "has scopes or a guard"),
            (!resource.common.tenants.is_empty(), "has a tenant"),
        ];
        for (_, what) in depends.iter().filter(|(yes, _)| resource.public && *yes) {
            problems.push(format!(
                "what {what} is not for everybody: remove `scope = \"public\"`"
            ));
        }
        if has_secrets(input.validator.schema()) {
            problems.push(
                "a secret stands in every URI that is written down: take it as the argument of a tool".into(),
            );
        }
        let matcher = Matcher::new(&resource.template);
        let matcher =
            matcher.map_err(|problem| problems.push(format!("its URI template: {problem}")));
        let completers = Completers::new(resource.common.parameters, &input, requirements);
        Some(Self {
            canonical: canonical(resource.template.text()),
            resource,
            input,
            matcher: matcher.ok()?,
            completers,
        })
    }

    /// How long clients may keep what it holds, and who may.
    pub(crate) fn hints(&self) -> CacheHints {
        CacheHints::new(
            Duration::from_millis(self.resource.ttl),
            self.resource.public,
        )
    }

    /// The definition of a resource at a fixed URI.
    pub(crate) fn model(&self) -> model::Resource {
        let Common {
            name,
            title,
            description,
            ref icons,
            ..
        } = self.resource.common;
        let mut resource = model::Resource::new(self.resource.template.text(), name);
        resource.title = title.map(Into::into);
        resource.description = description.map(Into::into);
        resource.mime_type = self.resource.mime_type.map(Into::into);
        resource.size = self.resource.size;
        resource.icons = models(icons);
        resource.annotations = self.annotations();
        resource.meta = meta(&self.resource.common);
        resource
    }

    /// The definition of a template.
    pub(crate) fn template_model(&self) -> model::ResourceTemplate {
        let Common {
            name,
            title,
            description,
            ref icons,
            ..
        } = self.resource.common;
        let mut template = model::ResourceTemplate::new(self.resource.template.text(), name);
        template.title = title.map(Into::into);
        template.description = description.map(Into::into);
        template.mime_type = self.resource.mime_type.map(Into::into);
        template.icons = models(icons);
        template.annotations = self.annotations();
        template.meta = meta(&self.resource.common);
        template
    }

    fn annotations(&self) -> Option<model::Annotations> {
        let Resource {
            audience, priority, ..
        } = self.resource;
        let mut annotations = model::Annotations::default();
        annotations.audience = audience.map(crate::content::Audience::roles);
        annotations.priority = priority;
        (annotations != model::Annotations::default()).then_some(annotations)
    }
}

impl PromptEntry {
    pub(crate) fn new(
        mut prompt: Prompt,
        requirements: &mut Requirements,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let input = Input::new(&prompt.common, None, requirements, problems)?;
        prompt.common.adopt(requirements);
        let completers = Completers::new(prompt.common.parameters, &input, requirements);
        Some(Self {
            prompt,
            input,
            completers,
        })
    }

    /// The definition.
    pub(crate) fn model(&self) -> model::Prompt {
        let Common {
            name,
            title,
            description,
            ref icons,
            ..
        } = self.prompt.common;
        let mut prompt =
            model::Prompt::from_raw(name, description.map(ToOwned::to_owned), self.arguments());
        prompt.title = title.map(Into::into);
        prompt.icons = models(icons);
        prompt.meta = meta(&self.prompt.common);
        prompt
    }

    fn arguments(&self) -> Option<Vec<model::PromptArgument>> {
        let schema = &self.input.schema.advertised;
        let properties = schema.get("properties")?.as_object()?;
        let required = |name: &str| {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|required| required.iter().any(|required| required == name))
        };
        let argument = |(name, schema): (&String, &Value)| {
            let text = |keyword: &str| {
                schema
                    .get(keyword)
                    .and_then(Value::as_str)
                    .map(ToOwned::to_owned)
            };
            let mut argument = model::PromptArgument::new(name).with_required(required(name));
            argument.title = text("title");
            argument.description = text("description");
            argument
        };
        Some(properties.iter().map(argument).collect())
    }
}

fn models(icons: &[crate::Icon]) -> Option<Vec<model::Icon>> {
    (!icons.is_empty()).then(|| icons.iter().cloned().map(crate::Icon::into_model).collect())
}

fn meta(common: &Common) -> Option<MetaObject> {
    let mut meta = common.meta.clone();
    if !common.tags.is_empty() {
        meta.insert(TAGS.into(), common.tags.into());
    }
    (!meta.is_empty()).then(|| MetaObject(meta))
}
