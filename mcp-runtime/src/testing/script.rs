//! The answers that a test has prepared, and the methods of [`TestClient`] that prepare them.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::{Answer, Question, TestClient};

impl TestClient {
    /// Answers the question with this key, whatever asks it and however often, with what it asks for: the content of a
    /// form, `()` for a page to visit, what the model says, the folders of the client. [`Answer::accept`] has the details.
    ///
    /// Several answers to one key are given one after another; the last one is given from then on.
    ///
    /// # Panics
    ///
    /// If the content has no JSON form.
    #[track_caller]
    pub fn answer(&self, key: impl Into<String>, content: impl Serialize) {
        self.line.script.add(key, Answer::accept(content));
    }

    /// Says no to the question with this key.
    pub fn decline(&self, key: impl Into<String>) {
        self.line.script.add(key, Answer::decline());
    }

    /// Closes the question with this key without an answer.
    pub fn dismiss(&self, key: impl Into<String>) {
        self.line.script.add(key, Answer::dismiss());
    }

    /// Lets the question with this key wait for its answer, for ever.
    pub fn ignore(&self, key: impl Into<String>) {
        self.line.script.add(key, Answer::ignore());
    }

    /// Answers every question that has no answer of its own key.
    ///
    /// ```
    /// # use mcp_runtime::{Server, serde_json::json, testing::{Answer, QuestionKind, TestClient}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let client = TestClient::connect(Server::new("example", "1.0.0")).await;
    /// client.answer_with(|question| match question.kind {
    ///     QuestionKind::Form if question.key.starts_with("sure-") => Answer::accept(json!({ "yes": true })),
    ///     _ => Answer::decline(),
    /// });
    /// # }
    /// ```
    pub fn answer_with(&self, answer: impl FnMut(&Question) -> Answer + Send + 'static) {
        self.line.script.answer_others(answer);
    }

    /// All questions that were asked so far, in the order in which they were asked.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        self.line.log.read(|told| told.questions.clone())
    }
}

/// The answers that a test has prepared.
#[derive(Debug, Default)]
pub(super) struct Script(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    by_key: HashMap<String, Turns>,
    others: Option<Others>,
}

/// Behind a lock of its own, so that it may prepare answers itself.
type Others = Arc<Mutex<dyn FnMut(&Question) -> Answer + Send>>;

/// The answers to one key, of which the last is given for ever.
#[derive(Debug, Default)]
struct Turns {
    answers: VecDeque<Answer>,
    /// Whether the first one was given.
    given: bool,
}

impl Script {
    /// The answer to a question, if the test has prepared one.
    pub(super) fn answer(&self, question: &Question) -> Option<Answer> {
        let mut script = self.lock();
        if let Some(turns) = script.by_key.get_mut(&question.key) {
            return turns.next();
        }
        let others = Arc::clone(script.others.as_ref()?);
        drop(script);
        let mut others = others.lock().unwrap_or_else(PoisonError::into_inner);
        Some(others(question))
    }

    /// Adds an answer behind those that this key has.
    pub(super) fn add(&self, key: impl Into<String>, answer: Answer) {
        let mut script = self.lock();
        let turns = script.by_key.entry(key.into()).or_default();
        turns.answers.push_back(answer);
    }

    /// Answers the questions whose key has no answer.
    pub(super) fn answer_others(&self, answer: impl FnMut(&Question) -> Answer + Send + 'static) {
        self.lock().others = Some(Arc::new(Mutex::new(answer)));
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    fn next(&mut self) -> Option<Answer> {
        if self.given && self.answers.len() > 1 {
            self.answers.pop_front();
        }
        self.given = true;
        self.answers.front().cloned()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers")
            .field("by_key", &self.by_key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_given_one_after_another_and_the_last_one_for_ever() {
        let mut turns = Turns::default();
        turns.answers.push_back(Answer::accept("a"));
        assert_eq!(turns.next(), Some(Answer::accept("a")));
        assert_eq!(turns.next(), Some(Answer::accept("a")));
        turns.answers.push_back(Answer::accept("b"));
        turns.answers.push_back(Answer::decline());
        assert_eq!(turns.next(), Some(Answer::accept("b")));
        assert_eq!(turns.next(), Some(Answer::decline()));
        assert_eq!(turns.next(), Some(Answer::decline()));
    }
}
