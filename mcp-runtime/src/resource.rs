//! Resources and resource templates: their definition and what they may return.

use std::{fmt, sync::Arc};

use serde::Serialize;

use crate::{
    Call, CallError,
    argument::Template,
    content::{Audience, ResourceContent},
    handlers::{CallFuture, Common, Run, common_setters},
};

/// What a resource may return.
///
/// Text (`String`, `&'static str`), bytes (`Vec<u8>`), [`Json`], a [`ResourceContent`] or a `Vec` of them, and an `Option` of all
/// of these: `None` means that there is no such resource.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the content of a resource",
    label = "not a resource content",
    note = "return `String` for text, `Vec<u8>` for bytes, `mcp_runtime::Json` for anything that is `Serialize`, or `ResourceContent`",
    note = "wrap it into an `Option` if the resource may not exist, into a `Result` if reading it may fail"
)]
pub trait ResourceOutput: Sized {
    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// If the value has no JSON form, or if it stands for nothing.
    fn into_reply(self) -> Result<ResourceReply, CallError>;
}

/// What a resource answers, before it is fitted to the request.
#[derive(Debug)]
pub struct ResourceReply(pub(crate) Vec<ResourceContent>);

#[diagnostic::do_not_recommend]
impl ResourceOutput for ResourceContent {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        Ok(ResourceReply(vec![self]))
    }
}

#[diagnostic::do_not_recommend]
impl ResourceOutput for Vec<ResourceContent> {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        Ok(ResourceReply(self))
    }
}

#[diagnostic::do_not_recommend]
impl ResourceOutput for String {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        ResourceContent::text(self).into_reply()
    }
}

#[diagnostic::do_not_recommend]
impl ResourceOutput for &'static str {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        ResourceContent::text(self).into_reply()
    }
}

#[diagnostic::do_not_recommend]
impl ResourceOutput for Vec<u8> {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        ResourceContent::bytes(self).into_reply()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ResourceOutput> ResourceOutput for Option<T> {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        self.ok_or_else(CallError::not_found)?.into_reply()
    }
}

/// A value that a resource returns as JSON text, `application/json` unless the `#[resource]` says otherwise.
///
/// ```
/// use mcp_runtime::{Json, resource};
///
/// #[derive(serde::Serialize)]
/// struct Settings {
///     theme: &'static str,
/// }
///
/// /// The settings.
/// #[resource("config://settings")]
/// fn settings() -> Json<Settings> {
///     Json(Settings { theme: "dark" })
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Serialize> ResourceOutput for Json<T> {
    fn into_reply(self) -> Result<ResourceReply, CallError> {
        ResourceContent::json(serde_json::to_string(&self.0)?).into_reply()
    }
}

/// A resource, or a template of resources.
#[derive(Clone)]
pub struct Resource {
    pub(crate) common: Common,
    pub(crate) template: Template,
    pub(crate) mime_type: Option<&'static str>,
    pub(crate) size: Option<u64>,
    pub(crate) audience: Option<Audience>,
    pub(crate) priority: Option<f32>,
    /// How long clients may keep what it holds, in milliseconds.
    pub(crate) ttl: u64,
    /// What it holds is the same for all callers.
    pub(crate) public: bool,
    pub(crate) run: Run<ResourceReply>,
}

impl Resource {
    /// A resource of the given name at the given URI.
    pub fn new(
        name: &'static str,
        template: Template,
        run: impl Fn(Call) -> CallFuture<ResourceReply> + Send + Sync + 'static,
    ) -> Self {
        Self {
            common: Common {
                name,
                ..Common::default()
            },
            template,
            mime_type: None,
            size: None,
            audience: None,
            priority: None,
            ttl: 0,
            public: false,
            run: Arc::new(run),
        }
    }

    common_setters!();

    /// The MIME type of what it holds.
    #[must_use]
    pub fn mime_type(mut self, mime_type: &'static str) -> Self {
        self.mime_type = Some(mime_type);
        self
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// For whom it is meant.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }

    /// How important it is, from 0 to 1.
    #[must_use]
    pub fn priority(mut self, priority: f32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// How long clients may keep what it holds, in milliseconds.
    #[must_use]
    pub fn ttl(mut self, milliseconds: u64) -> Self {
        self.ttl = milliseconds;
        self
    }

    /// Says that what it holds is the same for all callers.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("uri", &self.template.text())
            .finish_non_exhaustive()
    }
}
