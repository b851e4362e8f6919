//! What a client wants to hear.

use std::{collections::HashMap, sync::Arc};

use rmcp::model::{
    Notification, NotificationNoParam, ResourceUpdatedNotificationParam, ServerNotification,
    SubscriptionFilter,
};

use super::{Change, canonical};

/// How many resources a client may want to hear of, for each stream of notifications and for each session.
pub(crate) const MAX_URIS: usize = 1000;

/// What a client wants to hear.
#[derive(Debug, Default)]
pub(crate) struct Interest {
    tools: bool,
    resources: bool,
    prompts: bool,
    /// The canonical URIs of resources, and each as the client wrote it.
    uris: HashMap<Arc<str>, String>,
}

impl Interest {
    /// Changes of all lists.
    pub(crate) fn in_lists() -> Self {
        Self {
            tools: true,
            resources: true,
            prompts: true,
            uris: HashMap::new(),
        }
    }

    /// What a filter asks for, without the resources that are not `known`.
    pub(crate) fn of(filter: &SubscriptionFilter, known: impl Fn(&str) -> bool) -> Self {
        let wants = |flag| flag == Some(true);
        let mut interest = Self {
            tools: wants(filter.tools_list_changed),
            resources: wants(filter.resources_list_changed),
            prompts: wants(filter.prompts_list_changed),
            uris: HashMap::new(),
        };
        for uri in filter.resource_subscriptions.iter().flatten() {
            if known(uri) {
                interest.add(uri);
            }
        }
        interest
    }

    /// The filter that asks for this, with the resources in the order of the `asked` one.
    pub(crate) fn filter(&self, asked: &SubscriptionFilter) -> SubscriptionFilter {
        let mut filter = SubscriptionFilter::new();
        filter.tools_list_changed = self.tools.then_some(true);
        filter.resources_list_changed = self.resources.then_some(true);
        filter.prompts_list_changed = self.prompts.then_some(true);
        let uris = asked.resource_subscriptions.iter().flatten();
        let uris: Vec<String> = uris
            .filter(|uri| self.uris.get(&*canonical(uri)) == Some(uri))
            .cloned()
            .collect();
        filter.resource_subscriptions = (!uris.is_empty()).then_some(uris);
        filter
    }

    /// Adds the resource at a URI; `false` if there are too many.
    pub(crate) fn add(&mut self, uri: &str) -> bool {
        let canonical = canonical(uri);
        if !self.uris.contains_key(&*canonical) {
            if self.uris.len() >= MAX_URIS {
                return false;
            }
            self.uris.insert(canonical.into(), uri.to_owned());
        }
        true
    }

    /// The resources, each as the client wrote it.
    pub(super) fn uris(&self) -> impl Iterator<Item = &String> {
        self.uris.values()
    }

    /// Takes the resource at a URI out.
    pub(crate) fn remove(&mut self, uri: &str) {
        self.uris.remove(&*canonical(uri));
    }

    /// How a change is told, if the client wants to hear of it.
    pub(super) fn notification(&self, change: &Change) -> Option<ServerNotification> {
        Some(match change {
            Change::Tools if self.tools => {
                ServerNotification::ToolListChangedNotification(no_params())
            }
            Change::Resources if self.resources => {
                ServerNotification::ResourceListChangedNotification(no_params())
            }
            Change::Prompts if self.prompts => {
                ServerNotification::PromptListChangedNotification(no_params())
            }
            Change::Content(uri) => {
                let uri = self.uris.get(uri)?;
                let params = ResourceUpdatedNotificationParam::new(uri);
                ServerNotification::ResourceUpdatedNotification(Notification::new(params))
            }
            _ => return None,
        })
    }

    pub(super) fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools,
            Change::Resources => self.resources,
            Change::Prompts => self.prompts,
            Change::Content(uri) => self.uris.contains_key(uri),
        }
    }
}

fn no_params<M: Default>() -> NotificationNoParam<M> {
    NotificationNoParam {
        method: M::default(),
        extensions: rmcp::model::Extensions::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_told_by_the_uri_that_the_client_wrote_first() {
        let asked = ["NOTE://a%20b", "note://a b", "note://gone"];
        let asked = SubscriptionFilter::builder()
            .resource_subscriptions(asked)
            .build();
        let interest = Interest::of(&asked, |uri| uri != "note://gone");
        let honoured = interest.filter(&asked).resource_subscriptions;
        assert_eq!(honoured, Some(vec!["NOTE://a%20b".to_owned()]));
        let change = Change::Content(canonical("note://a b").into());
        let told = interest.notification(&change);
        let Some(ServerNotification::ResourceUpdatedNotification(told)) = told else {
            panic!("{told:?}");
        };
        assert_eq!(told.params.uri, "NOTE://a%20b");
    }

    #[test]
    fn there_is_an_end_to_the_resources() {
        let mut interest = Interest::default();
        for number in 0..MAX_URIS {
            assert!(interest.add(&format!("note://{number}")));
        }
        assert!(interest.add("note://1"));
        assert!(!interest.add("note://more"));
        interest.remove("NOTE://1");
        assert!(interest.add("note://more"));
    }
}
