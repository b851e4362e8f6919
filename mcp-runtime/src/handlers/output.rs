//! What a handler returns, decided by its return type alone.
//!
//! A handler returns a value or a `Result`, and the error of a `Result` either says itself what the client is told or is
//! masked. Three blanket implementations would overlap; method resolution tells the cases apart instead.
//! `Output::<T>::tool()` is the inherent function if `T` is a `Result`, and that of [`PlainTier`] otherwise;
//! `(&fallible).finish()` is that of [`ErrorTier`] if the error is an [`IntoCallError`], and one reference further that of
//! [`MaskedTier`]. The last tier of each carries the bound, so that a type that does not fit is one readable error at the
//! return type.

use std::{future::ready, marker::PhantomData};

use schemars::{Schema, SchemaGenerator};

use super::CallFuture;
use crate::{
    AskError,
    error::{CallError, HandlerError, IntoCallError},
    prompt::{PromptOutput, PromptReply},
    resource::{ResourceOutput, ResourceReply},
    tool::{ToolOutput, ToolReply},
};

/// The schema of what a tool returns.
pub type OutputSchema = fn(&mut SchemaGenerator) -> Option<Schema>;

/// The return type `T` of a handler.
#[derive(Debug)]
pub struct Output<T>(PhantomData<fn() -> T>);

impl<T, E> Output<Result<T, E>> {
    /// A tool that can fail.
    #[must_use]
    pub fn tool() -> Fallible<T, E, ToolReply>
    where
        T: ToolOutput,
    {
        Fallible {
            ok: Plain {
                convert: T::into_reply,
                schema: T::schema,
            },
            error: PhantomData,
        }
    }

    /// A resource that can fail.
    #[must_use]
    pub fn resource() -> Fallible<T, E, ResourceReply>
    where
        T: ResourceOutput,
    {
        Fallible {
            ok: Plain {
                convert: T::into_reply,
                schema: |_| None,
            },
            error: PhantomData,
        }
    }

    /// A prompt that can fail.
    #[must_use]
    pub fn prompt() -> Fallible<T, E, PromptReply>
    where
        T: PromptOutput,
    {
        Fallible {
            ok: Plain {
                convert: T::into_reply,
                schema: |_| None,
            },
            error: PhantomData,
        }
    }
}

/// The handlers that cannot fail.
pub trait PlainTier<T> {
    /// A tool that cannot fail.
    #[must_use]
    fn tool() -> Plain<T, ToolReply>
    where
        T: ToolOutput;
    /// A resource that cannot fail.
    #[must_use]
    fn resource() -> Plain<T, ResourceReply>
    where
        T: ResourceOutput;
    /// A prompt that cannot fail.
    #[must_use]
    fn prompt() -> Plain<T, PromptReply>
    where
        T: PromptOutput;
}

impl<T> PlainTier<T> for Output<T> {
    fn tool() -> Plain<T, ToolReply>
    where
        T: ToolOutput,
    {
        Plain {
            convert: T::into_reply,
            schema: T::schema,
        }
    }

    fn resource() -> Plain<T, ResourceReply>
    where
        T: ResourceOutput,
    {
        Plain {
            convert: T::into_reply,
            schema: |_| None,
        }
    }

    fn prompt() -> Plain<T, PromptReply>
    where
        T: PromptOutput,
    {
        Plain {
            convert: T::into_reply,
            schema: |_| None,
        }
    }
}

/// How a `T` becomes a reply.
#[derive(Debug)]
pub struct Plain<T, R> {
    convert: fn(T) -> Result<R, CallError>,
    schema: OutputSchema,
}

impl<T, R> Clone for Plain<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R> Copy for Plain<T, R> {}

impl<T: 'static, R: Send + 'static> Plain<T, R> {
    /// Nothing is left to decide.
    #[must_use]
    pub fn finish(&self) -> Self {
        *self
    }

    /// Runs a handler that is a future.
    pub fn run(self, handler: impl Future<Output = T> + Send + 'static) -> CallFuture<R> {
        Box::pin(async move { self.reply(handler.await) })
    }

    /// Runs a handler that the answers to its questions come before.
    pub fn run_asked(
        self,
        handler: impl Future<Output = Result<T, AskError>> + Send + 'static,
    ) -> CallFuture<R> {
        Box::pin(async move { self.reply(handler.await?) })
    }

    /// Answers with what a handler returned at once.
    #[must_use]
    pub fn ready(self, output: T) -> CallFuture<R> {
        Box::pin(ready(self.reply(output)))
    }

    pub(super) fn reply(self, output: T) -> Result<R, CallError> {
        (self.convert)(output)
    }
}

impl<T, R> HasSchema for Plain<T, R> {
    fn schema(&self) -> OutputSchema {
        self.schema
    }
}

/// A `Result<T, E>` whose error is still to be decided about.
#[derive(Debug)]
pub struct Fallible<T, E, R> {
    ok: Plain<T, R>,
    error: PhantomData<fn(E)>,
}

/// Errors that say themselves what the client is told.
pub trait ErrorTier<T, E, R> {
    /// Takes their word.
    fn finish(&self) -> Fallibly<T, E, R>;
}

impl<T, E: IntoCallError, R> ErrorTier<T, E, R> for Fallible<T, E, R> {
    fn finish(&self) -> Fallibly<T, E, R> {
        Fallibly {
            ok: self.ok,
            error: E::into_call_error,
        }
    }
}

/// All other errors.
pub trait MaskedTier<T, E, R> {
    /// Masks them.
    fn finish(&self) -> Fallibly<T, E, R>
    where
        E: HandlerError;
}

impl<T, E, R> MaskedTier<T, E, R> for &Fallible<T, E, R> {
    fn finish(&self) -> Fallibly<T, E, R>
    where
        E: HandlerError,
    {
        Fallibly {
            ok: self.ok,
            error: E::mask,
        }
    }
}

/// How a `Result<T, E>` becomes a reply.
#[derive(Debug)]
pub struct Fallibly<T, E, R> {
    ok: Plain<T, R>,
    error: fn(E) -> CallError,
}

impl<T, E, R> Clone for Fallibly<T, E, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E, R> Copy for Fallibly<T, E, R> {}

impl<T: 'static, E: 'static, R: Send + 'static> Fallibly<T, E, R> {
    /// Runs a handler that is a future.
    pub fn run(
        self,
        handler: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> CallFuture<R> {
        Box::pin(async move { self.reply(handler.await) })
    }

    /// Runs a handler that the answers to its questions come before.
    pub fn run_asked(
        self,
        handler: impl Future<Output = Result<Result<T, E>, AskError>> + Send + 'static,
    ) -> CallFuture<R> {
        Box::pin(async move { self.reply(handler.await?) })
    }

    /// Answers with what a handler returned at once.
    #[must_use]
    pub fn ready(self, output: Result<T, E>) -> CallFuture<R> {
        Box::pin(ready(self.reply(output)))
    }

    pub(super) fn reply(self, output: Result<T, E>) -> Result<R, CallError> {
        (self.ok.convert)(output.map_err(self.error)?)
    }
}

impl<T, E, R> HasSchema for Fallibly<T, E, R> {
    fn schema(&self) -> OutputSchema {
        self.ok.schema
    }
}

/// An output whose schema can be told.
pub trait HasSchema {
    /// The schema of the structured content.
    #[doc(hidden)]
    fn schema(&self) -> OutputSchema;

    /// Whether the result is a list of what the schema describes.
    #[doc(hidden)]
    fn is_list(&self) -> bool {
        false
    }
}
