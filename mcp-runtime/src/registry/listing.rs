//! A list as clients get it: rendered once, cut into pages.

use std::{ops::Range, sync::Arc};

use rmcp::model::ProtocolVersion;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Guarded;
use crate::compat;

/// The definitions of one kind, for the revisions without sessions and for those with.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    /// What is defined.
    entries: Vec<Arc<dyn Guarded>>,
    /// Not everybody may see all of them.
    guarded: bool,
    /// Some of them have tenants.
    within: bool,
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

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    rendered: &'a Rendered<T>,
    places: Places,
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<usize>,
}

/// Which definitions of a list are in a page.
#[derive(Debug)]
enum Places {
    Range(Range<usize>),
    Some(Vec<usize>),
}

impl<'a, T: Clone> Page<'a, T> {
    /// The definitions.
    pub(crate) fn models(&self) -> Vec<T> {
        let models = &self.rendered.models;
        match &self.places {
            Places::Range(range) => models[range.clone()].to_vec(),
            Places::Some(places) => places.iter().map(|&at| models[at].clone()).collect(),
        }
    }

    /// Their JSON.
    pub(crate) fn texts(&self) -> Vec<&'a RawValue> {
        let texts = &self.rendered.texts;
        match &self.places {
            Places::Range(range) => texts[range.clone()].iter().map(|text| &**text).collect(),
            Places::Some(places) => places.iter().map(|&at| &*texts[at]).collect(),
        }
    }
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            guarded: false,
            within: false,
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

impl<T> Listing<T> {
    /// Whether the definitions of some callers are not those of others.
    pub(crate) fn is_guarded(&self) -> bool {
        self.guarded
    }

    /// Whether some of the definitions have tenants.
    pub(crate) fn has_tenants(&self) -> bool {
        self.within
    }
}

impl<T: Serialize> Listing<T> {
    /// Renders definitions, each in its modern and in its legacy form.
    pub(crate) fn new(definitions: impl Iterator<Item = (Arc<dyn Guarded>, [T; 2])>) -> Self {
        let mut listing = Self::default();
        for (entry, [modern, legacy]) in definitions {
            listing.guarded |= !entry.definition().rules().is_empty();
            listing.within |= entry.definition().has_tenants();
            listing.entries.push(entry);
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
        let rendered = self.rendered(version);
        let length = rendered.models.len();
        let start = start.min(length);
        let end = size.map_or(length, |size| start.saturating_add(size).min(length));
        Page {
            rendered,
            places: Places::Range(start..end),
            next: (end < length).then_some(end),
        }
    }

    /// The same of those definitions alone that are `shown`.
    pub(crate) fn page_of(
        &self,
        version: &ProtocolVersion,
        start: usize,
        size: Option<usize>,
        shown: impl Fn(&dyn Guarded) -> bool,
    ) -> Page<'_, T> {
        let entries = self.entries.iter().enumerate().skip(start);
        let mut places = entries
            .filter(|(_, entry)| shown(&***entry))
            .map(|(at, _)| at);
        let of_page = places.by_ref().take(size.unwrap_or(usize::MAX)).collect();
        let next = places.next();
        Page {
            rendered: self.rendered(version),
            places: Places::Some(of_page),
            next,
        }
    }

    fn rendered(&self, version: &ProtocolVersion) -> &Rendered<T> {
        match &self.older {
            Some(older) if compat::is_older(version) => older,
            _ if version.has_initialize() => &self.legacy,
            _ => &self.modern,
        }
    }
}

impl<T: Serialize> Rendered<T> {
    fn push(&mut self, model: T) {
        // The definitions are plain data with string keys, which always have a JSON form.
        let text = serde_json::value::to_raw_value(&model).unwrap_or_default();
        self.texts.push(text);
        self.models.push(model);
    }
}
