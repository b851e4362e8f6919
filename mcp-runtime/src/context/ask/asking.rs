//! What a context holds to ask questions: nothing until the first one.

use rmcp::model::{ErrorData, InputRequiredResult};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::task::AtomicWaker;
use serde_json::Value;
use tokio::time::Instant;

use super::{InputRequest, input_request, journal::Journal, record::Record};
use crate::{Context, fingerprint::Print, seal::Seal};

/// How many rounds of questions a call may have.
pub(super) const MAX_ROUNDS: usize = 16;

/// How many questions a round may have.
const MAX_QUESTIONS: usize = 8;

/// The longest sealed state, in bytes.
const MAX_STATE: usize = 32 * 1024;

/// For how long a sealed state is taken back.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long a question in place may be open, unless the server says otherwise.
pub(crate) const ASK_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// How often a deadline that stands still is looked at, at most.
const LOOK: Duration = Duration::from_millis(100);

/// The asking part of a context.
pub(crate) struct Asking {
    /// What a sealed state of the call is bound to.
    about: Print,
    /// The call that this one is a part of: it has the questions of both.
    parent: Option<Box<Parent>>,
    /// The driver of the call, while it waits.
    driver: AtomicWaker,
    ended: AtomicBool,
    record: OnceLock<Box<Record>>,
}

/// The call that another one is a part of.
#[derive(Debug)]
pub(crate) struct Parent {
    context: Context,
    /// What stands before each key of the inner call.
    prefix: String,
    /// For how long the deadline of the outer call had stood still before the inner one began.
    stood: Duration,
}

/// Questions that the client has to answer before the call goes on, and what it brings back with the answers.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) requests: BTreeMap<String, InputRequest>,
    pub(crate) state: String,
}

impl Default for Asking {
    /// For a call that is not asked in rounds.
    fn default() -> Self {
        Self::new(Print::default())
    }
}

impl Asking {
    /// Nothing has been asked yet.
    pub(crate) fn new(about: Print) -> Self {
        Self {
            about,
            parent: None,
            driver: AtomicWaker::new(),
            ended: AtomicBool::new(false),
            record: OnceLock::new(),
        }
    }

    /// Goes on with what the client brings; `None` if the state was not sealed for this.
    pub(crate) fn resume(
        seal: &Seal,
        about: Print,
        state: Option<&str>,
        answers: BTreeMap<String, Value>,
    ) -> Option<Self> {
        let asking = Self::new(about);
        let journal = match state {
            None if answers.is_empty() => return Some(asking),
            None => None,
            Some(state) if state.len() > MAX_STATE => return None,
            Some(state) => Some(Journal::read(&seal.open(&about, state)?, now())?),
        };
        // It is new, so nothing stands there.
        let _ = asking.record.set(Box::new(Record::new(journal, answers)));
        Some(asking)
    }

    /// The asking part of a call that is a part of another one.
    pub(crate) fn nested(parent: Parent) -> Self {
        Self {
            parent: Some(Box::new(parent)),
            ..Self::default()
        }
    }
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
        Ok(InputRequiredResult::new(Some(typed), Some(self.state)))
    }
}

impl Serialize for Round {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("resultType", "input_required")?;
        map.serialize_entry("inputRequests", &self.requests)?;
        map.serialize_entry("requestState", &self.state)?;
        map.end()
    }
}

impl Parent {
    /// The call of `context`, for one whose keys begin with `prefix`.
    pub(crate) fn new(context: &Context, prefix: String) -> Self {
        let (stood, _) = context.stood();
        Self {
            context: context.clone(),
            prefix,
            stood,
        }
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
        let state = seal.seal(&self.0.asking.about, text);
        if state.len() > MAX_STATE {
            return Err(format!(
                "what it has to remember is larger than {MAX_STATE} bytes"
            ));
        }
        Ok(Round { requests, state })
    }

    /// The open questions of a call whose handler waits, unless it has to wait for something else first. Otherwise the
    /// driver is woken when that has changed.
    pub(crate) fn suspend(&self, driver: &Waker) -> Option<BTreeMap<String, InputRequest>> {
        let asking = &self.0.asking;
        if asking.parent.is_some() {
            return None;
        }
        asking.driver.register(driver);
        asking.record.get()?.suspend()
    }

    /// The point in time at which the deadline has passed if it does not stand still from now on; `None` if it has passed.
    pub(crate) fn deadline_from_now(&self) -> Option<Instant> {
        let (_, standing) = self.stood();
        let now = Instant::now();
        let deadline = self.moved_deadline()?;
        let next = if standing {
            deadline.max(now + LOOK)
        } else {
            deadline
        };
        (deadline > now).then_some(next)
    }

    /// The deadline, with the time that it has stood still.
    pub(crate) fn moved_deadline(&self) -> Option<Instant> {
        let (stood, _) = self.stood();
        self.0
            .begun
            .checked_add(self.0.timeout?)?
            .checked_add(stood)
    }

    /// Nothing is asked any more, whoever still holds the context.
    pub(crate) fn end_asking(&self) {
        let asking = &self.0.asking;
        asking.ended.store(true, Ordering::Release);
        if let Some(record) = asking.record.get().filter(|_| asking.parent.is_none()) {
            record.ended.cancel();
        }
    }

    /// Whether nothing can be asked any more.
    pub(super) fn has_ended(&self) -> bool {
        let asking = &self.0.asking;
        let outer = asking.parent.as_ref();
        asking.ended.load(Ordering::Acquire) || outer.is_some_and(|outer| outer.context.has_ended())
    }

    /// How long a question in place may be open.
    pub(super) fn ask_timeout(&self) -> Duration {
        let service = self.0.service.as_ref();
        service.map_or(ASK_TIMEOUT, |service| service.parts().settings.ask_timeout)
    }

    /// Has the driver look at the questions.
    pub(super) fn wake_driver(&self) {
        match &self.0.asking.parent {
            Some(parent) => parent.context.wake_driver(),
            None => self.0.asking.driver.wake(),
        }
    }

    /// What the call knows of its questions.
    pub(super) fn record(&self) -> &Record {
        match &self.0.asking.parent {
            Some(parent) => parent.context.record(),
            None => self
                .0
                .asking
                .record
                .get_or_init(|| Box::new(Record::new(None, BTreeMap::new()))),
        }
    }

    /// A key, as it is unique in the whole call.
    pub(super) fn whole_key(&self, key: String) -> String {
        match &self.0.asking.parent {
            Some(parent) => parent.context.whole_key(format!("{}{key}", parent.prefix)),
            None => key,
        }
    }

    /// For how long the deadline has stood still, and whether it does so now.
    fn stood(&self) -> (Duration, bool) {
        match &self.0.asking.parent {
            Some(parent) => {
                let (stood, standing) = parent.context.stood();
                (stood.saturating_sub(parent.stood), standing)
            }
            None => self
                .0
                .asking
                .record
                .get()
                .map_or_else(Default::default, |record| record.stood()),
        }
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
