//! Entries by name.

use std::{collections::HashMap, sync::Arc};

use crate::argument::closest;

/// Entries in the order of their registration, found by name or URI.
#[derive(Debug)]
pub(super) struct Catalog<E> {
    slots: Vec<Slot<E>>,
    index: HashMap<&'static str, usize>,
}

#[derive(Debug)]
struct Slot<E> {
    name: &'static str,
    entry: Arc<E>,
    /// Whether clients see it.
    enabled: bool,
}

impl<E> Default for Catalog<E> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<E> Clone for Catalog<E> {
    fn clone(&self) -> Self {
        let slots = self.slots.iter().map(|slot| Slot {
            name: slot.name,
            entry: Arc::clone(&slot.entry),
            enabled: slot.enabled,
        });
        Self {
            slots: slots.collect(),
            index: self.index.clone(),
        }
    }
}

impl<E> Catalog<E> {
    /// Adds an entry, if there is one; `false` if its name is taken.
    pub(super) fn insert(&mut self, name: &'static str, entry: Option<E>) -> bool {
        let Some(entry) = entry else { return true };
        let free = self.index.insert(name, self.slots.len()).is_none();
        self.slots.push(Slot {
            name,
            entry: Arc::new(entry),
            enabled: true,
        });
        free
    }

    /// Takes an entry out; `false` if there is none.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let Some(at) = self.index.remove(name) else {
            return false;
        };
        self.slots.remove(at);
        for place in self.index.values_mut().filter(|place| **place > at) {
            *place -= 1;
        }
        true
    }

    /// Shows or hides an entry; `false` if nothing changes by that.
    pub(super) fn enable(&mut self, name: &str, enabled: bool) -> bool {
        let slot = self.index.get(name).map(|&at| &mut self.slots[at]);
        slot.is_some_and(|slot| std::mem::replace(&mut slot.enabled, enabled) != enabled)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<E>> {
        let slot = &self.slots[*self.index.get(name)?];
        slot.enabled.then_some(&slot.entry)
    }

    /// What clients see.
    pub(super) fn enabled(&self) -> impl Iterator<Item = &Arc<E>> {
        let slots = self.slots.iter().filter(|slot| slot.enabled);
        slots.map(|slot| &slot.entry)
    }

    /// Also what clients do not see.
    pub(super) fn all(&self) -> impl Iterator<Item = &E> {
        self.slots.iter().map(|slot| &*slot.entry)
    }

    /// The names of all of them, and whether clients see them.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.slots.iter().map(|slot| slot.name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The other name of a `shown` entry that is most like `name`.
    pub(super) fn closest(&self, name: &str, shown: impl Fn(&E) -> bool) -> Option<&'static str> {
        let shown = |slot: &&Slot<E>| slot.enabled && slot.name != name && shown(&slot.entry);
        let slots = || self.slots.iter().filter(shown);
        // Longer than any name, and the comparison is quadratic.
        (name.len() <= 256)
            .then(|| closest(name, slots().map(|slot| slot.name)))
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog<u8> {
        let mut catalog = Catalog::default();
        for (name, entry) in [("one", 1), ("two", 2), ("three", 3)] {
            assert!(catalog.insert(name, Some(entry)));
        }
        catalog
    }

    #[test]
    fn the_others_are_found_when_an_entry_is_taken_out() {
        let mut catalog = catalog();
        assert!(catalog.remove("one"));
        assert!(!catalog.remove("one"));
        assert_eq!(catalog.get("one"), None);
        assert_eq!(
            (catalog.get("two"), catalog.get("three")),
            (Some(&Arc::new(2)), Some(&Arc::new(3)))
        );
        assert!(catalog.insert("one", Some(4)));
        assert_eq!(
            catalog.enabled().map(|entry| **entry).collect::<Vec<_>>(),
            [2, 3, 4]
        );
    }

    #[test]
    fn a_hidden_entry_keeps_its_place_and_its_name() {
        let mut catalog = catalog();
        assert!(catalog.enable("one", false));
        assert!(!catalog.enable("one", false));
        assert_eq!(
            (catalog.get("one"), catalog.closest("onx", |_| true)),
            (None, None)
        );
        assert!(!catalog.clone().insert("one", Some(5)));
        assert!(catalog.enable("one", true));
        assert_eq!(
            catalog.enabled().map(|entry| **entry).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert!(!catalog.enable("four", true));
    }
}
