//! What is known of the client of a connection beside what it says itself.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rmcp::model::RequestId;

use crate::Principal;

/// Hears that a request has ended: what its handler held is dropped.
type Ended = Arc<dyn Fn(&RequestId) + Send + Sync>;

/// What is known of the client of a connection beside what it says itself. In most cases that is nothing.
#[derive(Clone, Default)]
pub(crate) struct Guest {
    /// Who uses the client at the moment, if the transport verifies it.
    principal: Option<Arc<Mutex<Option<Principal>>>>,
    ended: Option<Ended>,
}

impl Guest {
    /// A client that is used by somebody, and hears of the end of its requests also when they are not answered.
    #[cfg(feature = "testing")]
    pub(crate) fn new(principal: Arc<Mutex<Option<Principal>>>, ended: Ended) -> Self {
        Self {
            principal: Some(principal),
            ended: Some(ended),
        }
    }

    /// Who uses the client at the moment.
    pub(super) fn principal(&self) -> Option<Principal> {
        let principal = self.principal.as_ref()?.lock();
        principal.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells that a request has ended.
    pub(super) fn ended(&self, id: &RequestId) {
        if let Some(ended) = &self.ended {
            ended(id);
        }
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest")
            .field("principal", &self.principal())
            .finish_non_exhaustive()
    }
}
