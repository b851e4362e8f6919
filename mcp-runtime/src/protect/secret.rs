//! [`Secret`]: an argument that is never shown.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de::Error};

use crate::argument::{Length, Number, Text, Unit};

/// An argument that must not be shown: a password, a token, a key.
///
/// - Its schema says `writeOnly: true`, so that clients mask what is typed.
/// - A refused call does not repeat it, neither in the text nor for programs, wherever in the arguments it stands.
/// - It cannot be printed or returned: `Debug` says that there is something, and `Display` and `Serialize` are missing.
/// - No form asks for it ([`Context::elicit`](crate::Context::elicit)): what is typed there, the client and its model see.
///
/// The value is had through [`expose_secret`](Self::expose_secret) alone, which is easily found in a review.
///
/// ```
/// use mcp_runtime::{Secret, tool};
///
/// /// Logs in.
/// #[tool]
/// fn log_in(
///     user: String,
///     /// The password.
///     #[arg(length(min = 8))]
///     password: Secret<String>,
/// ) -> Result<String, String> {
///     match password.expose_secret() == "correct horse" {
///         true => Ok(format!("Hello, {user}!")),
///         false => Err("wrong password".to_owned()),
///     }
/// }
///
/// assert!(log_in("ann".to_owned(), Secret::new("correct horse".to_owned())).is_ok());
/// assert_eq!(format!("{:?}", Secret::new(1234)), "Secret([redacted])");
/// ```
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value, for calling a handler as a plain function.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Mind where it goes: beyond this, nothing watches over it.
    pub const fn expose_secret(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of `T` may quote the value.
        let value = T::deserialize(deserializer).map_err(|_| D::Error::custom(UNREADABLE))?;
        Ok(Self(value))
    }
}

/// What is said of a secret that fits its schema and is none of `T`.
const UNREADABLE: &str = "a value that is not shown cannot be read";

impl<T: JsonSchema> JsonSchema for Secret<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Secret_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("mcp_runtime::Secret<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<T>();
        schema.insert("writeOnly".to_owned(), true.into());
        schema
    }
}

#[diagnostic::do_not_recommend]
impl<T: Number> Number for Secret<T> {
    type Bound = T::Bound;
}

#[diagnostic::do_not_recommend]
impl<T: Length> Length for Secret<T> {
    const UNIT: Unit = T::UNIT;
}

#[diagnostic::do_not_recommend]
impl<T: Text> Text for Secret<T> {}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn it_is_not_shown_by_those_that_hold_it() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only its `Debug` counts")]
        struct Account(Secret<String>, Option<Secret<u32>>);
        let account = Account(Secret::new("s3cret".to_owned()), Some(Secret::new(1234)));
        let shown = format!("{account:?} {account:#?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("1234"),
            "{shown}"
        );
    }

    #[test]
    fn a_value_that_cannot_be_read_is_not_quoted() {
        let error = from_value::<Secret<u8>>(json!("s3cret")).unwrap_err();
        assert_eq!(error.to_string(), UNREADABLE);
        let error = from_value::<Vec<Secret<std::net::IpAddr>>>(json!(["s3cret"])).unwrap_err();
        assert_eq!(error.to_string(), UNREADABLE);
    }

    #[test]
    fn it_says_so_in_the_schema_of_any_type() {
        let write_only = |schema: Schema| schema.get("writeOnly").cloned();
        let mut generator = crate::argument::generator();
        assert_eq!(
            write_only(generator.subschema_for::<Secret<String>>()),
            Some(json!(true))
        );
        assert_eq!(
            write_only(generator.subschema_for::<Option<Secret<u32>>>()),
            Some(json!(true))
        );
        // The schema of anything is `true`, which has no room for a keyword.
        assert_eq!(
            write_only(generator.subschema_for::<Secret<serde_json::Value>>()),
            Some(json!(true))
        );
    }
}
