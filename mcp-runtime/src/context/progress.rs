//! Progress: only for a client that asked, only upwards, and no more often than the server wants.

use std::borrow::Cow;

use tokio::{task::coop::consume_budget, time::Instant};

use super::{Amount, Context};

impl Context {
    /// Tells the client how far the call has got: `done` of `total`, and what is going on.
    ///
    /// Nothing is sent unless the client asked for it, and unless `done` is more than before. A `total` of 0 or less is
    /// not told. After the end of the call, nothing is sent.
    ///
    /// A client hears of progress at most once in [`Server::progress_interval`](crate::Server::progress_interval): steps in
    /// between are skipped, and the last one is always sent, at the latest before the answer.
    pub async fn progress(
        &self,
        done: impl Amount,
        total: impl Amount,
        message: impl Into<String>,
    ) {
        if self.0.reports.has_token() {
            let (done, total) = (done.amount(), total.amount());
            let message = Cow::Owned(message.into());
            let due = self
                .0
                .reports
                .note(|steps| steps.step(done, total, message));
            self.sent(due).await;
        }
    }

    /// Sends what was noted, if it is due. If not, a handler that does nothing else lets others have their turn from time to
    /// time.
    pub(super) async fn sent(&self, due: bool) {
        if due {
            self.flush().await;
        } else {
            consume_budget().await;
        }
    }
}

/// The steps of a call, of which the last one may wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// How far the last step had got.
    last: Option<f64>,
    /// What the handler said last about how much there is to do.
    total: Option<f64>,
    /// How many chunks came before the first step that the handler counts itself: its numbers are added to this.
    chunks: f64,
    /// The handler counts itself.
    counts: bool,
    pub(super) waiting: Option<Step>,
    /// No step is sent before this.
    pub(super) next: Option<Instant>,
}

/// A step that waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) done: f64,
    pub(super) total: Option<f64>,
    /// The chunks that were not sent.
    chunks: String,
    /// What is going on.
    message: String,
}

impl Steps {
    /// Notes how far the handler has got; `false` if that is no step forward.
    pub(super) fn step(&mut self, done: f64, total: f64, message: Cow<'_, str>) -> bool {
        let done = self.chunks + done;
        let forward = self.last.is_none_or(|last| done > last);
        if !done.is_finite() || !forward {
            return false;
        }
        self.counts = true;
        let total = Some(self.chunks + total).filter(|_| total > 0.0 && total.is_finite());
        self.total = total;
        let waiting = self.go(done);
        match message {
            Cow::Borrowed(message) => message.clone_into(&mut waiting.message),
            Cow::Owned(message) => waiting.message = message,
        }
        true
    }

    /// Notes a chunk: a step of its own, or, if the handler counts itself, hardly one.
    pub(super) fn chunk(&mut self, chunk: &str, separator: &str) -> bool {
        let done = match self.last {
            Some(last) if self.counts => last.next_up(),
            _ => self.chunks + 1.0,
        };
        if !done.is_finite() {
            return false;
        }
        if !self.counts {
            self.chunks = done;
        }
        let waiting = self.go(done);
        waiting.message.clear();
        if !waiting.chunks.is_empty() {
            waiting.chunks.push_str(separator);
        }
        waiting.chunks.push_str(chunk);
        true
    }

    /// The steps of another run of the same handler: no step that the client has been told comes again.
    #[cfg(feature = "layer")]
    pub(super) fn again(&self) -> Self {
        Self {
            waiting: None,
            ..*self
        }
    }

    fn go(&mut self, done: f64) -> &mut Step {
        self.last = Some(done);
        let waiting = self.waiting.get_or_insert_default();
        waiting.done = done;
        waiting.total = self.total;
        waiting
    }
}

impl Step {
    /// The chunks that were not sent, and what is going on.
    pub(super) fn into_message(self) -> Option<String> {
        let Self {
            chunks: mut text,
            message,
            ..
        } = self;
        if text.is_empty() {
            text = message;
        } else if !message.is_empty() {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&message);
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would be sent now.
    fn sent(steps: &mut Steps) -> Option<(f64, Option<f64>, Option<String>)> {
        let step = steps.waiting.take()?;
        Some((step.done, step.total, step.into_message()))
    }

    fn message(steps: &mut Steps) -> Option<String> {
        sent(steps)?.2
    }

    #[test]
    fn progress_only_goes_up() {
        let mut steps = Steps::default();
        assert!(steps.step(2.0, 3.0, "two".into()));
        for done in [2.0, 1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!steps.step(done, 0.0, "".into()), "{done}");
        }
        assert_eq!(sent(&mut steps), Some((2.0, Some(3.0), Some("two".into()))));
        assert!(steps.step(2.5, 0.0, "".into()));
        assert_eq!(sent(&mut steps), Some((2.5, None, None)));
    }

    #[test]
    fn a_total_that_is_none_is_not_told() {
        for total in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let mut steps = Steps::default();
            assert!(steps.step(1.0, total, "".into()));
            assert_eq!(sent(&mut steps), Some((1.0, None, None)), "{total}");
        }
    }

    #[test]
    fn the_message_of_a_skipped_step_is_lost() {
        let mut steps = Steps::default();
        steps.step(1.0, 3.0, "one".into());
        steps.step(2.0, 3.0, Cow::Borrowed("two"));
        assert_eq!(sent(&mut steps), Some((2.0, Some(3.0), Some("two".into()))));
        steps.step(3.0, 3.0, "three".into());
        steps.chunk("chunk", "");
        assert_eq!(message(&mut steps).as_deref(), Some("chunk"));
    }

    #[test]
    fn the_chunks_of_skipped_steps_are_joined_to_the_next_one() {
        let mut steps = Steps::default();
        for chunk in ["a", "b", "c"] {
            assert!(steps.chunk(chunk, ""));
        }
        assert_eq!(sent(&mut steps), Some((3.0, None, Some("abc".into()))));
        for item in ["1", "2"] {
            steps.chunk(item, "\n");
        }
        assert_eq!(message(&mut steps).as_deref(), Some("1\n2"));
        steps.chunk("d", "");
        steps.step(1.0, 2.0, "working".into());
        assert_eq!(message(&mut steps).as_deref(), Some("d\nworking"));
        steps.chunk("e\n", "");
        steps.step(2.0, 2.0, "done".into());
        assert_eq!(message(&mut steps).as_deref(), Some("e\ndone"));
    }

    #[test]
    fn chunks_before_the_first_step_of_the_handler_do_not_hide_its_steps() {
        let mut steps = Steps::default();
        steps.chunk("a", "");
        steps.chunk("b", "");
        assert!(steps.step(1.0, 4.0, "one".into()));
        assert_eq!(
            sent(&mut steps),
            Some((3.0, Some(6.0), Some("ab\none".into())))
        );
    }

    #[test]
    fn a_chunk_between_the_steps_of_the_handler_is_hardly_a_step() {
        let mut steps = Steps::default();
        steps.step(1.0, 4.0, "one".into());
        sent(&mut steps);
        assert!(steps.chunk("a", ""));
        let (done, total, _) = sent(&mut steps).unwrap();
        assert!(done > 1.0 && done < 1.001, "{done}");
        assert_eq!(total, Some(4.0));
        assert!(steps.step(2.0, 4.0, "two".into()));
        assert_eq!(sent(&mut steps), Some((2.0, Some(4.0), Some("two".into()))));
        steps.step(f64::MAX, 0.0, "".into());
        assert!(!steps.chunk("b", ""), "there is no larger number");
    }
}
