//! Taking a request back.

use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

/// Tells that a request was taken back. The token is made when somebody waits for that, or when it happens: most requests are
/// answered before.
#[derive(Debug, Default)]
pub(crate) struct Cancel(OnceLock<CancellationToken>);

impl Cancel {
    pub(crate) fn token(&self) -> &CancellationToken {
        self.0.get_or_init(CancellationToken::new)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.get().is_some_and(CancellationToken::is_cancelled)
    }

    pub(crate) fn cancel(&self) {
        self.token().cancel();
    }
}

impl From<CancellationToken> for Cancel {
    fn from(token: CancellationToken) -> Self {
        Self(token.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_back_for_those_who_wait_already_and_for_those_who_come_later() {
        let cancel = Cancel::default();
        assert!(!cancel.is_cancelled());
        let waiting = cancel.token().clone();
        cancel.cancel();
        assert!(waiting.is_cancelled() && cancel.is_cancelled());
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(cancel.is_cancelled() && cancel.token().is_cancelled());
    }
}
