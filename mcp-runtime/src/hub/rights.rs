//! [`Rights`]: whether whoever listens still may.

use std::sync::Arc;

use crate::{Service, context::Caller, service::WeakService};

/// Whether whoever listens still may: asked anew for each change, because what a guard says may be another thing by then.
#[derive(Clone, Debug)]
pub(crate) struct Rights {
    /// A mailbox may belong to the service itself.
    service: WeakService,
    caller: Arc<Caller>,
}

impl Rights {
    /// Those of a caller; `None` if everybody may hear of everything.
    pub(crate) fn of(service: &Service, caller: &Caller) -> Option<Self> {
        service.is_guarded().then(|| Self {
            service: service.downgrade(),
            caller: Arc::new(caller.onlooker()),
        })
    }

    /// Whether the caller may hear of a resource.
    ///
    /// Never with a lock of the hub held: guards are the author's.
    pub(super) fn allow(&self, uri: &str) -> bool {
        let service = self.service.upgrade();
        service.is_some_and(|service| service.may_hear(&self.caller, uri).is_ok())
    }
}
