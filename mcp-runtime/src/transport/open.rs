//! The requests in flight of one connection.

use std::{collections::HashMap, sync::Arc};

use rmcp::model::RequestId;

use crate::context::{Caller, Ticket};

/// The requests that are to be answered.
///
/// Most handlers are ready at once, and their requests are answered before the next one is read: the last request stands by
/// itself, so that those never come into the map.
#[derive(Debug, Default)]
pub(super) struct Open {
    last: Option<(Ticket, Arc<Caller>)>,
    others: HashMap<RequestId, (u64, Arc<Caller>)>,
}

impl Open {
    /// Whether a request with this id is to be answered.
    pub(super) fn has(&self, id: &RequestId) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|(ticket, _)| ticket.id == *id) || self.others.contains_key(id)
    }

    /// Whether the request of a ticket is to be answered.
    pub(super) fn wants(&self, ticket: &Ticket) -> bool {
        self.is_last(ticket) || self.is_another(ticket)
    }

    /// Adds a request. There is none with its id.
    pub(super) fn add(&mut self, ticket: Ticket, caller: Arc<Caller>) {
        if let Some((Ticket { id, serial }, caller)) = self.last.replace((ticket, caller)) {
            self.others.insert(id, (serial, caller));
        }
    }

    /// Takes a request out that is answered now; says whether it was to be answered.
    pub(super) fn end(&mut self, ticket: &Ticket) -> bool {
        if self.is_last(ticket) {
            self.last = None;
            return true;
        }
        let wanted = self.is_another(ticket);
        if wanted {
            self.others.remove(&ticket.id);
        }
        wanted
    }

    /// Takes a request out that the client takes back.
    pub(super) fn take_back(&mut self, id: &RequestId) -> Option<Arc<Caller>> {
        let last = self.last.take_if(|(ticket, _)| ticket.id == *id);
        let last = last.map(|(_, caller)| caller);
        last.or_else(|| self.others.remove(id).map(|(_, caller)| caller))
    }

    /// Takes all of them back.
    pub(super) fn cancel(&mut self) {
        let last = self.last.take().map(|(_, caller)| caller);
        let others = self.others.drain().map(|(_, (_, caller))| caller);
        for caller in last.into_iter().chain(others) {
            caller.cancel.cancel();
        }
    }

    fn is_last(&self, ticket: &Ticket) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|(last, _)| last.serial == ticket.serial)
    }

    fn is_another(&self, ticket: &Ticket) -> bool {
        let other = self.others.get(&ticket.id);
        other.is_some_and(|(serial, _)| *serial == ticket.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(serials: &[u64]) -> Open {
        let mut open = Open::default();
        for &serial in serials {
            open.add(ticket(serial, 1), Arc::new(Caller::detached()));
        }
        open
    }

    fn ticket(serial: u64, first: u64) -> Ticket {
        let id = i64::try_from(serial - first).unwrap();
        let id = RequestId::Number(id);
        Ticket { id, serial }
    }

    #[test]
    fn a_request_is_open_until_it_is_answered() {
        let mut open = opened(&[1, 2, 3]);
        for serial in [2, 3, 1] {
            let ticket = ticket(serial, 1);
            assert!(open.has(&ticket.id) && open.wants(&ticket));
            assert!(open.end(&ticket));
            assert!(!open.has(&ticket.id) && !open.wants(&ticket));
            assert!(!open.end(&ticket));
        }
    }

    #[test]
    fn the_ticket_of_an_earlier_request_with_the_same_id_ends_nothing() {
        for later in [&[10][..], &[10, 11]] {
            let mut open = Open::default();
            for &serial in later {
                open.add(ticket(serial, 10), Arc::new(Caller::detached()));
            }
            let earlier = ticket(5, 5);
            assert_eq!(earlier.id, RequestId::Number(0));
            assert!(!open.wants(&earlier) && !open.end(&earlier));
            assert!(open.has(&earlier.id));
        }
    }

    #[test]
    fn what_is_taken_back_is_taken_back_once() {
        let mut open = opened(&[1, 2, 3]);
        for id in [0, 2, 1] {
            let id = RequestId::Number(id);
            assert!(open.take_back(&id).is_some());
            assert!(open.take_back(&id).is_none() && !open.has(&id));
        }
    }

    #[test]
    fn all_are_taken_back_at_once() {
        let mut open = Open::default();
        let callers = [1, 2, 3].map(|serial| {
            let caller = Arc::new(Caller::detached());
            open.add(ticket(serial, 1), Arc::clone(&caller));
            caller
        });
        let answered = ticket(2, 1);
        assert!(open.end(&answered));
        open.cancel();
        assert_eq!(
            callers.map(|caller| caller.cancel.is_cancelled()),
            [true, false, true]
        );
    }
}
