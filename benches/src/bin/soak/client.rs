//! Clients of all kinds: what they have in common, and how they pass their time.

use std::{
    fmt::Debug,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::time::timeout;

use crate::{
    Result,
    chance::Chance,
    connection::{Connection, Response},
    report::Tally,
    request::Request,
    shared::Shared,
};

/// No answer takes so long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// A kind of client.
pub(crate) trait Kind: Send + 'static {
    /// Something that such a client does.
    type Action: Copy + Debug + Send + Sync + 'static;

    /// What it is called.
    const NAME: &'static str;

    /// What it does, and how often of all times.
    const MIX: &'static [(Self::Action, u64)];

    fn new(client: Client) -> Self;

    fn client(&mut self) -> &mut Client;

    fn act(&mut self, action: Self::Action) -> impl Future<Output = Result<()>> + Send;
}

/// Does one thing after the other until it is over.
pub(crate) async fn run<K: Kind>(shared: Arc<Shared>, number: u64) -> Tally {
    let over = Arc::clone(&shared);
    let mut kind = K::new(Client::new(shared, number));
    let mut tally = Tally::default();
    while !over.over.load(Ordering::Relaxed) {
        let action = kind.client().chance.weighed(K::MIX);
        let done = timeout(PATIENCE, kind.act(action)).await;
        let done = done.unwrap_or_else(|_| Err("no answer".into()));
        tally.count(K::NAME, format!("{action:?}"));
        if let Err(problem) = done {
            over.errors.fetch_add(1, Ordering::Relaxed);
            kind.client().connection = None;
            eprintln!("{}, {action:?}: {problem}", K::NAME);
        }
    }
    tally
}

/// What a client of any kind has.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) number: u64,
    pub(crate) chance: Chance,
    token: String,
    /// One that is used again.
    connection: Option<Connection>,
}

impl Client {
    fn new(shared: Arc<Shared>, number: u64) -> Self {
        Self {
            shared,
            number,
            chance: Chance::new(number + 1),
            token: format!("Bearer client-{number}"),
            connection: None,
        }
    }

    /// Sends a request, often over the connection of the one before, and reads the response.
    pub(crate) async fn send(&mut self, request: Request) -> Result<Response> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        self.write(&mut connection, request).await?;
        let response = connection.response().await?;
        // Now and then with another one, and always behind what the server may have hung up after.
        if matches!(response.head.status, 200 | 202) && self.chance.below(20) > 0 {
            self.connection = Some(connection);
        }
        Ok(response)
    }

    /// Sends a request over a connection of its own. The response is to be read from there.
    pub(crate) async fn begin(&self, request: Request) -> Result<Connection> {
        let mut connection = self.connect().await?;
        self.write(&mut connection, request).await?;
        Ok(connection)
    }

    /// The same, if the response is a stream.
    pub(crate) async fn stream(&self, request: Request) -> Result<Connection> {
        let mut connection = self.begin(request).await?;
        let head = connection.head().await?;
        if head.status == 200 {
            return Ok(connection);
        }
        let rest = connection.events().await?;
        Err(format!("no stream: {head:?} {rest:?}").into())
    }

    /// Sends a request that has to be answered with a status, whatever else is in the answer.
    pub(crate) async fn expect(&mut self, status: u16, request: Request) -> Result<()> {
        let said = format!("{request:?}");
        let response = self.send(request).await?;
        if response.head.status == status {
            return Ok(());
        }
        Err(format!("not {status}: {said} is answered by {response:?}").into())
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        Connection::open(self.shared.address).await
    }

    async fn write(&self, connection: &mut Connection, request: Request) -> Result<()> {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let request = request.header("authorization", &self.token);
        connection.write(&request.text()).await
    }
}

/// Checks the last message of a response.
pub(crate) fn check(response: &Response, right: impl FnOnce(&Value) -> bool) -> Result<()> {
    if response.head.status == 200 && right(response.last()) {
        return Ok(());
    }
    Err(format!("an odd answer: {response:?}").into())
}

/// Whether a message is the result of a tool that says this.
pub(crate) fn says(message: &Value, text: &str) -> bool {
    message["result"]["content"][0]["text"] == text && message["result"]["isError"] != true
}

/// Whether messages are all steps of a count, in order, and the answer behind them.
pub(crate) fn is_count<'a>(messages: impl Iterator<Item = &'a Value>, to: u64) -> bool {
    let mut messages: Vec<_> = messages.filter(|message| !message.is_null()).collect();
    let Some(answer) = messages.pop() else {
        return false;
    };
    let steps = messages
        .iter()
        .map(|step| step["params"]["progress"].as_f64());
    #[expect(clippy::cast_precision_loss, reason = "counts are short")]
    let counted = (1..=to).map(|step| Some(step as f64));
    steps.eq(counted) && says(answer, &to.to_string())
}
