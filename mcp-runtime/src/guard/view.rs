//! [`View`]: the registry as one caller sees it.

use std::sync::Arc;

use rmcp::model::{ErrorData, ProtocolVersion};
use serde_json::{Map, Value};

use super::{Access, contained};
use crate::{
    Definition, Kind, Principal, Service,
    argument::Variables,
    context::Caller,
    dispatch::Target,
    hub::canonical,
    refusal,
    registry::{Guarded, PromptEntry, Registry, ResourceEntry, ToolEntry},
};

/// The registry as one caller sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'r, 'c> {
    service: &'c Service,
    registry: &'r Registry,
    caller: &'c Caller,
}

impl<'r> View<'r, '_> {
    pub(crate) fn tool(&self, name: &str) -> Option<&'r Arc<ToolEntry>> {
        let entry = self.registry.tool(name)?;
        self.shows(&**entry).then_some(entry)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&'r Arc<PromptEntry>> {
        let entry = self.registry.prompt(name)?;
        self.shows(&**entry).then_some(entry)
    }

    /// The resource at a URI. If the caller may not use it, there is none: also not one whose template the URI matches.
    pub(crate) fn resource(&self, uri: &str) -> Option<(&'r Arc<ResourceEntry>, Variables)> {
        let (entry, variables) = self.registry.resource(uri)?;
        let definition = entry.definition();
        let allows = || {
            let form = canonical(uri);
            self.allows(definition, |access| access.at(&form))
        };
        (self.is_open(definition) || allows()).then_some((entry, variables))
    }

    /// Whether there is a handler for the caller: a tool or a prompt of this name, or a resource at this URI.
    pub(crate) fn has(&self, kind: Kind, name: &str) -> bool {
        match kind {
            Kind::Tool => self.tool(name).is_some(),
            Kind::Resource => self.resource(name).is_some(),
            Kind::Prompt => self.prompt(name).is_some(),
        }
    }

    /// The template or the fixed URI as it is advertised.
    pub(crate) fn template(&self, uri: &str) -> Option<&'r Arc<ResourceEntry>> {
        let entry = self.registry.template(uri)?;
        self.shows(&**entry).then_some(entry)
    }

    pub(crate) fn closest_tool(&self, name: &str) -> Option<&'static str> {
        self.registry.closest_tool(name, |entry| self.shows(entry))
    }

    pub(crate) fn closest_prompt(&self, name: &str) -> Option<&'static str> {
        self.registry
            .closest_prompt(name, |entry| self.shows(entry))
    }

    pub(crate) fn closest_resource(&self, uri: &str) -> Option<&'static str> {
        self.registry
            .closest_resource(uri, |entry| self.shows(entry))
    }

    pub(crate) fn closest_template(&self, uri: &str) -> Option<&'static str> {
        self.registry
            .closest_template(uri, |entry| self.shows(entry))
    }

    /// Whether the caller may know of a handler.
    pub(crate) fn shows(&self, entry: &dyn Guarded) -> bool {
        self.allows(entry.definition(), |access| access)
    }

    /// Whether the caller may run a handler with these arguments, which have been checked.
    pub(crate) fn permits(&self, target: &Target, arguments: &Map<String, Value>) -> bool {
        let form = target.uri().map(canonical);
        self.allows(target.definition(), |access| {
            let access = access.with(arguments);
            form.as_deref().map_or(access, |uri| access.at(uri))
        })
    }

    /// The very error of a handler that does not exist.
    pub(crate) fn unknown(&self, target: &Target, version: &ProtocolVersion) -> ErrorData {
        match target {
            Target::Tool(..) => refusal::unknown_tool(target.subject(), self),
            Target::Resource(_, uri) => refusal::unknown_resource(uri, self, version),
            Target::Prompt(_) => refusal::unknown_prompt(target.subject(), self),
        }
    }

    fn allows<'b>(
        &'b self,
        definition: Definition<'b>,
        about: impl FnOnce(Access<'b>) -> Access<'b>,
    ) -> bool {
        if self.is_open(definition) {
            return true;
        }
        let (parts, rules) = (self.service.parts(), definition.rules());
        let access = about(Access::new(
            definition,
            self.caller,
            parts.settings.principal.as_ref(),
        ));
        let allow = || parts.rules.allow(&access) && rules.allow(&access);
        contained(definition.name(), allow).unwrap_or(false)
    }

    /// Whether everybody may use a handler.
    fn is_open(&self, definition: Definition<'_>) -> bool {
        definition.rules().is_empty() && self.service.parts().rules.is_empty()
    }
}

impl Service {
    /// Whether not everybody may use everything.
    pub(crate) fn is_guarded(&self) -> bool {
        let registry = self.registry();
        !self.parts().rules.is_empty() || registry.is_guarded() || registry.has_tenants()
    }

    /// All scopes of a handler and of the server that the caller does not have all of; `None` if it has them, or if there is no such
    /// handler for it, be it with all of them. The handler is found by the name of a tool or a prompt, or by the URI of a resource.
    #[cfg_attr(
        not(any(test, feature = "auth")),
        allow(dead_code, reason = "only transports that challenge callers ask")
    )]
    pub(crate) fn missing_scopes(
        &self,
        kind: Kind,
        name: &str,
        caller: &Caller,
    ) -> Option<Vec<String>> {
        let registry = self.registry();
        let definition = match kind {
            Kind::Tool => registry.tool(name)?.definition(),
            Kind::Resource => registry.resource(name)?.0.definition(),
            Kind::Prompt => registry.prompt(name)?.definition(),
        };
        let principal = self.principal(caller)?;
        let of_server = &self.parts().rules.scopes;
        let wanted = || {
            let of_server = of_server.iter().map(|scope| &**scope);
            definition.scopes().chain(of_server)
        };
        if contained(name, || wanted().all(|scope| principal.has_scope(scope)))? {
            return None;
        }
        let mut all: Vec<String> = Vec::new();
        for scope in wanted() {
            if !all.iter().any(|own| own == scope) {
                all.push(scope.to_owned());
            }
        }
        let mut hopeful = caller.onlooker();
        let further = all.iter().cloned();
        hopeful.principal = Some(further.fold(principal.clone(), Principal::with_scope));
        // A guard may hide from it what no scope would show.
        let view = self.view(&registry, &hopeful);
        view.has(kind, name).then_some(all)
    }

    /// A registry as a caller sees it.
    pub(crate) fn view<'r, 'c>(
        &'c self,
        registry: &'r Registry,
        caller: &'c Caller,
    ) -> View<'r, 'c> {
        View {
            service: self,
            registry,
            caller,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Handlers, Kind, Principal, Server,
        context::Caller,
        handlers::CallFuture,
        prompt::{Prompt, PromptReply},
    };

    #[test]
    fn all_scopes_of_a_handler_are_told_to_whoever_lacks_one() {
        let run =
            |_| -> CallFuture<PromptReply> { Box::pin(async { Ok(PromptReply(Vec::new())) }) };
        let prompt = Prompt::new("greet", run).scopes(&["one", "two"]);
        let free = Prompt::new("free", run);
        let own = Handlers::new().with_component(Prompt::new("own", run).scopes(&["one"]));
        let own = own.guard(|access| {
            let subject = access.principal().map(Principal::subject);
            subject == Some("owner") && access.has_scope("one")
        });
        let handlers = Handlers::new().with_component(prompt).with_component(free);
        let service = Server::new("x", "1")
            .add(handlers)
            .add(own)
            .build()
            .unwrap();
        let missing = |name, subject: &str, scopes: &[&str]| {
            let scopes = scopes.iter().copied();
            let principal = scopes.fold(Principal::new(subject), Principal::with_scope);
            let caller = Caller {
                principal: Some(principal),
                ..Caller::detached()
            };
            service.missing_scopes(Kind::Prompt, name, &caller)
        };
        let both = vec!["one".to_owned(), "two".to_owned()];
        assert_eq!(missing("greet", "bob", &[]).as_ref(), Some(&both));
        assert_eq!(missing("greet", "bob", &["two"]), Some(both));
        assert_eq!(missing("greet", "bob", &["two", "one", "three"]), None);
        assert_eq!(missing("free", "bob", &[]), None);
        assert_eq!(missing("gone", "bob", &[]), None);
        assert_eq!(missing("own", "owner", &[]), Some(vec!["one".to_owned()]));
        assert_eq!(missing("own", "bob", &[]), None);
    }

    #[test]
    fn scopes_of_the_server_are_told_with_those_of_a_handler() {
        let run =
            |_| -> CallFuture<PromptReply> { Box::pin(async { Ok(PromptReply(Vec::new())) }) };
        let handlers = Handlers::new()
            .with_component(Prompt::new("greet", run).scopes(&["one", "all"]))
            .with_component(Prompt::new("free", run));
        let server = Server::new("x", "1").add(handlers).scopes(["all"]);
        let service = server.build().unwrap();
        let missing = |name, scopes: &[&str]| {
            let scopes = scopes.iter().copied();
            let caller = Caller {
                principal: Some(scopes.fold(Principal::new("bob"), Principal::with_scope)),
                ..Caller::detached()
            };
            service.missing_scopes(Kind::Prompt, name, &caller)
        };
        let both = Some(vec!["one".to_owned(), "all".to_owned()]);
        assert_eq!(missing("greet", &[]), both);
        assert_eq!(missing("greet", &["one"]), both);
        assert_eq!(missing("greet", &["all"]), both);
        assert_eq!(missing("greet", &["one", "all"]), None);
        assert_eq!(missing("free", &[]), Some(vec!["all".to_owned()]));
        assert_eq!(missing("free", &["all"]), None);
        assert_eq!(missing("gone", &[]), None);
    }
}
