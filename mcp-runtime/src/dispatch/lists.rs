//! The lists of what a server offers, a page at a time.

use rmcp::model::{
    ErrorData, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
};

use crate::{
    Service,
    compat::CacheHints,
    context::Caller,
    cursor, refusal,
    registry::{Listing, Page, Registry},
};

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident, $method:literal, $listing:ident => $result:ident;)+) => {
        impl Service { $(
            $(#[$doc])*
            pub(crate) fn $name(&self, caller: &Caller, cursor: Option<&str>) -> Result<$result, ErrorData> {
                let registry = self.registry();
                let (page, next) = self.page(&registry, &registry.$listing, caller, $method, cursor)?;
                let mut result = $result::with_all_items(page.models());
                result.next_cursor = next;
                let hints = self.list_hints(&registry.$listing);
                (result.ttl_ms, result.cache_scope) = hints.told(&caller.version);
                self.stamp(&caller.version, &mut result.meta);
                Ok(result)
            }
        )+ }
    };
}

lists! {
    /// `tools/list`.
    list_tools, "tools/list", tool_list => ListToolsResult;
    /// `resources/list`.
    list_resources, "resources/list", resource_list => ListResourcesResult;
    /// `resources/templates/list`.
    list_resource_templates, "resources/templates/list", template_list => ListResourceTemplatesResult;
    /// `prompts/list`.
    list_prompts, "prompts/list", prompt_list => ListPromptsResult;
}

impl Service {
    /// How long a list may be kept, and by whom.
    pub(crate) fn list_hints<T: serde::Serialize>(&self, listing: &Listing<T>) -> CacheHints {
        let settings = &self.parts().settings;
        let public = settings.public_lists && !self.guards(listing);
        CacheHints::new(settings.list_ttl, public)
    }

    /// Whether a list differs by who asks for it.
    fn guards<T: serde::Serialize>(&self, listing: &Listing<T>) -> bool {
        !self.parts().rules.is_empty() || listing.is_guarded()
    }

    /// The page of a list that `cursor` stands for, and the cursor of the next one.
    pub(crate) fn page<'a, T: serde::Serialize>(
        &self,
        registry: &Registry,
        listing: &'a Listing<T>,
        caller: &Caller,
        method: &str,
        cursor: Option<&str>,
    ) -> Result<(Page<'a, T>, Option<String>), ErrorData> {
        let start = match cursor {
            None => 0,
            Some(cursor) => cursor::open(&self.parts().seal, method, cursor)
                .ok_or_else(|| refusal::cursor(method))?,
        };
        if !self.serves(method) {
            return Err(refusal::method(method));
        }
        let (version, size) = (&caller.version, self.parts().settings.page_size);
        let page = if self.guards(listing) {
            let view = self.view(registry, caller);
            listing.page_of(version, start, size, |entry| view.shows(entry))
        } else {
            listing.page(version, start, size)
        };
        let next = page
            .next
            .map(|next| cursor::seal(&self.parts().seal, method, next));
        Ok((page, next))
    }
}
