//! [`Introspection`]: callers whose tokens only their authorization server can read.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::request::Parts;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    Denied, Setup, Verify, bearer_token, claims,
    digest::{Digest, digest},
    fetch::{Fetch, document},
    kept::Kept,
    resource::is_same,
};
use crate::Principal;

/// How many questions are on their way at a time: whoever sends made-up tokens must not bring down the authorization server.
const MAX_ASKING: usize = 32;

/// How long a token waits for its turn to be asked about.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// How many tokens are remembered that do not count. They have a place of their own: whoever makes up tokens does not have those forgotten that do.
const MAX_DENIED: usize = 1_000;

/// How long a token that does not count is remembered at most.
const KEEP_DENIED: Duration = Duration::from_secs(10);

/// Asks the authorization server of a token whether it counts: RFC 7662.
///
/// The token must be active and for this server (`aud`). The issuer of the principal is that of the answer, or this URL if it names
/// none. An answer is kept for ten seconds unless [`cache_for`](Self::cache_for) says otherwise: so long a token that is revoked may
/// still count. A stream of changes goes on until the token would have ended (`exp`).
///
/// ```
/// use mcp_runtime::auth::{Auth, Introspection};
///
/// # let secret = "from the environment";
/// let auth = Auth::new("https://mcp.example.com/mcp")
///     .issuer("https://issuer.example.com")
///     .verifier(Introspection::new("https://issuer.example.com/introspect", "mcp", secret));
/// ```
#[must_use = "it does nothing until it is given to `Auth::verifier`"]
pub struct Introspection {
    endpoint: String,
    dialect: Dialect,
    client: String,
    secret: SecretString,
    issuers: Vec<String>,
    audiences: Vec<String>,
    keep: Duration,
    fetch: Option<Fetch>,
    asking: Semaphore,
    kept: Kept<Principal>,
    denied: Kept<Denied>,
}

/// How the question is put.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Standard,
    GitHub,
}

impl Introspection {
    /// Asks at this URL, as the client that the server is registered as there.
    pub fn new(
        endpoint: impl Into<String>,
        client: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        Self {
            endpoint: endpoint.into(),
            dialect: Dialect::Standard,
            client: client.into(),
            secret: secret.into(),
            issuers: Vec::new(),
            audiences: Vec::new(),
            keep: Duration::from_secs(10),
            fetch: None,
            asking: Semaphore::new(MAX_ASKING),
            kept: Kept::default(),
            denied: Kept::of(MAX_DENIED),
        }
    }

    /// Asks GitHub about tokens of people, as the OAuth or GitHub app that the tokens were made for: it knows no others. Clients
    /// are told to get them there.
    ///
    /// The subject is the number of the account; its name is the claim `login`.
    pub fn github(client: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self::github_enterprise("https://api.github.com", client, secret)
    }

    /// The same for a GitHub of your own, by the URL of its API: `https://github.example.com/api/v3`. Name where clients get
    /// tokens with [`Auth::issuer`](super::Auth::issuer).
    pub fn github_enterprise(
        api: &str,
        client: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        let client = client.into();
        let api = api.trim_end_matches('/');
        let endpoint = format!("{api}/applications/{}/token", encoded(&client));
        let mut introspection = Self::new(endpoint, client, secret);
        introspection.dialect = Dialect::GitHub;
        introspection
    }

    /// Adds an audience, for authorization servers that do not say the URL of the server but a name that you have registered there.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How long an answer is kept. That a token does not count is kept for ten seconds at most.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    async fn ask(&self, token: &str) -> Result<Map<String, Value>, Denied> {
        let unavailable =
            || Denied::unavailable("the token cannot be checked now: try again later");
        let fetch = self.fetch.as_ref().ok_or_else(unavailable)?;
        let turn = timeout(MAX_WAIT, self.asking.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            tracing::warn!(
                endpoint = self.endpoint,
                "too many tokens wait to be introspected"
            );
            return Err(unavailable());
        };
        match self.question(fetch, token).await {
            Ok(Value::Object(answer)) => Ok(answer),
            answer => {
                let problem = answer
                    .err()
                    .unwrap_or_else(|| "the answer is no object".into());
                tracing::warn!(
                    endpoint = self.endpoint,
                    problem,
                    "tokens cannot be introspected"
                );
                Err(unavailable())
            }
        }
    }

    async fn question(&self, fetch: &Fetch, token: &str) -> Result<Value, String> {
        let secret = self.secret.expose_secret();
        if self.dialect == Dialect::GitHub {
            let content = json!({ "access_token": token }).to_string();
            let content = ("application/json", content);
            let asked = fetch.post(&self.endpoint, (&self.client, secret), content);
            return match asked.await? {
                // It is not one of this app, or none at all.
                (StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY, _) => {
                    Ok(json!({ "active": false }))
                }
                (status, answer) => Ok(self.standard(&document(status, &answer)?)),
            };
        }
        let form = format!("token={}&token_type_hint=access_token", encoded(token));
        // RFC 6749, section 2.3.1.
        let (client, secret) = (encoded(&self.client), encoded(secret));
        let content = ("application/x-www-form-urlencoded", form);
        let asked = fetch.post(&self.endpoint, (&client, &secret), content);
        let (status, answer) = asked.await?;
        document(status, &answer)
    }

    /// What GitHub says, as others say it. It has answered for this app alone, so that the token is for this server.
    fn standard(&self, answer: &Value) -> Value {
        let user = &answer["user"];
        let subject = user["id"].as_u64().map(|id| id.to_string());
        let end = match &answer["expires_at"] {
            Value::Null => Ok(None),
            Value::String(end) => instant(end).map(Some).ok_or(()),
            _ => Err(()),
        };
        let is_active =
            answer["app"]["client_id"] == *self.client && subject.is_some() && end.is_ok();
        json!({
            "active": is_active,
            "exp": end.unwrap_or_default(),
            "sub": subject,
            "login": user["login"],
            "client_id": self.client,
            "scope": answer["scopes"],
            "aud": self.audiences,
        })
    }

    /// What an answer means, and how long.
    fn judge(&self, answer: Map<String, Value>) -> (Result<Principal, Denied>, Duration) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let time = |name| {
            let seconds = answer.get(name).and_then(Value::as_f64);
            seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        };
        let left = time("exp").map(|end| end.saturating_sub(now));
        let is_early = time("nbf").is_some_and(|begin| begin > now);
        let issuer = answer.get("iss").and_then(Value::as_str);
        let is_foreign = issuer.is_some_and(|issuer| {
            !self.issuers.is_empty() && !self.issuers.iter().any(|own| is_same(own, issuer))
        });
        let judged = if answer.get("active") != Some(&Value::Bool(true)) || is_early {
            Err(Denied::invalid("the token is not active"))
        } else if left.is_some_and(|left| left.is_zero()) {
            Err(Denied::invalid("the token is expired"))
        } else if is_foreign {
            Err(Denied::invalid("the token is of another issuer"))
        } else {
            claims::check_audience(&answer, &self.audiences)
                .and_then(|()| claims::principal(answer, &[], Duration::ZERO))
                .map(|principal| self.issued(principal))
        };
        (judged, left.map_or(self.keep, |left| left.min(self.keep)))
    }

    fn remember(&self, token: Digest, answer: &Result<Principal, Denied>, time: Duration) {
        match answer {
            Ok(principal) => self.kept.keep(token, principal.clone(), time),
            Err(denied) => {
                let time = time.min(KEEP_DENIED);
                self.denied.keep(token, denied.clone(), time);
            }
        }
    }

    /// Most answers do not say whose they are. What one endpoint calls `alice` is not what another one does.
    fn issued(&self, principal: Principal) -> Principal {
        match principal.issuer() {
            Some(_) => principal,
            None => principal.with_issuer(&*self.endpoint),
        }
    }
}

/// The seconds between 1970 and a time as GitHub writes it: `2026-07-28T12:00:00Z`.
fn instant(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, separator| {
        let mut numbers = text.split(separator).map(|part| part.parse::<u64>().ok());
        let all = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(all)
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    let is_real = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_real {
        return None;
    }
    // A year that begins in March ends with the day that may be missing.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap = year / 4 - year / 100 + year / 400;
    // From the first of March of the year 0 to the first of January 1970.
    let days = (year * 365 + leap + (month * 153 + 2) / 5 + day - 1).checked_sub(719_468)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl Verify for Introspection {
    async fn verify(&self, request: &Parts) -> Result<Option<Principal>, Denied> {
        let Some(token) = bearer_token(request) else {
            return Ok(None);
        };
        let key = digest(token);
        if let Some(principal) = self.kept.recall(&key) {
            return Ok(Some(principal));
        }
        if let Some(denied) = self.denied.recall(&key) {
            return Err(denied);
        }
        let (answer, time) = self.judge(self.ask(token).await?);
        self.remember(key, &answer, time);
        answer.map(Some)
    }

    fn prepare(&mut self, setup: &mut Setup<'_>) {
        self.issuers = setup.issuers().to_vec();
        self.audiences.push(setup.resource().to_owned());
        if self
            .audiences
            .iter()
            .chain([&self.client])
            .any(String::is_empty)
        {
            setup.problem("an audience or the client of an introspection is empty");
        }
        if self.dialect == Dialect::GitHub && self.endpoint.starts_with("https://api.github.com/") {
            setup.authorization_server("https://github.com/login/oauth");
        }
        if self.secret.expose_secret().is_empty() {
            setup.problem("the secret of an introspection is empty");
        }
        if setup.is_safe(&self.endpoint) {
            match Fetch::new(&self.endpoint) {
                Ok(fetch) => self.fetch = Some(fetch),
                Err(problem) => setup.problem(problem),
            }
        }
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("endpoint", &self.endpoint)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answering_nobody() -> Introspection {
        let endpoint = "http://localhost:1/introspect";
        let mut introspection = Introspection::new(endpoint, "mcp", "secret");
        introspection.fetch = Some(Fetch::new(endpoint).unwrap());
        introspection
    }

    async fn verify(introspection: &Introspection, token: &str) -> Result<Principal, Denied> {
        let request = http::Request::builder().header("authorization", format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let answer = Verify::verify(introspection, &parts).await;
        answer.map(Option::unwrap)
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_does_not_wait_for_ever_for_its_turn() {
        let introspection = answering_nobody();
        let _others = introspection.asking.acquire_many(32).await.unwrap();
        let begin = tokio::time::Instant::now();
        let denied = verify(&introspection, "one").await.unwrap_err();
        assert_eq!(denied.kind, super::super::verify::Denial::Unavailable);
        assert_eq!(begin.elapsed().as_secs(), MAX_WAIT.as_secs());
    }

    #[tokio::test]
    async fn tokens_that_do_not_count_have_none_forgotten_that_do() {
        let introspection = answering_nobody();
        let minute = Duration::from_secs(60);
        let remember = |token: &str, answer| introspection.remember(digest(token), &answer, minute);
        remember("good", Ok(Principal::new("alice")));
        for number in 0..=10_000 {
            let denied = Denied::invalid("the token is not active");
            remember(&number.to_string(), Err(denied));
        }
        let good = verify(&introspection, "good").await.unwrap();
        assert_eq!(good.subject(), "alice");
        let denied = verify(&introspection, "10000").await.unwrap_err();
        assert_eq!(denied.reason, "the token is not active");
    }

    #[test]
    fn the_end_of_a_token_of_github_is_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2000-03-01T00:00:01Z", Some(951_868_801)),
            ("2026-07-28T12:30:15Z", Some(1_785_241_815)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400)),
            ("2026-13-01T00:00:00Z", None),
            ("2026-07-28T24:00:00Z", None),
            ("2026-07-28T12:30:15", None),
            ("2026-07-28", None),
            ("", None),
        ] {
            assert_eq!(instant(text), seconds, "{text}");
        }
    }

    #[test]
    fn an_owner_is_one_of_the_endpoint_and_counts_as_long_as_it_says() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let end = Duration::from_secs(now.as_secs() + 60);
        let judged = |endpoint: &str, issuer: Option<&str>| {
            let introspection = Introspection::new(endpoint, "mcp", "secret").audience("x");
            let mut answer =
                json!({ "active": true, "aud": "x", "sub": "alice", "exp": end.as_secs() });
            if let Some(issuer) = issuer {
                answer["iss"] = issuer.into();
            }
            let (judged, _) = introspection.judge(answer.as_object().unwrap().clone());
            judged.unwrap()
        };
        let one = judged("https://a.test/introspect", None);
        assert_eq!(one.issuer(), Some("https://a.test/introspect"));
        assert_eq!(one.expiry(), Some(UNIX_EPOCH + end));
        assert_ne!(
            one.identity(),
            judged("https://b.test/introspect", None).identity()
        );
        let said = judged("https://a.test/introspect", Some("https://a.test"));
        assert_eq!(said.issuer(), Some("https://a.test"));
    }
}
