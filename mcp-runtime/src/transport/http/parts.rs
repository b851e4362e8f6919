//! [`HttpParts`]: the HTTP request behind a call.

use std::{fmt, ops::Deref};

use http::request::Parts;

use crate::{Call, CallError, Context, FromCall};

/// The HTTP request behind a call: its headers, and what middleware has put into its extensions. A parameter of a handler.
///
/// A call that came by another way is refused; where that may be, ask
/// [`Context::extension`](crate::Context::extension) for [`http::request::Parts`].
///
/// ```
/// use mcp_runtime::{HttpParts, tool};
///
/// /// Says which program asks.
/// #[tool]
/// fn agent(parts: HttpParts) -> Option<String> {
///     let agent = parts.headers.get("user-agent")?;
///     Some(agent.to_str().ok()?.to_owned())
/// }
/// ```
#[derive(Clone)]
pub struct HttpParts(Context);

#[diagnostic::do_not_recommend]
impl FromCall for HttpParts {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let context = call.context();
        if context.extension::<Parts>().is_none() {
            return Err(CallError::new("this needs a call over HTTP"));
        }
        Ok(Self(context.clone()))
    }
}

impl Deref for HttpParts {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        let parts = self.0.extension();
        parts.expect("it was there when this was made, and nothing takes it away")
    }
}

impl fmt::Debug for HttpParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}
