//! Changes of a server: one way to hear of them in every revision of the protocol.

use std::{fmt, future::Future, panic::Location, sync::Arc};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    Notification, ProtocolError, TestClient,
    capture::{Told, Wait},
    line::{Answer, Line},
    message::Written,
    request::{Caller, Open, closed, refused},
};

/// What a client wants to hear of.
///
/// ```
/// use mcp_runtime::testing::Changes;
///
/// let changes = Changes::of_lists().and_resource("note://7");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    lists: Vec<List>,
    uris: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Tools,
    Prompts,
    Resources,
}

impl Changes {
    /// Changes of the lists of tools, prompts and resources.
    #[must_use]
    pub fn of_lists() -> Self {
        Self {
            lists: vec![List::Tools, List::Prompts, List::Resources],
            uris: Vec::new(),
        }
    }

    /// Changes of the list of tools.
    #[must_use]
    pub fn of_tools() -> Self {
        Self::of(List::Tools)
    }

    /// Changes of the list of prompts.
    #[must_use]
    pub fn of_prompts() -> Self {
        Self::of(List::Prompts)
    }

    /// Changes of the list of resources.
    #[must_use]
    pub fn of_resources() -> Self {
        Self::of(List::Resources)
    }

    /// Changes of one resource.
    #[must_use]
    pub fn of_resource(uri: impl Into<String>) -> Self {
        Self::default().and_resource(uri)
    }

    /// Adds the changes of one resource.
    #[must_use]
    pub fn and_resource(mut self, uri: impl Into<String>) -> Self {
        self.uris.push(uri.into());
        self
    }

    fn of(list: List) -> Self {
        Self {
            lists: vec![list],
            uris: Vec::new(),
        }
    }

    /// The changes as a filter of `subscriptions/listen`.
    fn filter(&self) -> Value {
        let mut filter = json!({});
        for list in &self.lists {
            filter[list.field()] = true.into();
        }
        if !self.uris.is_empty() {
            filter["resourceSubscriptions"] = json!(self.uris);
        }
        filter
    }

    /// Whether a notification of a session tells one of these changes.
    fn tell(&self, notification: &Notification) -> bool {
        let uri = notification.params["uri"].as_str();
        let method = notification.method.as_str();
        self.lists.iter().any(|list| list.method() == method)
            || method == UPDATED && self.uris.iter().any(|own| Some(own.as_str()) == uri)
    }
}

impl List {
    fn field(self) -> &'static str {
        match self {
            Self::Tools => "toolsListChanged",
            Self::Prompts => "promptsListChanged",
            Self::Resources => "resourcesListChanged",
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::Tools => "notifications/tools/list_changed",
            Self::Prompts => "notifications/prompts/list_changed",
            Self::Resources => "notifications/resources/list_changed",
        }
    }
}

impl TestClient {
    /// Listens to changes, by whatever the revision has for it: `subscriptions/listen`, or `resources/subscribe` and what
    /// every session is told. When this is done, the server knows of it.
    ///
    /// # Panics
    ///
    /// If the server refuses, as one that does not change does.
    #[track_caller]
    pub fn listen(&self, changes: Changes) -> impl Future<Output = Subscription> + Send {
        let caller = Location::caller();
        async move {
            match self.listening(changes, caller).await {
                Ok(subscription) => subscription,
                Err(error) => refused("listening", &error, caller),
            }
        }
    }

    /// Listens to changes of a server that may refuse it.
    ///
    /// # Errors
    ///
    /// An error of the protocol, such as that of a server that does not change.
    #[track_caller]
    pub fn try_listen(
        &self,
        changes: Changes,
    ) -> impl Future<Output = Result<Subscription, ProtocolError>> + Send {
        self.listening(changes, Location::caller())
    }

    /// Listens to changes of one resource.
    ///
    /// # Panics
    ///
    /// If the server refuses, as it does if there is no such resource.
    #[track_caller]
    pub fn subscribe(&self, uri: &str) -> impl Future<Output = Subscription> + Send {
        self.listen(Changes::of_resource(uri))
    }

    async fn listening(
        &self,
        changes: Changes,
        caller: Caller,
    ) -> Result<Subscription, ProtocolError> {
        let mut subscription = Subscription {
            way: Way::Session(Vec::new()),
            line: Arc::clone(&self.line),
            honoured: changes.filter(),
            from: self.notifications().len(),
            wait: self.wait("a change", caller),
            changes,
        };
        if self.protocol().has_sessions() {
            for uri in subscription.changes.uris.clone() {
                let subscribe = self.request("resources/subscribe", json!({ "uri": uri }));
                subscribe.await?;
                if let Way::Session(uris) = &mut subscription.way {
                    uris.push(uri);
                }
            }
        } else {
            subscription.open(self).await?;
        }
        Ok(subscription)
    }
}

/// Changes of a server that a client hears of: [`TestClient::listen`]. Dropping it ends it.
#[must_use = "a subscription that is dropped has ended"]
pub struct Subscription {
    way: Way,
    line: Arc<Line>,
    changes: Changes,
    honoured: Value,
    /// The first notification that was not looked at.
    from: usize,
    wait: Wait<'static>,
}

/// What the revision has for it.
enum Way {
    /// What every session is told, and `resources/subscribe` for these.
    Session(Vec<String>),
    /// A request of its own.
    Listen(Listen),
}

struct Listen {
    id: Value,
    open: Open,
    /// `None` if it has come.
    answer: Option<oneshot::Receiver<Answer>>,
}

impl Subscription {
    /// Waits for the next change; `None` if the server has ended the subscription.
    ///
    /// # Panics
    ///
    /// If nothing comes in time, with all that came: see [`TestOptions::patience`](super::TestOptions::patience).
    #[track_caller]
    pub fn next_change(&mut self) -> impl Future<Output = Option<Notification>> + Send {
        let wait = Wait {
            caller: Location::caller(),
            ..self.wait
        };
        async move {
            let Self {
                way,
                line,
                changes,
                from,
                ..
            } = self;
            let Way::Listen(Listen { id, answer, .. }) = way else {
                let pick = |told: &Told| next(told, from, |one| changes.tell(one));
                return Some(line.log.wait(&wait, pick).await);
            };
            let mut pick = |told: &Told| next(told, from, |one| belongs(one, id));
            if let Some(end) = answer {
                tokio::select! {
                    biased;
                    change = line.log.wait(&wait, &mut pick) => return Some(change),
                    _ = end => {}
                }
            }
            *answer = None;
            // What was told before the end may have come in the meantime.
            line.log.read(pick)
        }
    }

    /// What the server promises to tell: the filter of its acknowledgement, or all that was asked for in a session.
    #[must_use]
    pub fn honoured(&self) -> &Value {
        &self.honoured
    }

    /// Ends the subscription and waits until the server knows of it.
    pub async fn end(mut self) {
        if let Way::Listen(Listen { open, .. }) = &self.way {
            return open.end().await;
        }
        for answer in self.unsubscribe() {
            // If the connection is closed, everything has ended.
            let _ = answer.await;
        }
    }

    /// Sends the request, and waits until the server acknowledges it.
    async fn open(&mut self, client: &TestClient) -> Result<(), ProtocolError> {
        let params = client.raw(json!({ "notifications": self.honoured }));
        let caller = self.wait.caller;
        let id = self.line.id();
        let message = Written::new(&id, "subscriptions/listen", params.as_ref());
        let Some(mut answer) = self.line.ask_raw(&id, &message) else {
            closed(caller)
        };
        let open = Open::new(&self.line, id.clone());
        let id = serde_json::to_value(id).unwrap_or_default();
        let wait = Wait {
            what: "the acknowledgement of a subscription",
            ..self.wait
        };
        let from = &mut self.from;
        let acknowledged = |told: &Told| next(told, from, |one| belongs(one, &id));
        let first = tokio::select! {
            biased;
            first = self.line.log.wait(&wait, acknowledged) => first,
            answer = open.answer(&mut answer, caller) => match answer {
                Ok(_) => panic!("a subscription ended before it began\nasked for at {caller}"),
                Err(error) => return Err(error),
            },
        };
        assert_eq!(
            first.method, ACKNOWLEDGED,
            "a subscription begins with another notification"
        );
        self.honoured = first.params["notifications"].clone();
        self.way = Way::Listen(Listen {
            id,
            open,
            answer: Some(answer),
        });
        Ok(())
    }

    /// Takes back what a session was asked for, once.
    fn unsubscribe(&mut self) -> Vec<oneshot::Receiver<Answer>> {
        let Way::Session(uris) = &mut self.way else {
            return Vec::new();
        };
        let uris = std::mem::take(uris).into_iter();
        uris.filter_map(|uri| {
            let (id, params) = (self.line.id(), json!({ "uri": uri }));
            let message = Written::new(&id, "resources/unsubscribe", &params);
            self.line.ask_raw(&id, &message)
        })
        .collect()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Nothing waits for the answers.
        drop(self.unsubscribe());
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("changes", &self.changes)
            .field("honoured", &self.honoured)
            .finish_non_exhaustive()
    }
}

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
const UPDATED: &str = "notifications/resources/updated";
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// The first notification after `from` that is wanted.
fn next(
    told: &Told,
    from: &mut usize,
    wanted: impl Fn(&Notification) -> bool,
) -> Option<Notification> {
    while let Some(notification) = told.notifications.get(*from) {
        *from += 1;
        if wanted(notification) {
            return Some(notification.clone());
        }
    }
    None
}

fn belongs(notification: &Notification, subscription: &Value) -> bool {
    notification.params["_meta"][SUBSCRIPTION] == *subscription
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, OnceLock, PoisonError},
        time::Duration,
    };

    use rmcp::{
        ErrorData, RoleServer, ServerHandler, ServiceExt,
        model::{
            InitializeResult, ResourceUpdatedNotificationParam, ServerCapabilities,
            SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
        },
        service::{RequestContext, SubscriptionContext},
    };
    use tokio::sync::Notify;

    use super::*;
    use crate::testing::{Protocol, ends::ServerEnd};

    /// A server that is made without this crate. It tells a change of tools and one of a note, and ends a subscription when
    /// it is told to.
    #[derive(Clone, Default)]
    struct Hub {
        log: Arc<Mutex<Vec<String>>>,
        end: Arc<Notify>,
        line: Arc<OnceLock<Arc<Line>>>,
    }

    impl Hub {
        fn say(&self, text: impl Into<String>) {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(text.into());
        }

        fn said(&self) -> Vec<String> {
            self.log
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        }
    }

    impl ServerHandler for Hub {
        fn get_info(&self) -> InitializeResult {
            let mut info = InitializeResult::default();
            info.capabilities = ServerCapabilities::builder()
                .enable_tools()
                .enable_tool_list_changed()
                .enable_resources()
                .enable_resources_subscribe()
                .build();
            info
        }

        fn accepted_subscription_filter(
            &self,
            asked: &SubscriptionFilter,
        ) -> Option<SubscriptionFilter> {
            let mut accepted = asked.clone();
            accepted.prompts_list_changed = None;
            Some(accepted).filter(|_| asked.resources_list_changed.is_none())
        }

        async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
            let sink = context.sink();
            if context.accepted().tools_list_changed == Some(true) {
                sink.notify_tool_list_changed().await.unwrap();
            }
            for uri in context.accepted().resource_subscriptions.iter().flatten() {
                sink.notify_resource_updated(uri).await.unwrap();
            }
            tokio::select! {
                () = context.cancelled() => self.say("taken back"),
                () = self.end.notified() => self.say("ended"),
            }
            self.line.get().unwrap().ended(sink.id());
            Ok(())
        }

        async fn subscribe(
            &self,
            params: SubscribeRequestParams,
            context: RequestContext<RoleServer>,
        ) -> Result<(), ErrorData> {
            if params.uri == "note://missing" {
                return Err(ErrorData::resource_not_found("no such note", None));
            }
            let peer = context.peer;
            peer.notify_tool_list_changed().await.unwrap();
            for uri in ["note://other", &params.uri] {
                let updated = ResourceUpdatedNotificationParam::new(uri);
                peer.notify_resource_updated(updated).await.unwrap();
            }
            self.say(format!("+ {}", params.uri));
            Ok(())
        }

        async fn unsubscribe(
            &self,
            params: UnsubscribeRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<(), ErrorData> {
            self.say(format!("- {}", params.uri));
            Ok(())
        }
    }

    async fn connect(hub: &Hub, protocol: Protocol) -> TestClient {
        let hub = hub.clone();
        let serve = |end: ServerEnd| {
            tokio::spawn(async move {
                hub.line.set(end.line).unwrap();
                if let Ok(running) = hub.serve((end.reader, end.writer)).await {
                    let _ = running.waiting().await;
                }
                Ok(())
            })
        };
        let patience = Duration::from_secs(3);
        let options = TestClient::options().protocol(protocol).patience(patience);
        options.connected_to(serve, Location::caller()).await
    }

    #[tokio::test]
    async fn a_client_hears_of_what_it_has_subscribed_to() {
        for protocol in Protocol::ALL {
            let hub = Hub::default();
            let client = connect(&hub, *protocol).await;
            let mut note = client.subscribe("note://1").await;
            assert_eq!(
                note.honoured(),
                &json!({ "resourceSubscriptions": ["note://1"] })
            );
            let change = note.next_change().await.expect("a change");
            assert_eq!(change.method, UPDATED);
            assert_eq!(change.params["uri"], "note://1");
            note.end().await;
            let ended = if protocol.has_sessions() {
                vec!["+ note://1", "- note://1"]
            } else {
                vec!["taken back"]
            };
            assert_eq!(hub.said(), ended);
            client.close().await;
        }
    }

    #[tokio::test]
    async fn one_subscription_is_for_lists_and_resources() {
        for protocol in Protocol::ALL {
            let client = connect(&Hub::default(), *protocol).await;
            let changes = Changes::of_tools().and_resource("note://1");
            let mut changes = client.listen(changes).await;
            let first = changes.next_change().await.expect("a change");
            assert_eq!(first.method, "notifications/tools/list_changed");
            let second = changes.next_change().await.expect("a change");
            assert_eq!(
                (&*second.method, &second.params["uri"]),
                (UPDATED, &json!("note://1"))
            );
        }
    }

    #[tokio::test]
    async fn a_server_may_promise_less_than_it_is_asked_for() {
        let client = connect(&Hub::default(), Protocol::MODERN).await;
        let changes = client.listen(Changes::of_prompts()).await;
        assert_eq!(changes.honoured(), &json!({}));
    }

    #[tokio::test]
    async fn a_server_may_refuse_to_tell() {
        for protocol in Protocol::ALL {
            let client = connect(&Hub::default(), *protocol).await;
            let changes = if protocol.has_sessions() {
                Changes::of_resource("note://missing")
            } else {
                Changes::of_resources()
            };
            let error = client.try_listen(changes).await.unwrap_err();
            let code = if protocol.has_sessions() {
                -32002
            } else {
                -32601
            };
            assert_eq!(error.code, code);
        }
    }

    #[tokio::test]
    async fn a_server_may_end_a_subscription() {
        let hub = Hub::default();
        let client = connect(&hub, Protocol::MODERN).await;
        let mut changes = client.listen(Changes::of_tools()).await;
        assert!(changes.next_change().await.is_some());
        hub.end.notify_one();
        assert_eq!(changes.next_change().await, None);
        assert_eq!(changes.next_change().await, None);
        changes.end().await;
        assert_eq!(hub.said(), ["ended"]);
    }

    #[tokio::test]
    async fn a_subscription_that_is_dropped_has_ended() {
        for protocol in Protocol::ALL {
            let hub = Hub::default();
            let client = connect(&hub, *protocol).await;
            drop(client.subscribe("note://1").await);
            client.close().await;
            let last = hub.said().pop();
            let expected = if protocol.has_sessions() {
                "- note://1"
            } else {
                "taken back"
            };
            assert_eq!(last.as_deref(), Some(expected));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_does_not_come_ends_the_test() {
        for protocol in Protocol::ALL {
            let client = connect(&Hub::default(), *protocol).await;
            let mut changes = client.listen(Changes::of_prompts()).await;
            let change = std::panic::AssertUnwindSafe(changes.next_change());
            let panic = futures_util::FutureExt::catch_unwind(change)
                .await
                .unwrap_err();
            let message = crate::driver::message(&*panic);
            assert!(
                message.starts_with("a change did not come within 3s"),
                "{message}"
            );
        }
    }

    #[tokio::test]
    async fn a_subscription_ends_with_the_connection() {
        let client = connect(&Hub::default(), Protocol::MODERN).await;
        let mut changes = client.listen(Changes::of_prompts()).await;
        client.close().await;
        assert_eq!(changes.next_change().await, None);
    }
}
