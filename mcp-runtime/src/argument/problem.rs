//! temporary
#[derive(Debug, Clone)]
pub struct Problem(String);
impl Problem {
    pub(crate) fn text(t: &str) -> Self {
        Self(t.into())
    }
    pub(crate) fn unreadable(name: &str, error: &serde_json::Error) -> Self {
        Self(format!("{name}: {error}"))
    }
}
