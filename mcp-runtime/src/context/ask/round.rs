//! [`Round`]: the questions that a client has to answer before a call goes on, and what it brings back with the answers.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rmcp::model::{ErrorData, InputRequiredResult, MetaObject};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{InputRequest, input_request, journal::Journal};
use crate::{Context, fingerprint::Print, seal::Seal};

/// How many rounds a call may have.
pub(super) const MAX_ROUNDS: usize = 16;

/// How many questions a round may have.
const MAX_QUESTIONS: usize = 8;

/// The longest sealed state, in bytes.
const MAX_STATE: usize = 32 * 1024;

/// For how long a sealed state is taken back.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A round of questions.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) requests: BTreeMap<String, InputRequest>,
    pub(crate) state: String,
    pub(crate) meta: Option<MetaObject>,
}

impl Round {
    /// The round as rmcp has it.
    pub(crate) fn into_model(self) -> Result<InputRequiredResult, ErrorData> {
        let typed = self.requests.into_iter().map(|(key, request)| {
            let request = input_request(&request);
            request.map(|request| (key, request))
        });
        let typed = typed.collect::<Result<_, _>>();
        let typed = typed.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        let mut result = InputRequiredResult::new(Some(typed), Some(self.state));
        result.meta = self.meta;
        Ok(result)
    }
}

impl Serialize for Round {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("resultType", "input_required")?;
        map.serialize_entry("inputRequests", &self.requests)?;
        map.serialize_entry("requestState", &self.state)?;
        if let Some(meta) = &self.meta {
            map.serialize_entry("_meta", meta)?;
        }
        map.end()
    }
}

impl Context {
    /// Seals a round of questions.
    ///
    /// # Errors
    ///
    /// Says which limit the call has gone over.
    pub(crate) fn seal_round(
        &self,
        seal: &Seal,
        requests: BTreeMap<String, InputRequest>,
    ) -> Result<Round, String> {
        if requests.len() > MAX_QUESTIONS {
            return Err(format!(
                "it asks more than {MAX_QUESTIONS} questions at once"
            ));
        }
        let record = self.record();
        if record.round(&requests) > MAX_ROUNDS {
            return Err(format!(
                "it has asked {MAX_ROUNDS} times and is still not done"
            ));
        }
        let expires = now() + LIFETIME.as_secs();
        let text = record.write(expires).map_err(|error| error.to_string())?;
        let state = seal.seal(self.0.asking.about(), text);
        if state.len() > MAX_STATE {
            return Err(format!(
                "what it has to remember is larger than {MAX_STATE} bytes"
            ));
        }
        Ok(Round {
            requests,
            state,
            meta: None,
        })
    }
}

/// The journal of a sealed state that was given out about the same, and not too long ago.
pub(super) fn open(seal: &Seal, about: &Print, state: &str) -> Option<Journal> {
    if state.len() > MAX_STATE {
        return None;
    }
    Journal::read(&seal.open(about, state)?, now())
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_has_expired_is_not_opened() {
        let seal = Seal::new([1; 32], &[]);
        let about = Print::default();
        let state = |expires| seal.seal(&about, Journal::new().write(expires).unwrap());
        assert!(open(&seal, &about, &state(now() + 60)).is_some());
        assert!(open(&seal, &about, &state(now() - 1)).is_none());
    }
}
