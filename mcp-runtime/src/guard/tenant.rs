//! [`Tenant`]: what a call is about as a whole, of a type of the author.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    fmt::{self, Write as _},
    ops::Deref,
    sync::Arc,
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{Access, contained};
use crate::{
    Call, CallError, FromCall, Requirements, Service, context::Caller, dispatch::Target,
    handlers::Common, hub::canonical,
};

/// What of a key is not written as it is.
const RESERVED: &AsciiSet = &CONTROLS.add(b'%').add(b';').add(b'=').add(b' ');

/// What a call is about as a whole: a project, an account, the customer whose data it reads.
///
/// Implement it for a type of yours. [`of`](Self::of) takes it from wherever it is: a claim of the principal, a header, an argument;
/// and it is the place to check that the caller may use it. A handler gets it as [`Within<T>`]; a list of handlers whose functions
/// do not all want it requires it with [`Handlers::within`](crate::Handlers::within).
///
/// ```
/// use std::borrow::Cow;
///
/// use mcp_runtime::{Access, CallError, Principal, Server, Tenant, Within, handlers, testing::TestClient, tool};
///
/// #[derive(Clone)]
/// struct Project(String);
///
/// impl Tenant for Project {
///     const NAME: &'static str = "project";
///
///     fn of(access: &Access<'_>) -> Result<Self, CallError> {
///         let claim = access.principal().and_then(|principal| principal.claim("project")?.as_str());
///         claim.map(|project| Self(project.to_owned())).ok_or(CallError::new("You have no project."))
///     }
///
///     fn key(&self) -> Cow<'_, str> {
///         Cow::Borrowed(&self.0)
///     }
/// }
///
/// /// Says which project this is.
/// #[tool]
/// fn which(project: Within<Project>) -> String {
///     project.0.0
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::new("projects", "1.0.0").add(handlers![which]);
/// let alice = Principal::new("alice").with_claim("project", "apollo");
/// let client = TestClient::options().principal(alice).connect(server).await;
/// assert_eq!(client.call("which", ()).await.text(), "apollo");
/// # }
/// ```
///
/// It is found before the handler runs, once for each call, and stands in the field `mcp.scope` of its span and in
/// [`Context::scope_key`](crate::Context::scope_key), for logs and limits.
pub trait Tenant: Clone + Send + Sync + 'static {
    /// What it is, in a word: `project`.
    const NAME: &'static str;

    /// Takes it from a call. The arguments have been checked, and are always there.
    ///
    /// # Errors
    ///
    /// If the call has none, or one that its caller may not use: the call ends with this error, and its handler does not run. A
    /// panic is an internal error.
    fn of(access: &Access<'_>) -> Result<Self, CallError>;

    /// A text by which it is told from others of its type.
    fn key(&self) -> Cow<'_, str>;
}

/// The [`Tenant`] that a call is about: a parameter of a handler, which no client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<T>(pub T);

impl<T> Deref for Within<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: Tenant> FromCall for Within<T> {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let tenant = call.context().tenant::<T>().cloned();
        let name = T::NAME;
        tenant
            .map(Self)
            .ok_or_else(|| CallError::internal(format!("the call is within no {name}")))
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.tenants.push(Kind::of::<T>());
    }
}

/// A type of tenants that a handler needs.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    id: TypeId,
    find: fn(&Access<'_>) -> Result<Found, CallError>,
}

/// The tenants that a call is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tenants {
    all: Vec<Found>,
    /// All of them as a text; empty if there are none.
    key: String,
}

#[derive(Clone)]
struct Found {
    name: &'static str,
    key: String,
    value: Arc<dyn Any + Send + Sync>,
}

impl Kind {
    pub(crate) fn of<T: Tenant>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            find: |access| {
                let tenant = T::of(access)?;
                Ok(Found {
                    name: T::NAME,
                    key: tenant.key().into_owned(),
                    value: Arc::new(tenant),
                })
            },
        }
    }

    /// Adds what a handler needs to what it needs already.
    pub(crate) fn join(all: &mut Vec<Self>, more: &[Self]) {
        for kind in more {
            if all.iter().all(|other| other.id != kind.id) {
                all.push(*kind);
            }
        }
    }
}

impl Tenants {
    /// The one of a type.
    pub(crate) fn get<T: Tenant>(&self) -> Option<&T> {
        self.all.iter().find_map(|found| found.value.downcast_ref())
    }

    /// All of them as a text, if there are any.
    pub(crate) fn key(&self) -> Option<&str> {
        (!self.key.is_empty()).then_some(&self.key)
    }

    fn add(&mut self, found: Found) {
        let separator = if self.all.is_empty() { "" } else { ";" };
        let key = utf8_percent_encode(&found.key, RESERVED);
        // Writing to a text does not fail.
        let _ = write!(self.key, "{separator}{}={key}", found.name);
        self.all.push(found);
    }
}

impl Common {
    /// Takes over what the parameters need.
    pub(crate) fn adopt(&mut self, requirements: &Requirements) {
        Kind::join(&mut self.tenants, &requirements.tenants);
    }
}

impl Service {
    /// The tenants that a call is about.
    pub(crate) fn tenants(
        &self,
        target: &Target,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Result<Tenants, CallError> {
        let mut tenants = Tenants::default();
        let kinds = &target.common().tenants;
        if kinds.is_empty() {
            return Ok(tenants);
        }
        let principal = self.parts().settings.principal.as_ref();
        let access = Access::new(target.definition(), caller, principal).with(arguments);
        let form = target.uri().map(canonical);
        let access = form.as_deref().map_or(access, |uri| access.at(uri));
        for kind in kinds {
            let found = contained(target.common().name, || (kind.find)(&access));
            let panicked = || {
                Err(CallError::internal(
                    "finding what the call is about panicked",
                ))
            };
            tenants.add(found.unwrap_or_else(panicked)?);
        }
        tracing::Span::current().record("mcp.scope", tenants.key());
        if cfg!(feature = "audit")
            && let Some(key) = tenants.key()
        {
            // A layer may have had it found already.
            let _ = caller.scope.set(key.to_owned());
        }
        Ok(tenants)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kind").finish_non_exhaustive()
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_different_tenants_are_different() {
        let key = |found: &[(&'static str, &str)]| {
            let mut tenants = Tenants::default();
            for (name, key) in found {
                tenants.add(Found {
                    name,
                    key: (*key).to_owned(),
                    value: Arc::new(()),
                });
            }
            tenants.key().map(ToOwned::to_owned)
        };
        assert_eq!(key(&[]), None);
        assert_eq!(
            key(&[("project", "a"), ("agent", "b")]).unwrap(),
            "project=a;agent=b"
        );
        assert_eq!(
            key(&[("project", "a;agent=b")]).unwrap(),
            "project=a%3Bagent%3Db"
        );
        assert_eq!(key(&[("project", "a%3B\n")]).unwrap(), "project=a%253B%0A");
    }
}
