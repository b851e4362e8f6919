//! Tools: their definition and what they may return.

use std::{fmt, sync::Arc};

use rmcp::model::CallToolResult;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Call, CallError, Contents,
    content::Content,
    handlers::{CallFuture, Common, HasSchema, OutputSchema, Run, common_setters},
};

/// What a tool may return.
///
/// Every type that is `Serialize` and `JsonSchema` is: it becomes structured content with an output schema, beside its JSON
/// as text. A type whose schema is a string (`String`, `&str`, a date) is text only, `()` is nothing. [`Content`] and
/// [`Contents`] are text, images, audio and resources; [`Raw`] is the protocol's own result. A tool may also return
/// `impl Stream` of one of these.
///
/// Implement it for a type of yours that is neither, by way of one that is:
///
/// ```
/// use mcp_runtime::{CallError, Content, ToolOutput, ToolReply, schemars, tool};
///
/// struct Chart(Vec<u8>);
///
/// impl ToolOutput for Chart {
///     fn into_reply(self) -> Result<ToolReply, CallError> {
///         Content::image(self.0, "image/png").into_reply()
///     }
///
///     fn schema(_generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
///         None
///     }
/// }
///
/// /// Draws a chart.
/// #[tool]
/// fn chart() -> Chart {
///     Chart(vec![])
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "not a tool result",
    note = "derive `serde::Serialize` and `schemars::JsonSchema` for `{Self}` or for what is in it, or return `Content` or `Contents`"
)]
pub trait ToolOutput: Sized {
    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// If the value has no JSON form; the error is internal.
    fn into_reply(self) -> Result<ToolReply, CallError>;

    /// The schema of the structured content, if there is any.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ToolOutput for T {
    fn into_reply(self) -> Result<ToolReply, CallError> {
        Ok(ToolReply(Inner::Json(serde_json::to_value(self)?)))
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
}

#[diagnostic::do_not_recommend]
impl ToolOutput for Contents {
    fn into_reply(self) -> Result<ToolReply, CallError> {
        Ok(ToolReply(Inner::Contents(self)))
    }

    fn schema(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl ToolOutput for Content {
    fn into_reply(self) -> Result<ToolReply, CallError> {
        Contents::from(self).into_reply()
    }

    fn schema(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// The protocol's own result, as it goes to the client: for what the other return types cannot say.
///
/// ```
/// use mcp_runtime::{Raw, rmcp::model::{CallToolResult, ContentBlock}, tool};
///
/// /// Answers with a result made by hand.
/// #[tool]
/// fn by_hand() -> Raw {
///     Raw(CallToolResult::success(vec![ContentBlock::text("done")]))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Raw(pub CallToolResult);

#[diagnostic::do_not_recommend]
impl ToolOutput for Raw {
    fn into_reply(self) -> Result<ToolReply, CallError> {
        Ok(ToolReply(Inner::Raw(self.0.into())))
    }

    fn schema(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// What a tool answers, before it is fitted to the revision of the protocol that the client speaks.
#[derive(Debug)]
pub struct ToolReply(pub(crate) Inner);

#[derive(Debug)]
pub(crate) enum Inner {
    Json(Value),
    Contents(Contents),
    /// In a box, so that it does not make the others larger.
    Raw(Box<CallToolResult>),
}

/// A tool.
#[derive(Clone)]
pub struct Tool {
    pub(crate) common: Common,
    pub(crate) hints: Hints,
    pub(crate) input_schema: Option<fn() -> Value>,
    pub(crate) output: OutputSchema,
    /// The result is a list of what `output` describes.
    pub(crate) lists: bool,
    pub(crate) output_schema: bool,
    pub(crate) run: Run<ToolReply>,
}

/// The hints about what a tool does; `None` leaves the protocol's default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
}

impl Tool {
    /// A tool of the given name.
    pub fn new(
        name: &'static str,
        output: impl HasSchema + Copy,
        run: impl Fn(Call) -> CallFuture<ToolReply> + Send + Sync + 'static,
    ) -> Self {
        Self {
            common: Common {
                name,
                ..Common::default()
            },
            hints: Hints::default(),
            input_schema: None,
            output: output.schema(),
            lists: output.is_list(),
            output_schema: true,
            run: Arc::new(run),
        }
    }

    common_setters!();

    /// Whether the tool changes nothing.
    #[must_use]
    pub fn read_only(mut self, yes: bool) -> Self {
        self.hints.read_only = Some(yes);
        self
    }

    /// Whether the tool may destroy something.
    #[must_use]
    pub fn destructive(mut self, yes: bool) -> Self {
        self.hints.destructive = Some(yes);
        self
    }

    /// Whether a second call with the same arguments changes nothing more.
    #[must_use]
    pub fn idempotent(mut self, yes: bool) -> Self {
        self.hints.idempotent = Some(yes);
        self
    }

    /// Whether the tool deals with a world outside of the server.
    #[must_use]
    pub fn open_world(mut self, yes: bool) -> Self {
        self.hints.open_world = Some(yes);
        self
    }

    /// An input schema written by hand, instead of the one made from the parameters.
    #[must_use]
    pub fn input_schema(mut self, schema: fn() -> Value) -> Self {
        self.input_schema = Some(schema);
        self
    }

    /// Whether the output schema is advertised.
    #[must_use]
    pub fn output_schema(mut self, yes: bool) -> Self {
        self.output_schema = yes;
        self
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("name", &self.common.name)
            .finish_non_exhaustive()
    }
}
