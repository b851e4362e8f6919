//! The lists of what there is.

use rmcp::model::ErrorData;
use serde::Serialize;

use super::{
    super::reply::{self, List},
    params::Params,
};
use crate::{
    Service,
    context::Caller,
    registry::{Listing, Registry},
};

/// Answers a request for a list.
pub(super) fn list(
    service: &Service,
    caller: &Caller,
    params: Params<'_>,
) -> Result<Vec<u8>, ErrorData> {
    let registry = &*service.registry();
    match params.method {
        "tools/list" => page(
            service,
            registry,
            caller,
            &registry.tool_list,
            "tools",
            params,
        ),
        "resources/list" => {
            let resources = &registry.resource_list;
            page(service, registry, caller, resources, "resources", params)
        }
        "resources/templates/list" => {
            let templates = &registry.template_list;
            page(
                service,
                registry,
                caller,
                templates,
                "resourceTemplates",
                params,
            )
        }
        _ => page(
            service,
            registry,
            caller,
            &registry.prompt_list,
            "prompts",
            params,
        ),
    }
}

fn page<T: Clone + Serialize>(
    service: &Service,
    registry: &Registry,
    caller: &Caller,
    listing: &Listing<T>,
    key: &'static str,
    mut params: Params<'_>,
) -> Result<Vec<u8>, ErrorData> {
    let cursor = params.string("cursor")?;
    let cursor = cursor.as_deref();
    let (page, next) = service.page(registry, listing, caller, params.method, cursor)?;
    let modern = !caller.version.has_initialize();
    let list = List {
        key,
        text: page.text(),
        next,
        modern: modern.then(|| service.list_hints(listing)),
        signature: if modern {
            &service.parts().signature
        } else {
            ""
        },
    };
    Ok(reply::list(&caller.id, &list))
}
