//! [`Challenge`]: what a caller is told who is not let in.

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};

/// What a caller is told who is not let in: RFC 6750 and RFC 9728.
#[derive(Debug)]
pub(crate) struct Challenge {
    pub(crate) status: StatusCode,
    /// The header `WWW-Authenticate`.
    pub(crate) header: Option<HeaderValue>,
    pub(crate) problem: String,
}

/// The parameters of the header, as far as there are any.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parameters<'a> {
    pub(super) error: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) metadata: Option<&'a str>,
    pub(super) scopes: &'a [String],
}

impl Challenge {
    pub(super) fn new(
        status: StatusCode,
        problem: impl Into<String>,
        parameters: Parameters<'_>,
    ) -> Self {
        Self {
            status,
            header: HeaderValue::try_from(parameters.header()).ok(),
            problem: problem.into(),
        }
    }

    /// Nobody can tell at the moment who is calling.
    pub(super) fn unavailable(problem: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            header: None,
            problem: problem.into(),
        }
    }
}

impl Parameters<'_> {
    fn header(self) -> String {
        let scope = self.scopes.join(" ");
        let scope = (!scope.is_empty()).then_some(&*scope);
        let parameters = [
            ("error", self.error),
            ("error_description", self.description),
            ("scope", scope),
            ("resource_metadata", self.metadata),
        ];
        let mut header = "Bearer".to_owned();
        let mut separator = " ";
        for (name, value) in parameters {
            if let Some(value) = value {
                // Writing to a string does not fail.
                let _ = write!(header, "{separator}{name}=\"{}\"", quotable(value));
                separator = ", ";
            }
        }
        header
    }
}

/// What may stand between quotes there: visible ASCII but for the two that would end it.
fn quotable(value: &str) -> String {
    let is_right = |char: &char| matches!(char, ' '..='~') && !matches!(char, '"' | '\\');
    value.chars().filter(is_right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_says_no_more_than_there_is() {
        assert_eq!(Parameters::default().header(), "Bearer");
        let parameters = Parameters {
            error: Some("invalid_token"),
            description: Some("it is \"old\"\r\nX: y"),
            metadata: Some("https://a.example/x"),
            scopes: &["a".into(), "b".into()],
        };
        let expected = "Bearer error=\"invalid_token\", error_description=\"it is oldX: y\", scope=\"a b\", \
                        resource_metadata=\"https://a.example/x\"";
        assert_eq!(parameters.header(), expected);
    }
}
