//! Changes of a server: one way to hear of them in every revision of the protocol.

use std::{fmt, future::Future, panic::Location, sync::Arc};

use rmcp::model::GetExtensions;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{
    Notification, ProtocolError, TestClient,
    capture::{Told, Wait},
    line::{Answer, Line, Open},
    request::{Caller, refused},
    served::Ended,
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
    ended: CancellationToken,
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
        if let Way::Listen(Listen { ended, open, .. }) = &self.way {
            open.take_back();
            return ended.cancelled().await;
        }
        for answer in self.unsubscribe() {
            // If the connection is closed, everything has ended.
            let _ = answer.await;
        }
    }

    /// Sends the request, and waits until the server acknowledges it.
    async fn open(&mut self, client: &TestClient) -> Result<(), ProtocolError> {
        let filter = json!({ "notifications": self.honoured });
        let mut request = client.raw("subscriptions/listen", filter);
        let (extension, ended) = Ended::new();
        request.extensions_mut().insert(extension);
        let caller = self.wait.caller;
        let Some((id, mut answer)) = self.line.ask(request) else {
            panic!("the connection is closed\nasked for at {caller}");
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
            ended,
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
            let request = json!({ "method": "resources/unsubscribe", "params": { "uri": uri } });
            let request = serde_json::from_value(request).ok()?;
            self.line.ask(request).map(|(_, answer)| answer)
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
