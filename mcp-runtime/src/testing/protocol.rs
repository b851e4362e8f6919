//! [`Protocol`]: which revision a test client speaks.

use std::fmt;

use rmcp::model::ProtocolVersion;

/// A revision of the protocol that a [`TestClient`](super::TestClient) speaks.
///
/// ```
/// use mcp_runtime::testing::Protocol;
///
/// assert_eq!(Protocol::MODERN.to_string(), "2026-07-28");
/// assert_eq!(Protocol::LEGACY.to_string(), "2025-11-25");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// 2026-07-28: no sessions, every request says by itself who asks.
    #[default]
    V2026_07_28,
    /// 2025-11-25: a session that `initialize` opens.
    V2025_11_25,
    /// 2025-06-18: a session that `initialize` opens.
    V2025_06_18,
}

impl Protocol {
    /// The newest revision without sessions.
    pub const MODERN: Self = Self::V2026_07_28;

    /// The newest revision with sessions.
    pub const LEGACY: Self = Self::V2025_11_25;

    /// All revisions that are served, newest first.
    pub const ALL: &[Self] = &[Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18];

    /// The revision as it goes over the wire, such as `2025-11-25`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2026_07_28 => "2026-07-28",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2025_06_18 => "2025-06-18",
        }
    }

    pub(super) fn version(self) -> ProtocolVersion {
        match self {
            Self::V2026_07_28 => ProtocolVersion::V_2026_07_28,
            Self::V2025_11_25 => ProtocolVersion::V_2025_11_25,
            Self::V2025_06_18 => ProtocolVersion::V_2025_06_18,
        }
    }

    /// Whether a session is opened before the first request.
    pub(super) fn has_sessions(self) -> bool {
        self.version().has_initialize()
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_speak_every_revision_that_is_served() {
        let spoken: Vec<_> = Protocol::ALL.iter().map(|one| one.version()).collect();
        assert_eq!(spoken, crate::compat::VERSIONS);
        for protocol in Protocol::ALL {
            assert_eq!(protocol.version().as_str(), protocol.as_str());
        }
    }
}
