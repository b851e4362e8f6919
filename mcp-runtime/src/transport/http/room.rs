//! [`Room`]: how much there may be of what outlives a request.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::StatusCode;

use super::refused::Refused;
use crate::Principal;

/// How many handlers may go on whose clients are gone, in revisions where going is no cancellation: in all, and of one principal.
const ABANDONED: (usize, usize) = (1024, 128);

/// How many streams of changes may be open: in all, and of one principal.
const LISTENING: (usize, usize) = (10_000, 1000);

/// How much more there may be of what outlives a request, or never ends by itself.
#[derive(Debug)]
pub(super) struct Room {
    /// Handlers whose clients are gone.
    pub(super) abandoned: Arc<Places>,
    /// Streams of changes.
    listening: Arc<Places>,
}

impl Room {
    /// Room for one more stream of changes.
    pub(super) fn listen(&self, owner: Option<Arc<str>>) -> Result<Place, Refused> {
        self.listening.take(owner).map_err(|lack| {
            let problem = match lack {
                Lack::OfAll => "too many streams of changes are open",
                Lack::OfOne => "too many streams of changes of this principal are open",
            };
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, problem)
        })
    }
}

impl Default for Room {
    fn default() -> Self {
        let places = |(most, most_of_one)| Arc::new(Places::new(most, most_of_one));
        Self {
            abandoned: places(ABANDONED),
            listening: places(LISTENING),
        }
    }
}

/// Places, of which one principal gets a part only. As with sessions, those that nobody knows cannot be told apart: they count
/// in all alone.
pub(super) struct Places {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// How many each principal has, by its identity.
    owned: HashMap<Arc<str>, usize>,
}

/// What there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    OfAll,
    OfOne,
}

/// A place that somebody has, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    owner: Option<Arc<str>>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_one: usize) -> Self {
        Self {
            most,
            most_of_one,
            taken: Mutex::default(),
        }
    }

    /// Takes a place for a principal, which its identity stands for.
    pub(super) fn take(self: &Arc<Self>, owner: Option<Arc<str>>) -> Result<Place, Lack> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return Err(Lack::OfAll);
        }
        if let Some(owner) = &owner {
            let of_one = taken.owned.get(owner).copied().unwrap_or_default();
            if of_one >= self.most_of_one {
                return Err(Lack::OfOne);
            }
            taken.owned.insert(Arc::clone(owner), of_one + 1);
        }
        taken.all += 1;
        drop(taken);
        let places = Arc::clone(self);
        Ok(Place { places, owner })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(owner) = &self.owner
            && let Some(count) = taken.owned.get_mut(owner)
        {
            *count -= 1;
            if *count == 0 {
                taken.owned.remove(owner);
            }
        }
    }
}

/// Who has the places is not for logs.
impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("most", &self.most)
            .field("most_of_one", &self.most_of_one)
            .finish_non_exhaustive()
    }
}

/// By which the places of a principal are counted.
pub(super) fn owner(principal: Option<&Principal>) -> Option<Arc<str>> {
    principal.map(|principal| principal.identity().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_principal_does_not_take_the_places_of_the_others() {
        let places = Arc::new(Places::new(4, 2));
        let take = |who: &str| places.take(owner(Some(&Principal::new(who))));
        let alice = [take("alice").unwrap(), take("alice").unwrap()];
        assert_eq!(take("alice").unwrap_err(), Lack::OfOne);
        let bob = take("bob").unwrap();
        let nobody = places.take(None).unwrap();
        assert_eq!(take("carol").unwrap_err(), Lack::OfAll);
        assert_eq!(places.take(None).unwrap_err(), Lack::OfAll);
        drop(alice);
        let nobodies = [places.take(None).unwrap(), places.take(None).unwrap()];
        drop((bob, nobody, nobodies));
        let taken = places.taken();
        assert_eq!((taken.all, taken.owned.len()), (0, 0));
    }

    #[test]
    fn the_room_of_an_endpoint_is_more_than_one_principal_gets() {
        let room = Room::default();
        let alice = owner(Some(&Principal::new("alice")));
        let mut open = Vec::new();
        while let Ok(place) = room.listen(alice.clone()) {
            open.push(place);
        }
        assert_eq!(open.len(), 1000);
        assert!(room.listen(owner(Some(&Principal::new("bob")))).is_ok());
        assert!(room.listen(None).is_ok());
    }
}
