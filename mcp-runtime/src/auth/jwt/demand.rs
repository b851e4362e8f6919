//! [`Demand`]: what tokens must say beside what all of them do.

use serde_json::{Map, Value};

use super::super::Denied;

/// What tokens must say beside what all of them do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// A claim with this text, in any case.
    Text(&'static str, String),
    /// One of these claims, with something in it.
    Any(&'static [&'static str]),
    /// One that is not known, because it was not said in the right way.
    Wrong(String),
}

impl Demand {
    /// Refuses a token that does not say it.
    pub(super) fn check(&self, claims: &Map<String, Value>) -> Result<(), Denied> {
        let denied = match self {
            Self::Text(name, text) => {
                let said = claims.get(*name).and_then(Value::as_str);
                if said.is_some_and(|said| said.eq_ignore_ascii_case(text)) {
                    return Ok(());
                }
                format!("the token is of another `{name}`")
            }
            Self::Any(names) => {
                if names.iter().any(|name| says_something(claims.get(*name))) {
                    return Ok(());
                }
                format!(
                    "the token gives no access: it has no `{}`",
                    names.join("` and no `")
                )
            }
            Self::Wrong(_) => "the server does not know which tokens count".into(),
        };
        Err(Denied::invalid(denied))
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<&str> {
        match self {
            Self::Wrong(problem) => Some(problem),
            Self::Text(..) | Self::Any(_) => None,
        }
    }
}

fn says_something(claim: Option<&Value>) -> bool {
    match claim {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(texts)) => texts.iter().any(Value::is_string),
        _ => false,
    }
}
