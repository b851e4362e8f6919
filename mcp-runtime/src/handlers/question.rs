//! Parameters that the user is asked for, decided by their type alone.
//!
//! A parameter is the answer, and the call ends without one; or it is a `Result` of the answer, and the handler goes on in any
//! case. Method resolution tells them apart, as it does for return types: `Asked::<T>::question` is the inherent function if
//! `T` is a `Result` with an [`AskError`], and that of [`AnswerTier`] otherwise.

use std::{marker::PhantomData, pin::Pin};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{AskError, Call, Context, context::check_form};

/// What the answer to a question can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer to a question",
    label = "no form for the user",
    note = "derive `serde::Deserialize` and `schemars::JsonSchema` for a struct of what the user fills in, or take `()` for nothing but consent",
    note = "take `Result<…, mcp_runtime::AskError>` to go on without an answer"
)]
pub trait Answer: JsonSchema + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema + DeserializeOwned + Send + 'static> Answer for T {}

/// The type of a parameter that the user is asked for.
#[derive(Debug)]
pub struct Asked<P>(PhantomData<fn() -> P>);

impl<T> Asked<Result<T, AskError>> {
    /// A question without whose answer the handler goes on.
    #[must_use]
    pub fn question(name: &'static str) -> Question<Result<T, AskError>>
    where
        T: Answer,
    {
        Question {
            name,
            ask: |context, key, message| {
                let asked = context.elicit(key, message);
                Box::pin(async move { Ok(asked.await) })
            },
            check: check_form::<T>,
        }
    }
}

/// The questions without whose answer the call ends.
pub trait AnswerTier<T> {
    /// A question that has to be answered.
    #[must_use]
    fn question(name: &'static str) -> Question<T>
    where
        T: Answer;
}

impl<T> AnswerTier<T> for Asked<T> {
    fn question(name: &'static str) -> Question<T>
    where
        T: Answer,
    {
        Question {
            name,
            ask: |context, key, message| Box::pin(context.elicit(key, message)),
            check: check_form::<T>,
        }
    }
}

/// A question on its way: the value of the parameter, or why the call ends.
pub type Answering<P> = Pin<Box<dyn Future<Output = Result<P, AskError>> + Send>>;

/// A question whose answer becomes a parameter of type `P`.
#[derive(Debug)]
pub struct Question<P> {
    name: &'static str,
    ask: fn(&Context, &'static str, String) -> Answering<P>,
    check: fn() -> Result<(), String>,
}

impl<P> Clone for Question<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Question<P> {}

impl<P> Question<P> {
    /// Asks: from here on the question is open, whether anybody waits for it or not.
    pub fn ask(&self, call: &Call, message: impl Into<String>) -> Answering<P> {
        (self.ask)(call.context(), self.name, message.into())
    }

    /// What is asked, without its type.
    #[must_use]
    pub fn form(&self) -> Form {
        Form {
            name: self.name,
            check: self.check,
        }
    }
}

/// The form of a question, to be checked when the server is built.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    name: &'static str,
    check: fn() -> Result<(), String>,
}

impl Form {
    /// What is wrong with the type of the answer, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        let problem = (self.check)().err()?;
        Some(format!("the question `{}`: {problem}", self.name))
    }
}
