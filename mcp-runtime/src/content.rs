//! What handlers return besides plain values: text, images, audio, resources, messages.
//!
//! The constructors take bytes and text, never base64, so that what reaches the wire is always well formed.

use data_encoding::BASE64;
use rmcp::model::{self, ContentBlock, ResourceContents, Role};

/// One block of content: what a tool may return and what a prompt message holds.
///
/// ```
/// use mcp_runtime::{Content, tool};
///
/// /// Draws a dot.
/// #[tool]
/// fn dot() -> Content {
///     Content::image(b"\x89PNG...", "image/png").priority(0.5)
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Content(ContentBlock);

impl Content {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(ContentBlock::text(text))
    }

    /// An image of the given MIME type, from its bytes.
    pub fn image(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self(ContentBlock::image(
            BASE64.encode(bytes.as_ref()),
            mime_type,
        ))
    }

    /// Audio of the given MIME type, from its bytes.
    pub fn audio(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self(ContentBlock::audio(
            BASE64.encode(bytes.as_ref()),
            mime_type,
        ))
    }

    /// A resource that is sent along.
    pub fn resource(resource: ResourceContent) -> Self {
        Self(ContentBlock::resource(resource.into_model("", None)))
    }

    /// A link to a resource that the client can read: its URI and a name for people.
    ///
    /// Clients that speak a revision before 2025-06-18 get the URI as text.
    pub fn resource_link(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self(ContentBlock::resource_link(model::Resource::new(uri, name)))
    }

    /// For whom the block is meant; without it, for both the user and the model.
    #[must_use]
    pub fn audience(self, audience: Audience) -> Self {
        self.annotate(|annotations| annotations.with_audience(audience.roles()))
    }

    /// How important the block is, from 0 (optional) to 1 (required); other values are moved into that range.
    #[must_use]
    pub fn priority(self, priority: f32) -> Self {
        self.annotate(|annotations| annotations.with_priority(priority.clamp(0.0, 1.0)))
    }

    fn annotate(mut self, change: impl FnOnce(model::Annotations) -> model::Annotations) -> Self {
        let annotations = match &mut self.0 {
            ContentBlock::Text(block) => &mut block.annotations,
            ContentBlock::Image(block) => &mut block.annotations,
            ContentBlock::Audio(block) => &mut block.annotations,
            ContentBlock::Resource(block) => &mut block.annotations,
            ContentBlock::ResourceLink(block) => &mut block.annotations,
            // None of the constructors makes another kind.
            _ => return self,
        };
        *annotations = Some(change(annotations.take().unwrap_or_default()));
        self
    }

    pub(crate) fn into_model(self) -> ContentBlock {
        self.0
    }

    pub(crate) fn as_model(&self) -> &ContentBlock {
        &self.0
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// For whom something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Audience {
    pub(crate) fn roles(self) -> Vec<Role> {
        match self {
            Self::User => vec![Role::User],
            Self::Assistant => vec![Role::Assistant],
        }
    }
}

/// Several blocks of content, collected from an iterator.
///
/// ```
/// use mcp_runtime::{Content, Contents, tool};
///
/// /// Counts, a block for each number.
/// #[tool]
/// fn count(to: u8) -> Contents {
///     (1..=to).map(|number| Content::text(number.to_string())).collect()
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents(Vec<Content>);

impl Contents {
    pub(crate) fn from_model(blocks: Vec<ContentBlock>) -> Self {
        Self(blocks.into_iter().map(Content).collect())
    }

    pub(crate) fn blocks(&self) -> &[Content] {
        &self.0
    }

    pub(crate) fn into_model(self) -> Vec<ContentBlock> {
        self.0.into_iter().map(Content::into_model).collect()
    }
}

impl<C: Into<Content>> From<C> for Contents {
    fn from(content: C) -> Self {
        Self(vec![content.into()])
    }
}

impl<C: Into<Content>> FromIterator<C> for Contents {
    fn from_iter<I: IntoIterator<Item = C>>(contents: I) -> Self {
        Self(contents.into_iter().map(Into::into).collect())
    }
}

impl<C: Into<Content>> Extend<C> for Contents {
    fn extend<I: IntoIterator<Item = C>>(&mut self, contents: I) {
        self.0.extend(contents.into_iter().map(Into::into));
    }
}

/// What a resource holds: text or bytes.
///
/// A resource returns it to say a URI or a MIME type of its own; without them, those of the request and of the
/// `#[resource]` stand.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceContent {
    uri: Option<String>,
    mime_type: Option<String>,
    body: Body,
}

#[derive(Clone, Debug, PartialEq)]
enum Body {
    Text(String),
    Json(String),
    Bytes(Vec<u8>),
}

impl ResourceContent {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            uri: None,
            mime_type: None,
            body: Body::Text(text.into()),
        }
    }

    /// Bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            uri: None,
            mime_type: None,
            body: Body::Bytes(bytes.into()),
        }
    }

    /// The URI of this content, where it differs from the one that was asked for.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(uri.into());
        self
    }

    /// The MIME type of this content.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The same with a MIME type, unless it has one.
    pub(crate) fn or_mime_type(mut self, mime_type: Option<&str>) -> Self {
        let stands = self.mime_type.take();
        self.mime_type = stands.or_else(|| mime_type.map(Into::into));
        self
    }

    /// The text, unless it holds bytes.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) | Body::Json(text) => Some(text),
            Body::Bytes(_) => None,
        }
    }

    /// The bytes: those of the text, if it holds text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.body {
            Body::Text(text) | Body::Json(text) => text.as_bytes(),
            Body::Bytes(bytes) => bytes,
        }
    }

    /// Text that is JSON, unless the `#[resource]` says otherwise.
    pub(crate) fn json(text: String) -> Self {
        Self {
            uri: None,
            mime_type: None,
            body: Body::Json(text),
        }
    }

    /// The protocol's form; `uri` and `mime_type` stand in where the content does not say its own.
    /// Puts another text in the place of its own, if it has one.
    #[cfg(feature = "layer")]
    pub(crate) fn map_text(&mut self, change: impl FnOnce(String) -> String) {
        if let Body::Text(text) | Body::Json(text) = &mut self.body {
            *text = change(std::mem::take(text));
        }
    }

    pub(crate) fn into_model(self, uri: &str, mime_type: Option<&str>) -> ResourceContents {
        let uri = self.uri.unwrap_or_else(|| uri.to_owned());
        let mime_type = self.mime_type.or_else(|| mime_type.map(Into::into));
        let (contents, fallback) = match self.body {
            Body::Text(text) => (ResourceContents::text(text, uri), "text/plain"),
            Body::Json(text) => (ResourceContents::text(text, uri), "application/json"),
            Body::Bytes(bytes) => (
                ResourceContents::blob(BASE64.encode(&bytes), uri),
                "application/octet-stream",
            ),
        };
        contents.with_mime_type(mime_type.as_deref().unwrap_or(fallback))
    }
}

impl From<String> for ResourceContent {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for ResourceContent {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Vec<u8>> for ResourceContent {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

/// One message of a prompt.
///
/// ```
/// use mcp_runtime::{PromptMessage, prompt};
///
/// /// Explains code.
/// #[prompt]
/// fn explain(code: String) -> Vec<PromptMessage> {
///     vec![
///         PromptMessage::assistant("I explain code in plain words."),
///         PromptMessage::user(format!("Explain this:\n{code}")),
///     ]
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PromptMessage {
    role: Role,
    content: Content,
}

impl PromptMessage {
    /// A message in the name of the user.
    pub fn user(content: impl Into<Content>) -> Self {
        Self {
            role: Role::User,
            content: content.into(),
        }
    }

    /// A message in the name of the model.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self {
            role: Role::Assistant,
            content: content.into(),
        }
    }

    /// Puts another text in the place of its own, if it has one.
    #[cfg(feature = "layer")]
    pub(crate) fn map_text(&mut self, change: impl FnOnce(String) -> String) {
        if let ContentBlock::Text(text) = &mut self.content.0 {
            text.text = change(std::mem::take(&mut text.text));
        }
    }

    pub(crate) fn into_model(self) -> model::PromptMessage {
        model::PromptMessage::new(self.role, self.content.into_model())
    }
}

/// An icon of a tool, a resource or a prompt: an `https` or `data` URI.
#[derive(Clone, Debug, PartialEq)]
pub struct Icon(model::Icon);

impl Icon {
    /// An icon at the given URI.
    pub fn new(src: impl Into<String>) -> Self {
        Self(model::Icon::new(src))
    }

    /// Its MIME type.
    #[must_use]
    pub fn mime_type(self, mime_type: impl Into<String>) -> Self {
        Self(self.0.with_mime_type(mime_type))
    }

    /// The sizes that it fits, such as `48x48` or `any`.
    #[must_use]
    pub fn sizes(self, sizes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(
            self.0
                .with_sizes(sizes.into_iter().map(Into::into).collect()),
        )
    }

    pub(crate) fn into_model(self) -> model::Icon {
        self.0
    }
}
