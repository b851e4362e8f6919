//! Who may hear of changes of a resource: whoever may read it.

use std::sync::Arc;

use rmcp::model::ErrorData;

use crate::{
    Service, argument::from_strings, context::Caller, dispatch::Target, hub::canonical,
    outcome::Failure,
};

impl Service {
    /// Whether a caller may hear of changes of the resource at a URI.
    ///
    /// # Errors
    ///
    /// Why not; `None` if there is no such resource for the caller.
    pub(crate) fn may_hear(&self, caller: &Caller, uri: &str) -> Result<(), Option<ErrorData>> {
        self.may_hear_of(caller, uri)?;
        // Changes are told by this form of the URI, which may be that of another resource.
        let canonical = canonical(uri);
        if canonical == uri {
            return Ok(());
        }
        self.may_hear_of(caller, &canonical)
    }

    fn may_hear_of(&self, caller: &Caller, uri: &str) -> Result<(), Option<ErrorData>> {
        let registry = self.registry();
        let view = self.view(&registry, caller);
        let (entry, variables) = view.resource(uri).ok_or(None)?;
        let common = &entry.resource.common;
        let is_open = self.parts().rules.is_empty() && common.rules.is_empty();
        if is_open && common.tenants.is_empty() {
            return Ok(());
        }
        let target = Target::Resource(Arc::clone(entry), uri.to_owned());
        let validator = &entry.input.validator;
        let mut variables = from_strings(validator.schema(), variables);
        self.normalize(&target, &mut variables);
        // With variables that cannot be there is nothing to decide about, and nothing to hear.
        let variables = variables
            .as_object()
            .filter(|_| validator.check(&variables).is_ok());
        let variables = variables.filter(|variables| view.permits(&target, variables));
        let tenants = self.tenants(&target, caller, variables.ok_or(None)?);
        tenants.map(drop).map_err(|error| {
            let failure = Failure::of(common.name, error, &entry.input);
            Some(failure.into_error(&caller.version, ("uri", uri)))
        })
    }
}
