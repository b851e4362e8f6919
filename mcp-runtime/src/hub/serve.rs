//! Listening where rmcp serves.

use std::sync::Arc;

use super::{Heard, Interest, MAX_URIS, Mailbox, Rights, Session};
use crate::{Service, context::Caller, refusal};
use rmcp::{
    Peer, RoleServer,
    model::{ErrorData, RequestId, SubscriptionFilter},
    service::{RequestContext, SubscriptionContext},
};

impl Service {
    /// Notes a session that is about to be initialized.
    pub(crate) fn open_session(&self, peer: &Peer<RoleServer>) {
        let live = &self.parts().live;
        if live.is_dynamic() && live.hub.sessions.of(peer).is_none() {
            live.hub.join(&live.hub.sessions.add(peer.clone()));
        }
    }

    /// Tells a session from now on what has changed.
    pub(crate) fn begin_session(&self, peer: &Peer<RoleServer>) {
        if let Some(session) = self.parts().live.hub.sessions.of(peer) {
            session.begin();
        }
    }

    /// What of a filter can be honoured; `None` if nothing changes here.
    pub(crate) fn accept_stream(&self, asked: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let live = &self.parts().live;
        if !live.is_dynamic() {
            return None;
        }
        // One with too many resources is refused as soon as it is handed over: here is no way to do so.
        // Nor does rmcp say who asks: nobody in particular does.
        let caller = Caller::detached();
        let known = |uri: &str| !has_too_many(asked) && self.may_hear(&caller, uri).is_ok();
        let interest = Interest::of(asked, known);
        let filter = interest.filter(asked);
        let mailbox = Arc::new(Mailbox::default());
        // The only one in its mailbox, so that any id will do.
        let rights = Rights::of(self, &caller);
        mailbox.listen(Some(RequestId::Number(0)), interest, rights);
        live.hub.join(&mailbox);
        live.hub.accept(filter.clone(), mailbox);
        Some(filter)
    }

    /// Tells the client of a stream what has changed, until it takes the stream back or the server ends.
    pub(crate) async fn tell_stream(&self, stream: SubscriptionContext) -> Result<(), ErrorData> {
        if has_too_many(stream.requested()) {
            return Err(refusal::too_many_uris());
        }
        let hub = &self.parts().live.hub;
        let Some(mailbox) = hub.accepted_as(stream.accepted()) else {
            // So many were accepted at the same time that this one was forgotten. The client asks again.
            return Ok(());
        };
        loop {
            let heard = tokio::select! {
                biased;
                () = stream.cancelled() => return Ok(()),
                heard = mailbox.next() => heard,
            };
            match heard {
                Heard::End(_) => return Ok(()),
                Heard::Change(_, notification) => {
                    if stream.sink().send(notification).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Who asks where rmcp serves. In a session, whoever asks now may use less than before: it does not hear any more of what it
    /// may not use.
    pub(crate) fn caller(&self, request: RequestContext<RoleServer>) -> Caller {
        let live = &self.parts().live;
        let peer = (live.is_dynamic() && self.is_guarded()).then(|| request.peer.clone());
        let caller = Caller::from(request);
        if let Some(session) = peer.and_then(|peer| live.hub.sessions.of(&peer)) {
            self.review(&session.mailbox, &caller);
        }
        caller
    }

    /// Takes out of what a session hears whatever its caller may not use any more. Returns whether there was any of that.
    pub(crate) fn review(&self, mailbox: &Mailbox, caller: &Caller) -> bool {
        let subscribes = mailbox.in_session(|interest| interest.uris().next().is_some());
        let rights = Rights::of(self, caller).filter(|_| subscribes == Some(true));
        rights.is_some_and(|rights| mailbox.review(&rights))
    }

    /// `resources/subscribe`.
    pub(crate) fn subscribe(
        &self,
        request: RequestContext<RoleServer>,
        uri: &str,
    ) -> Result<(), ErrorData> {
        let session = self.session(&request, "resources/subscribe")?;
        self.subscribe_in(&session.mailbox, &self.caller(request), uri)?;
        // Who asks for it wants to hear, even without `notifications/initialized`.
        session.begin();
        Ok(())
    }

    /// `resources/unsubscribe`.
    pub(crate) fn unsubscribe(
        &self,
        request: &RequestContext<RoleServer>,
        uri: &str,
    ) -> Result<(), ErrorData> {
        let session = self.session(request, "resources/unsubscribe")?;
        session.mailbox.in_session(|interest| interest.remove(uri));
        Ok(())
    }

    /// Adds a resource to what a session wants to hear of.
    pub(crate) fn subscribe_in(
        &self,
        mailbox: &Mailbox,
        caller: &Caller,
        uri: &str,
    ) -> Result<(), ErrorData> {
        self.may_hear(caller, uri).map_err(|refused| {
            refused.unwrap_or_else(|| {
                let registry = self.registry();
                let view = self.view(&registry, caller);
                refusal::unknown_resource(uri, &view, &caller.version)
            })
        })?;
        if mailbox.in_session(|interest| interest.add(uri)) != Some(true) {
            return Err(refusal::too_many_uris());
        }
        self.review(mailbox, caller);
        Ok(())
    }

    fn session(
        &self,
        request: &RequestContext<RoleServer>,
        method: &str,
    ) -> Result<Arc<Session>, ErrorData> {
        let session = self.parts().live.hub.sessions.of(&request.peer);
        session.ok_or_else(|| refusal::method(method))
    }
}

/// Whether a filter names more resources than it may.
pub(crate) fn has_too_many(filter: &SubscriptionFilter) -> bool {
    let uris = filter.resource_subscriptions.as_ref();
    uris.is_some_and(|uris| uris.len() > MAX_URIS)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::Server;

    #[test]
    fn a_stream_tells_what_changes_before_rmcp_hands_it_over() {
        let service = Server::new("x", "1").build().unwrap();
        let handle = service.handle();
        let asked = SubscriptionFilter::builder()
            .tools_list_changed()
            .resource_subscription("nowhere://1")
            .build();
        let honoured = service.accept_stream(&asked).unwrap();
        handle.tools_changed();
        // What rmcp makes of it.
        let accepted = asked.intersection(&honoured);
        let mailbox = service.parts().live.hub.accepted_as(&accepted).unwrap();
        let heard = mailbox.next().now_or_never();
        assert!(matches!(heard, Some(Heard::Change(..))), "{heard:?}");
    }
}
