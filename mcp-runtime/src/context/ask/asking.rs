//! What a context holds to ask questions: nothing until the first one.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use serde_json::Value;

use super::{InputRequest, record::Record, round};
use crate::{Context, fingerprint::Print, seal::Seal};

/// How long a question in place may be open, unless the server says otherwise.
pub(crate) const ASK_TIMEOUT: Duration = Duration::from_secs(5 * 60);

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
#[derive(Clone, Debug)]
pub(crate) struct Parent {
    context: Context,
    /// What stands before each key of the inner call.
    prefix: String,
    /// For how long the deadline of the outer call had stood still before the inner one began.
    stood: Duration,
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
            Some(state) => Some(round::open(seal, &about, state)?),
        };
        // It is new, so nothing stands there.
        let _ = asking.record.set(Box::new(Record::new(journal, answers)));
        Some(asking)
    }

    /// What a sealed state of the call is bound to.
    pub(super) fn about(&self) -> &Print {
        &self.about
    }

    #[cfg(test)]
    pub(super) fn is_used(&self) -> bool {
        self.record.get().is_some()
    }

    /// The asking part of a call that is a part of another one.
    pub(crate) fn nested(parent: Parent) -> Self {
        Self {
            parent: Some(Box::new(parent)),
            ..Self::default()
        }
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

    /// The request of the outer call.
    #[cfg(feature = "limits")]
    pub(crate) fn caller(&self) -> &std::sync::Arc<crate::context::Caller> {
        &self.context.0.caller
    }
}

#[cfg(feature = "layer")]
impl Asking {
    /// The asking part of another run of the same handler in the same round.
    pub(in super::super) fn again(&mut self, before: &Self) {
        // What the client brought is there, too: the run before began with the same.
        if let Some(record) = before.record.get() {
            self.record = OnceLock::from(Box::new(record.again()));
        }
    }
}

impl Context {
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

    /// Nothing is asked any more, whoever still holds the context.
    pub(crate) fn end_asking(&self) {
        let asking = &self.0.asking;
        asking.ended.swap(true, Ordering::AcqRel);
        if let Some(record) = asking.record.get().filter(|_| asking.parent.is_none()) {
            record.ended.cancel();
        }
    }

    /// Whether nothing can be asked any more. If not, what waits on the record is woken at the end, provided that the record
    /// was there before.
    pub(super) fn has_ended(&self) -> bool {
        let asking = &self.0.asking;
        let outer = asking.parent.as_ref();
        // A write, so that one of the two sees the other: the end this record, or this the end.
        let ended = asking.ended.fetch_or(false, Ordering::AcqRel);
        ended || outer.is_some_and(|outer| outer.context.has_ended())
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

    /// Whether anything has been asked or remembered in the whole call.
    #[cfg(feature = "cache")]
    pub(crate) fn has_asked(&self) -> bool {
        match &self.0.asking.parent {
            Some(parent) => parent.context.has_asked(),
            None => self.0.asking.record.get().is_some(),
        }
    }

    /// A key, as it is unique in the whole call.
    pub(super) fn whole_key(&self, key: String) -> String {
        match &self.0.asking.parent {
            Some(parent) => parent.context.whole_key(format!("{}{key}", parent.prefix)),
            None => key,
        }
    }

    /// The call that made this one.
    pub(crate) fn outer(&self) -> Option<&Self> {
        self.0.asking.parent.as_ref().map(|parent| &parent.context)
    }

    /// For how long the deadline has stood still, and whether it does so now.
    pub(super) fn stood(&self) -> (Duration, bool) {
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
