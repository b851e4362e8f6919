//! A list as clients get it: rendered once, cut into pages.

use rmcp::model::ProtocolVersion;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::compat;

/// The definitions of one kind, for the revisions without sessions and for those with.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    modern: Rendered<T>,
    legacy: Rendered<T>,
    /// For revisions before 2025-06-18, where they get something else.
    older: Option<Rendered<T>>,
}

#[derive(Debug)]
struct Rendered<T> {
    models: Vec<T>,
    texts: Vec<Box<RawValue>>,
}

/// A part of a list: the definitions and their JSON.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    pub(crate) models: &'a [T],
    pub(crate) texts: &'a [Box<RawValue>],
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<usize>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self {
            modern: Rendered::default(),
            legacy: Rendered::default(),
            older: None,
        }
    }
}

impl<T> Default for Rendered<T> {
    fn default() -> Self {
        Self {
            models: Vec::new(),
            texts: Vec::new(),
        }
    }
}

impl<T: Serialize> Listing<T> {
    /// Renders definitions, each in its modern and in its legacy form.
    pub(crate) fn new(definitions: impl Iterator<Item = [T; 2]>) -> Self {
        let mut listing = Self::default();
        for [modern, legacy] in definitions {
            listing.modern.push(modern);
            listing.legacy.push(legacy);
        }
        listing
    }

    /// The same with definitions for revisions before 2025-06-18, made from those of sessions.
    pub(crate) fn with_older(mut self, older: impl Fn(&T) -> T) -> Self {
        let mut rendered = Rendered::default();
        for model in &self.legacy.models {
            rendered.push(older(model));
        }
        self.older = Some(rendered);
        self
    }

    /// The page that starts at `start`, with at most `size` definitions.
    pub(crate) fn page(
        &self,
        version: &ProtocolVersion,
        start: usize,
        size: Option<usize>,
    ) -> Page<'_, T> {
        let Rendered { models, texts } = match &self.older {
            Some(older) if compat::is_older(version) => older,
            _ if version.has_initialize() => &self.legacy,
            _ => &self.modern,
        };
        let start = start.min(models.len());
        let end = size.map_or(models.len(), |size| {
            start.saturating_add(size).min(models.len())
        });
        Page {
            models: &models[start..end],
            texts: &texts[start..end],
            next: (end < models.len()).then_some(end),
        }
    }
}

impl<T: Serialize> Rendered<T> {
    fn push(&mut self, model: T) {
        let text = serde_json::value::to_raw_value(&model);
        // The definitions are plain data with string keys, which always have a JSON form.
        if let Ok(text) = text {
            self.texts.push(text);
            self.models.push(model);
        }
    }
}
