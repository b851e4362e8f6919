//! What the client of a connection hears of changes: streams of notifications, and the subscriptions of a session.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use rmcp::model::{
    ErrorData, GetMeta as _, NotificationMetaObject, RequestId, ServerJsonRpcMessage,
    ServerNotification, SubscriptionFilter, SubscriptionsAcknowledgedNotification,
    SubscriptionsAcknowledgedNotificationParams, SubscriptionsListenResult,
};
use serde_json::{Value, json};

use super::{super::reply, params::Params};
use crate::{
    Service,
    context::Caller,
    hub::{Heard, Interest, Mailbox, Rights, has_too_many},
    refusal,
};

/// How many streams of notifications a client may have open at a time.
const MAX_STREAMS: usize = 64;

/// What the client of a connection hears of changes.
#[derive(Debug, Default)]
pub(in super::super) struct Listening {
    /// Nothing, as long as there is none.
    mailbox: Option<Arc<Mailbox>>,
    /// The session may hear less than before.
    #[cfg(feature = "http")]
    lost: bool,
}

/// Whether a method is about what a client hears of changes.
pub(super) fn is_about(method: &str) -> bool {
    matches!(
        method,
        "subscriptions/listen" | "resources/subscribe" | "resources/unsubscribe"
    )
}

impl Listening {
    /// Answers a request about what the client hears; for a stream, the answer is its acknowledgement.
    pub(super) fn request(
        &mut self,
        service: &Service,
        caller: &Caller,
        params: Params<'_>,
    ) -> Result<Vec<u8>, ErrorData> {
        let (method, has_sessions) = (params.method, caller.version.has_initialize());
        match method {
            "subscriptions/listen" if !has_sessions => self.listen(service, caller, params),
            "resources/subscribe" if has_sessions => self.subscribe(service, caller, params),
            "resources/unsubscribe" if has_sessions => self.unsubscribe(caller, params),
            _ => Err(refusal::method(method)),
        }
    }

    /// The session hears of all lists from now on, but is told only when it [begins](Self::begin_session).
    pub(super) fn open_session(&mut self, service: &Service) {
        if service.parts().live.is_dynamic() {
            self.mailbox(service).open_session();
        }
    }

    /// Whoever asks now may use less than before: the session does not hear any more of what it may not use.
    pub(super) fn review(&mut self, service: &Service, caller: &Caller) {
        if let Some(mailbox) = &self.mailbox
            && caller.version.has_initialize()
            && service.review(mailbox, caller)
        {
            #[cfg(feature = "http")]
            {
                self.lost = true;
            }
        }
    }

    /// Whether the session may hear less than when this was asked the last time.
    #[cfg(feature = "http")]
    pub(in super::super) fn take_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// The client is ready.
    pub(in super::super) fn begin_session(&self) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.begin();
        }
    }

    /// Has the end of the server wake whoever [polls](Self::poll), also if there is nothing to hear.
    #[cfg(feature = "http")]
    pub(in super::super) fn attend(&mut self, service: &Service) {
        self.mailbox(service);
    }

    /// Whether a request with this id has opened a stream that is still there.
    pub(in super::super) fn has(&self, id: &RequestId) -> bool {
        self.mailbox.as_ref().is_some_and(|mailbox| mailbox.has(id))
    }

    /// The client takes a stream back.
    pub(in super::super) fn leave(&self, id: &RequestId) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.leave(id);
        }
    }

    /// How many streams there are.
    pub(in super::super) fn streams(&self) -> usize {
        self.mailbox.as_ref().map_or(0, |mailbox| mailbox.streams())
    }

    /// Ends the only stream at once, with its result.
    #[cfg(feature = "http")]
    pub(in super::super) fn cut(&self, service: &Service) -> Option<Vec<u8>> {
        let id = self.mailbox.as_ref()?.cut()?;
        Some(ended(&id, service))
    }

    /// Ends all streams.
    pub(in super::super) fn end(&self) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.end();
        }
    }

    /// The next line to write.
    pub(in super::super) fn poll(&self, cx: &mut Context<'_>, service: &Service) -> Poll<Vec<u8>> {
        let Some(mailbox) = &self.mailbox else {
            return Poll::Pending;
        };
        Poll::Ready(match ready!(mailbox.poll(cx)) {
            Heard::Change(id, notification) => written(id, notification),
            Heard::End(id) => ended(&id, service),
        })
    }

    fn listen(
        &mut self,
        service: &Service,
        caller: &Caller,
        mut params: Params<'_>,
    ) -> Result<Vec<u8>, ErrorData> {
        let method = params.method;
        let filter = params.object("notifications")?;
        let filter = filter.ok_or_else(|| refusal::params(method, "`notifications` is missing"))?;
        let asked: SubscriptionFilter = serde_json::from_value(Value::Object(filter))
            .map_err(|error| refusal::params(method, &format!("`notifications`: {error}")))?;
        if has_too_many(&asked) {
            return Err(refusal::too_many_uris());
        }
        if self.streams() >= MAX_STREAMS {
            let problem = format!("at most {MAX_STREAMS} streams of notifications can be open");
            return Err(ErrorData::invalid_params(problem, None));
        }
        let id = caller.id.clone();
        let interest = Interest::of(&asked, |uri| service.may_hear(caller, uri).is_ok());
        let honoured = SubscriptionsAcknowledgedNotificationParams::new(interest.filter(&asked));
        let rights = Rights::of(service, caller);
        self.mailbox(service)
            .listen(Some(id.clone()), interest, rights);
        let acknowledged = SubscriptionsAcknowledgedNotification::new(honoured);
        let acknowledged = ServerNotification::SubscriptionsAcknowledgedNotification(acknowledged);
        Ok(written(Some(id), acknowledged))
    }

    fn subscribe(
        &mut self,
        service: &Service,
        caller: &Caller,
        mut params: Params<'_>,
    ) -> Result<Vec<u8>, ErrorData> {
        let uri = params.required("uri")?;
        let mailbox = self.mailbox(service);
        service.subscribe_in(mailbox, caller, &uri)?;
        // Who asks for it wants to hear, even without `notifications/initialized`.
        mailbox.begin();
        Ok(reply::result(&caller.id, &json!({})))
    }

    fn unsubscribe(&self, caller: &Caller, mut params: Params<'_>) -> Result<Vec<u8>, ErrorData> {
        let uri = params.required("uri")?;
        if let Some(mailbox) = &self.mailbox {
            mailbox.in_session(|interest| interest.remove(&uri));
        }
        Ok(reply::result(&caller.id, &json!({})))
    }

    /// The mailbox of the connection, which is there as soon as the client wants to hear of anything.
    fn mailbox(&mut self, service: &Service) -> &Arc<Mailbox> {
        self.mailbox.get_or_insert_with(|| {
            let mailbox = Arc::default();
            service.parts().live.hub.join(&mailbox);
            mailbox
        })
    }
}

/// The line of a notification, with the stream that it belongs to.
fn written(id: Option<RequestId>, mut notification: ServerNotification) -> Vec<u8> {
    if let Some(id) = id {
        let meta: &mut NotificationMetaObject = notification.get_meta_mut();
        meta.set_subscription_id(id);
    }
    // Its fields are text.
    reply::line(&ServerJsonRpcMessage::notification(notification)).unwrap_or_default()
}

/// The result of a stream that the server has ended.
fn ended(id: &RequestId, service: &Service) -> Vec<u8> {
    let mut result = SubscriptionsListenResult::complete(id.clone());
    result
        .meta
        .set_server_info(service.parts().info.server_info.clone());
    reply::result(id, &result)
}
