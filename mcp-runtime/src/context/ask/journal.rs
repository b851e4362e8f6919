//! The journal of a call: what was answered and done in earlier rounds. It travels with the client, sealed.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::InputRequest;
use crate::{fingerprint::Fingerprint, seal::random};

/// The form in which journals are written. One that is written in another cannot be read.
const VERSION: u8 = 1;

/// What a call remembers from round to round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u8,
    /// The same in every round.
    pub(super) id: Bytes<16>,
    /// Answers that were accepted, each with the question that it belongs to.
    pub(super) answers: BTreeMap<String, Answered>,
    /// What `once` has done.
    pub(super) results: BTreeMap<String, Value>,
    /// The questions of the last round.
    pub(super) asked: BTreeMap<String, Print>,
    /// How many rounds there were.
    pub(super) rounds: usize,
    /// Until when the journal is taken back, in seconds since 1970.
    expires: u64,
}

/// What tells a question from others under the same key.
pub(super) type Print = Bytes<32>;

/// An answer that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Answered {
    pub(super) question: Print,
    pub(super) answer: Value,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self {
            version: VERSION,
            id: Bytes(random()),
            answers: BTreeMap::new(),
            results: BTreeMap::new(),
            asked: BTreeMap::new(),
            rounds: 0,
            expires: 0,
        }
    }

    /// Reads a journal that was written before `now`, in seconds since 1970.
    pub(super) fn read(text: &[u8], now: u64) -> Option<Self> {
        let journal: Self = serde_json::from_slice(text).ok()?;
        (journal.version == VERSION && now < journal.expires).then_some(journal)
    }

    /// Writes the journal, to be read until `expires`.
    pub(super) fn write(&mut self, expires: u64) -> serde_json::Result<Vec<u8>> {
        self.expires = expires;
        serde_json::to_vec(self)
    }
}

impl From<&InputRequest> for Print {
    fn from(question: &InputRequest) -> Self {
        let mut print = Fingerprint::default();
        print.text(question.method);
        print.object(&question.params);
        Self(print.finish())
    }
}

/// Bytes that stand in JSON as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> From<Bytes<N>> for String {
    fn from(bytes: Bytes<N>) -> Self {
        BASE64URL_NOPAD.encode(&bytes.0)
    }
}

impl<const N: usize> TryFrom<String> for Bytes<N> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        let bytes = bytes.map_err(|_| "not base64")?;
        bytes.try_into().map(Self).map_err(|_| "of another length")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_journal_is_read_until_it_expires() {
        let mut journal = Journal::new();
        journal.results.insert("paid".into(), json!(7));
        journal.rounds = 3;
        let text = journal.write(1_000).unwrap();
        let read = Journal::read(&text, 999).unwrap();
        assert_eq!(read.id, journal.id);
        assert_eq!(read.rounds, 3);
        assert_eq!(read.results["paid"], 7);
        assert!(Journal::read(&text, 1_000).is_none());
    }

    #[test]
    fn a_journal_of_another_form_is_not_read() {
        let mut journal = Journal::new();
        journal.version += 1;
        assert!(Journal::read(&journal.write(1_000).unwrap(), 0).is_none());
        assert!(Journal::read(b"{}", 0).is_none());
    }

    #[test]
    fn questions_differ_by_all_that_the_client_is_shown_and_by_nothing_else() {
        let one = InputRequest::new(
            "elicitation/create",
            json!({ "message": "a", "mode": "form" }),
        );
        let same = InputRequest::new(
            "elicitation/create",
            json!({ "mode": "form", "message": "a" }),
        );
        let other = InputRequest::new(
            "elicitation/create",
            json!({ "message": "b", "mode": "form" }),
        );
        assert_eq!(Print::from(&one), Print::from(&same));
        assert_ne!(Print::from(&one), Print::from(&other));
    }
}
