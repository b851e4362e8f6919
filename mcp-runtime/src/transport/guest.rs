//! What is known of the client of a connection beside what it says itself.

use std::{fmt, sync::Arc};

use rmcp::model::RequestId;

use crate::Principal;

/// Hears that a request has ended: what its handler held is dropped.
type Ended = Arc<dyn Fn(&RequestId) + Send + Sync>;

/// What is known of the client of a connection beside what it says itself. In most cases that is nothing.
#[derive(Clone, Default)]
pub(crate) struct Guest {
    /// Who uses the client, if the transport has verified it.
    pub(super) principal: Option<Principal>,
    ended: Option<Ended>,
}

impl Guest {
    /// A client that is used by somebody, and hears of the end of its requests also when they are not answered.
    #[cfg(feature = "testing")]
    pub(crate) fn new(principal: Option<Principal>, ended: Ended) -> Self {
        Self {
            principal,
            ended: Some(ended),
        }
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
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}
