//! Functions that complete an argument.
//!
//! They have up to four parameters, which the server fills, are `async` or not, and return an iterator or a `Result` of one.
//! Each of these shapes is an implementation of [`Complete`] with a marker of its own, which inference finds.

use std::{
    fmt::{self, Display},
    future::ready,
    sync::Arc,
};

use super::Suggestions;
use crate::{
    Call, CallError, FromCall, Requirements,
    error::HandlerError,
    handlers::{CallFuture, Run},
};

/// A function that completes an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot complete an argument",
    label = "not a function that completes",
    note = "it takes up to four parameters that the server fills, such as `Completion` and `State<…>`, and returns an iterator of anything that is `Display`, such as `Vec<String>`",
    note = "it may be an `async fn` whose future is `Send`, and may return a `Result` of such an iterator"
)]
pub trait Complete<Marker>: Copy + Send + Sync + 'static {
    /// Whether all parameters are filled by the server.
    const ROLES: bool;

    /// Tells what the parameters need.
    fn requirements(requirements: &mut Requirements);

    /// Calls the function. If it does not search by itself, what it returns is ranked.
    fn complete(self, call: Call, searches: bool) -> CallFuture<Suggestions>;
}

/// What a function that completes may return.
pub trait Suggest<Marker> {
    /// Reads the values, as far as a client is told them.
    ///
    /// # Errors
    ///
    /// The error of the function.
    fn suggest(self, reading: &Reading) -> Result<Suggestions, CallError>;
}

/// How values are read.
#[derive(Debug)]
pub struct Reading {
    /// What they are ranked by, unless the function has searched by itself.
    text: Option<String>,
}

/// Marks what returns an iterator.
#[derive(Debug)]
pub struct Values;

/// Marks what fails with an error that is masked.
#[derive(Debug)]
pub struct Masked;

/// Marks what fails with an error that is told.
#[derive(Debug)]
pub struct Told;

impl<I: IntoIterator<Item: Display>> Suggest<Values> for I {
    fn suggest(self, reading: &Reading) -> Result<Suggestions, CallError> {
        let values = self.into_iter();
        Ok(match &reading.text {
            Some(text) => Suggestions::ranked(values, text),
            None => Suggestions::found(values),
        })
    }
}

impl<I: IntoIterator<Item: Display>, E: HandlerError> Suggest<Masked> for Result<I, E> {
    fn suggest(self, reading: &Reading) -> Result<Suggestions, CallError> {
        self.map_err(HandlerError::mask)?.suggest(reading)
    }
}

impl<I: IntoIterator<Item: Display>> Suggest<Told> for Result<I, CallError> {
    fn suggest(self, reading: &Reading) -> Result<Suggestions, CallError> {
        self?.suggest(reading)
    }
}

impl Reading {
    fn new(call: &Call, searches: bool) -> Self {
        let typed = call.completion().filter(|_| !searches);
        Self {
            text: typed.map(|typed| typed.text().to_owned()),
        }
    }
}

/// Marks a function that answers at once.
#[derive(Debug)]
pub struct AtOnce;

/// Marks a function that has to be awaited.
#[derive(Debug)]
pub struct Awaited;

/// Implements the trait for functions with the given parameters.
macro_rules! functions_of {
    ($($role:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, R, M, $($role,)*> Complete<(AtOnce, ($($role,)*), R, M)> for F
        where
            F: Fn($($role),*) -> R + Copy + Send + Sync + 'static,
            R: Suggest<M>,
            $($role: FromCall,)*
        {
            const ROLES: bool = true $(&& $role::ROLE)*;

            fn requirements(_requirements: &mut Requirements) {
                $($role::requirements(_requirements);)*
            }

            fn complete(self, call: Call, searches: bool) -> CallFuture<Suggestions> {
                let output = || Ok(self($($role::from_call(&call)?),*));
                let reading = Reading::new(&call, searches);
                Box::pin(ready(output().and_then(|output| output.suggest(&reading))))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<F, R, M, $($role,)*> Complete<(Awaited, ($($role,)*), R, M)> for F
        where
            F: Fn($($role),*) -> R + Copy + Send + Sync + 'static,
            R: Future<Output: Suggest<M>> + Send + 'static,
            $($role: FromCall,)*
        {
            const ROLES: bool = true $(&& $role::ROLE)*;

            fn requirements(_requirements: &mut Requirements) {
                $($role::requirements(_requirements);)*
            }

            fn complete(self, call: Call, searches: bool) -> CallFuture<Suggestions> {
                let future = || Ok(self($($role::from_call(&call)?),*));
                let reading = Reading::new(&call, searches);
                match future() {
                    Ok(future) => Box::pin(async move { future.await.suggest(&reading) }),
                    Err(error) => Box::pin(ready(Err(error))),
                }
            }
        }
    };
}

functions_of!();
functions_of!(A);
functions_of!(A B);
functions_of!(A B C);
functions_of!(A B C D);

/// A function that completes, as the macros name it in the constant of a parameter.
///
/// The constructor alone asks for `F: Complete`, and keeps what it can do: a function that does not fit is one error, at its
/// path.
pub struct Completing<F> {
    function: fn() -> F,
    completer: fn(F) -> Completer,
}

impl<F> Completing<F> {
    /// Takes the function out of a closure, which is a pointer in a constant where the function would be a value.
    ///
    /// # Panics
    ///
    /// If a parameter is not filled by the server, when the constant is evaluated by the compiler.
    #[must_use]
    #[track_caller]
    pub const fn new<M>(function: fn() -> F) -> Self
    where
        F: Complete<M>,
    {
        assert!(
            F::ROLES,
            "a function that completes takes no arguments: take `Completion`, whose `text()` is what is typed so far"
        );
        Self {
            function,
            completer: Completer::new,
        }
    }
}

/// A function that completes, without its type.
pub trait Completes: Sync {
    /// Makes the function ready to be called.
    fn completer(&self) -> Completer;
}

impl<F> Completes for Completing<F> {
    fn completer(&self) -> Completer {
        (self.completer)((self.function)())
    }
}

impl<F> fmt::Debug for Completing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completing").finish_non_exhaustive()
    }
}

/// A function that completes, ready to be called.
pub struct Completer {
    pub(super) run: Run<Suggestions>,
    pub(super) requirements: Requirements,
}

impl Completer {
    fn new<F: Complete<M>, M>(function: F) -> Self {
        let mut requirements = Requirements::default();
        F::requirements(&mut requirements);
        let searches = requirements.completion;
        Self {
            run: Arc::new(move |call| function.complete(call, searches)),
            requirements,
        }
    }
}

impl fmt::Debug for Completer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer")
            .field("requirements", &self.requirements)
            .finish_non_exhaustive()
    }
}
