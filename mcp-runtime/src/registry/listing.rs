//! A list as clients get it: rendered once, cut into pages.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{Arc, OnceLock},
};

use rmcp::model::ProtocolVersion;
use serde::Serialize;

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
    /// Made when a client asks for it: most servers are asked in one revision alone.
    text: OnceLock<Text>,
}

/// The JSON of definitions, with a comma between two of them.
#[derive(Debug, Default)]
struct Text {
    all: String,
    /// Where each one ends.
    ends: Vec<usize>,
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

impl<T: Clone> Page<'_, T> {
    /// The definitions.
    pub(crate) fn models(&self) -> Vec<T> {
        let models = &self.rendered.models;
        match &self.places {
            Places::Range(range) => models[range.clone()].to_vec(),
            Places::Some(places) => places.iter().map(|&at| models[at].clone()).collect(),
        }
    }
}

impl<'a, T: Serialize> Page<'a, T> {
    /// Their JSON, with a comma between two of them.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        let text = self.rendered.text();
        match &self.places {
            Places::Range(range) => text.part(range.clone()).into(),
            Places::Some(places) => {
                let parts = places.iter().map(|&at| text.part(at..at + 1));
                parts.collect::<Vec<_>>().join(",").into()
            }
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
            text: OnceLock::new(),
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
    /// A list of definitions, each in its modern and in its legacy form.
    pub(crate) fn new(definitions: impl Iterator<Item = (Arc<dyn Guarded>, [T; 2])>) -> Self {
        let mut listing = Self::default();
        for (entry, [modern, legacy]) in definitions {
            listing.guarded |= !entry.definition().rules().is_empty();
            listing.within |= entry.definition().has_tenants();
            listing.entries.push(entry);
            listing.modern.models.push(modern);
            listing.legacy.models.push(legacy);
        }
        listing
    }

    /// The same with definitions for revisions before 2025-06-18, made from those of sessions.
    pub(crate) fn with_older(mut self, older: impl Fn(&T) -> T) -> Self {
        self.older = Some(Rendered {
            models: self.legacy.models.iter().map(older).collect(),
            text: OnceLock::new(),
        });
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
    fn text(&self) -> &Text {
        self.text.get_or_init(|| {
            let mut text = Text::default();
            for model in &self.models {
                text.push(model);
            }
            text
        })
    }
}

impl Text {
    fn push(&mut self, model: &impl Serialize) {
        if !self.all.is_empty() {
            self.all.push(',');
        }
        // The definitions are plain data with string keys, which always have a JSON form.
        let text = serde_json::to_string(model).unwrap_or_else(|_| "null".to_owned());
        self.all.push_str(&text);
        self.ends.push(self.all.len());
    }

    fn part(&self, places: Range<usize>) -> &str {
        let Some(last) = places.end.checked_sub(1).filter(|_| !places.is_empty()) else {
            return "";
        };
        // Behind the comma that follows the one before.
        let start = places.start.checked_sub(1);
        let start = start.map_or(0, |before| self.ends[before] + 1);
        &self.all[start..self.ends[last]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_is_what_stands_at_its_places() {
        let mut text = Text::default();
        for number in [1, 22, 333] {
            text.push(&number);
        }
        for (places, part) in [
            (0..3, "1,22,333"),
            (0..1, "1"),
            (1..3, "22,333"),
            (2..3, "333"),
            (0..0, ""),
            (3..3, ""),
        ] {
            assert_eq!(text.part(places), part);
        }
        assert_eq!(Text::default().part(0..0), "");
    }

    #[test]
    fn definitions_that_are_not_next_to_each_other_are_joined() {
        let rendered = Rendered {
            models: vec![1, 22, 333],
            text: OnceLock::new(),
        };
        let text = |places| {
            let page = Page {
                rendered: &rendered,
                places: Places::Some(places),
                next: None,
            };
            page.text().into_owned()
        };
        assert_eq!(text(vec![0, 2]), "1,333");
        assert_eq!(text(Vec::new()), "");
    }
}
