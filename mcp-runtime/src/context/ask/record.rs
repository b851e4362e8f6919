//! What a call knows of its questions while it runs: the journal, the answers that the client has just brought, the
//! questions that are open, and what must not be interrupted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    AskError, InputRequest,
    clock::Clock,
    journal::{Answered, Journal, Print},
};

/// The questions of a call.
#[derive(Debug)]
pub(super) struct Record {
    state: Mutex<State>,
    /// Cancelled when the call has ended.
    pub(super) ended: CancellationToken,
}

#[derive(Debug)]
struct State {
    journal: Journal,
    /// Answers that came with the request, each with the question that it must belong to, if that is known.
    brought: BTreeMap<String, (Option<Print>, Value)>,
    /// The questions of this run: under one key stands one question.
    seen: HashMap<String, Print>,
    /// The questions without an answer, and how many wait for each.
    open: BTreeMap<String, (InputRequest, usize)>,
    /// How many `once` have begun and not ended.
    running: usize,
    clock: Clock,
}

/// A question about to be asked.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) print: Print,
    /// Answers that may be good, the best first.
    pub(super) candidates: Vec<Value>,
}

impl Record {
    /// Goes on with the journal of the last round, or begins a new one. Answers without a journal are good for whatever is
    /// asked; with one, they are for the questions of the last round.
    pub(super) fn new(journal: Option<Journal>, answers: BTreeMap<String, Value>) -> Self {
        let resumes = journal.is_some();
        let journal = journal.unwrap_or_else(Journal::new);
        let brought = answers.into_iter().filter_map(|(key, answer)| {
            let asked = journal.asked.get(&key).copied();
            (asked.is_some() || !resumes).then_some((key, (asked, answer)))
        });
        let brought = brought.collect();
        Self {
            state: Mutex::new(State {
                journal,
                brought,
                seen: HashMap::new(),
                open: BTreeMap::new(),
                running: 0,
                clock: Clock::default(),
            }),
            ended: CancellationToken::new(),
        }
    }

    /// The record of another run of the same handler in the same round: what has been answered and done is not asked and done
    /// again.
    #[cfg(feature = "layer")]
    pub(super) fn again(&self) -> Self {
        let state = self.state();
        Self {
            state: Mutex::new(State {
                journal: state.journal.clone(),
                brought: state.brought.clone(),
                seen: HashMap::new(),
                open: BTreeMap::new(),
                running: 0,
                clock: Clock::default(),
            }),
            ended: CancellationToken::new(),
        }
    }

    /// Begins to ask. Sealed answers come before those that the client has just brought.
    ///
    /// # Errors
    ///
    /// If another question of this run has the same key.
    pub(super) fn claim(&self, key: &str, question: &InputRequest) -> Result<Claim, AskError> {
        let mut state = self.state();
        let print = Print::from(question);
        if *state.seen.entry(key.to_owned()).or_insert(print) != print {
            return Err(AskError::misused(format!(
                "two different questions of one call have the key `{key}`"
            )));
        }
        let sealed = state.journal.answers.get(key);
        let sealed = sealed.filter(|answered| answered.question == print);
        let brought = state.brought.get(key);
        let brought = brought.filter(|(asked, _)| asked.is_none_or(|asked| asked == print));
        let candidates = sealed.map(|answered| &answered.answer).into_iter();
        let candidates = candidates
            .chain(brought.map(|(_, answer)| answer))
            .cloned()
            .collect();
        Ok(Claim { print, candidates })
    }

    /// Remembers an answer that was accepted.
    pub(super) fn accept(&self, key: &str, question: Print, answer: Value) {
        let answered = Answered { question, answer };
        self.state()
            .journal
            .answers
            .insert(key.to_owned(), answered);
    }

    /// Puts a question to the client with the next round.
    pub(super) fn open(&self, key: &str, question: InputRequest) {
        self.state()
            .open
            .entry(key.to_owned())
            .or_insert((question, 0))
            .1 += 1;
    }

    /// Nobody waits for the question any more.
    pub(super) fn close(&self, key: &str) {
        let mut state = self.state();
        if let Some((_, waiting)) = state.open.get_mut(key) {
            *waiting -= 1;
            if *waiting == 0 {
                state.open.remove(key);
            }
        }
    }

    /// The open questions, unless there are none or something must be finished first.
    pub(super) fn suspend(&self) -> Option<BTreeMap<String, InputRequest>> {
        let mut state = self.state();
        if state.open.is_empty() || state.running > 0 {
            return None;
        }
        let open = std::mem::take(&mut state.open);
        Some(
            open.into_iter()
                .map(|(key, (question, _))| (key, question))
                .collect(),
        )
    }

    /// Ends a round with these questions, and says how many rounds there were.
    pub(super) fn round(&self, asked: &BTreeMap<String, InputRequest>) -> usize {
        let mut state = self.state();
        let journal = &mut state.journal;
        let prints = asked
            .iter()
            .map(|(key, question)| (key.clone(), Print::from(question)));
        journal.asked = prints.collect();
        journal.rounds += 1;
        journal.rounds
    }

    /// The journal as text, to be read until `expires`.
    pub(super) fn write(&self, expires: u64) -> serde_json::Result<Vec<u8>> {
        self.state().journal.write(expires)
    }

    /// What `once` did under the key.
    pub(super) fn result(&self, key: &str) -> Option<Value> {
        self.state().journal.results.get(key).cloned()
    }

    /// Remembers what `once` did.
    pub(super) fn remember(&self, key: &str, result: Value) {
        self.state().journal.results.insert(key.to_owned(), result);
    }

    /// From here on the handler is not dropped for a question.
    pub(super) fn begin(&self) {
        self.state().running += 1;
    }

    pub(super) fn finish(&self) {
        self.state().running -= 1;
    }

    /// A text that is the same in every round of the call.
    pub(super) fn id(&self) -> String {
        self.state().journal.id.into()
    }

    /// The deadline stands still from here on.
    pub(super) fn hold(&self) {
        self.state().clock.hold();
    }

    pub(super) fn release(&self) {
        self.state().clock.release();
    }

    /// For how long the deadline has stood still, and whether it does so now.
    pub(super) fn stood(&self) -> (Duration, bool) {
        self.state().clock.stood()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
