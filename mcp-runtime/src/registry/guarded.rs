//! [`Guarded`]: what all entries have in common for those who decide about callers.

use std::fmt;

use super::{PromptEntry, ResourceEntry, ToolEntry};
use crate::Definition;

/// Something that not everybody may see.
pub(crate) trait Guarded: fmt::Debug + Send + Sync {
    /// What the author has said about it.
    fn definition(&self) -> Definition<'_>;
}

impl Guarded for ToolEntry {
    fn definition(&self) -> Definition<'_> {
        self.tool.definition()
    }
}

impl Guarded for ResourceEntry {
    fn definition(&self) -> Definition<'_> {
        self.resource.definition()
    }
}

impl Guarded for PromptEntry {
    fn definition(&self) -> Definition<'_> {
        self.prompt.definition()
    }
}
