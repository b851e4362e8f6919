//! The ids of sessions.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use http::{HeaderValue, StatusCode};

use super::super::refused::Refused;

/// How many random bytes an id has: a multiple of three has no padding.
const LENGTH: usize = 18;

/// The id of a session. Who knows it may use the session, so that it is never shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id([u8; LENGTH]);

impl Id {
    /// An id that nobody can guess.
    pub(super) fn random() -> Result<Self, Refused> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(%error, "no randomness for the id of a session");
            let problem = "no session can be opened";
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem)
        })?;
        Ok(Self(bytes))
    }

    /// The id as clients write it.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn text(self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    pub(super) fn header(self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(self.text()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Id(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_it_was_and_is_not_shown() {
        let (one, other) = (Id::random().unwrap(), Id::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(Id::read(one.text().as_bytes()), Some(one));
        assert_eq!(format!("{one:?}"), "Id(..)");
        assert!(one.text().bytes().all(|byte| byte.is_ascii_graphic()));
        for text in ["", "x", "=", "ü", &one.text()[1..], &"a".repeat(4096)] {
            assert_eq!(Id::read(text.as_bytes()), None, "{text}");
        }
    }
}
