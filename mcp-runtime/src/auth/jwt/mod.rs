//! [`Jwt`]: callers who prove themselves with a JSON Web Token.

mod demand;
mod discovery;
mod key;
mod preset;
mod read;
mod set;

pub use self::key::{JwtAlgorithm, JwtKey};

use std::{
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http::request::Parts;
use jsonwebtoken::{Header, crypto::aws_lc, dangerous::insecure_decode_claims, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::{
    demand::Demand,
    set::{KeySet, Place, Times},
};
use super::{
    Denied, Setup, Verify, bearer_token, claims,
    digest::{Digest, digest},
    kept::Kept,
};
use crate::Principal;

/// How far clocks may be apart at most.
const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// How long a token that was found to count does so without being looked at again, unless it ends before.
const KEEP: Duration = Duration::from_secs(60);

/// Believes JSON Web Tokens that an authorization server has signed.
///
/// A token counts if all of this holds: it is signed with a known key and that key's own algorithm, its issuer (`iss`) is one that is
/// believed, it is for this server (`aud`), it has an end that has not passed (`exp`), and its beginning has (`nbf`). If it says what
/// kind it is (`typ`), that is `at+jwt` or `JWT`. Tokens of other issuers are left to the next verifier.
///
/// A token that counts is looked at again after a minute, when it ends, and when the keys are read anew.
///
/// Its subject is the `sub` of the token, or its client if it is one of a service. The scopes stand in `scope` or `scp`, as a text or
/// as a list.
///
/// ```
/// use mcp_runtime::auth::{Auth, Jwt, JwtAlgorithm, JwtKey};
///
/// let auth = Auth::new("https://mcp.example.com/mcp")
///     // Its keys are looked up where the authorization server says they are.
///     .verifier(Jwt::discover("https://issuer.example.com"))
///     // A key of your own.
///     .verifier(
///         Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, "a secret of at least 32 random bytes"))
///             .issuer("https://internal.example.com"),
///     );
/// ```
#[must_use = "it does nothing until it is given to `Auth::verifier`"]
pub struct Jwt {
    keys: Keys,
    issuers: Vec<String>,
    audiences: Vec<String>,
    leeway: Duration,
    scopes: Vec<String>,
    /// What else tokens must say.
    demands: Vec<Demand>,
    times: Times,
    listed: bool,
    /// A key was added to those that are looked up.
    mixes_keys: bool,
    /// Tokens that count, as long as the keys are the same.
    kept: Kept<(Edition, Principal)>,
}

/// Where keys come from.
#[derive(Debug)]
enum Keys {
    Fixed(Vec<JwtKey>),
    /// Somewhere else: it is not known yet how to ask.
    At(Place),
    Set(KeySet),
}

/// Which keys they are: when they were read, if they are not always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edition(Option<Instant>);

impl Jwt {
    /// Believes tokens that are signed with this key; [`or_key`](Self::or_key) adds others. Their issuers are those of
    /// [`issuer`](Self::issuer), or of [`Auth::issuer`](super::Auth::issuer).
    pub fn key(key: JwtKey) -> Self {
        Self::new(Keys::Fixed(vec![key]))
    }

    /// Believes tokens that are signed with one of the keys that stand at a URL (a JWKS). Their issuers are those of
    /// [`issuer`](Self::issuer), or of [`Auth::issuer`](super::Auth::issuer).
    ///
    /// The keys are read when the first token comes, and again when they are ten minutes old, or when a token is signed with none of
    /// them, but not more often than every 30 seconds. If they cannot be read, those that are known count for a day.
    pub fn jwks(url: impl Into<String>) -> Self {
        Self::new(Keys::At(Place::Url(url.into())))
    }

    /// Believes tokens of an authorization server, and looks up in its metadata where its keys stand (RFC 8414 or `OpenID` Connect).
    pub fn discover(issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        Self::new(Keys::At(Place::Issuer(issuer.clone()))).issuer(issuer)
    }

    fn new(keys: Keys) -> Self {
        Self {
            keys,
            issuers: Vec::new(),
            audiences: Vec::new(),
            leeway: Duration::from_secs(30),
            scopes: Vec::new(),
            demands: Vec::new(),
            times: Times::default(),
            listed: true,
            mixes_keys: false,
            kept: Kept::default(),
        }
    }

    /// Adds a key to that of [`key`](Self::key): while one takes the place of another, both count.
    pub fn or_key(mut self, key: JwtKey) -> Self {
        match &mut self.keys {
            Keys::Fixed(keys) => keys.push(key),
            _ => self.mixes_keys = true,
        }
        self
    }

    /// Adds an issuer that is believed. Clients are told that they get tokens there.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Adds an audience, for authorization servers that do not put the URL of the server into their tokens but a name that you have
    /// registered there.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Adds a claim in which scopes stand, beside `scope` and `scp`.
    pub fn scope_claim(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// How far the clocks of the server and of the issuer may be apart: 30 seconds unless this says otherwise, 60 at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How often keys are looked up at most, when tokens come that are signed with others: every 30 seconds unless this says otherwise.
    pub fn lookup_interval(mut self, interval: Duration) -> Self {
        self.times.interval = interval;
        self
    }

    /// How old keys are when they are looked up again: ten minutes unless this says otherwise.
    pub fn keys_fresh_for(mut self, time: Duration) -> Self {
        self.times.fresh = time;
        self
    }

    /// How old keys may be that still count if they cannot be looked up: a day unless this says otherwise.
    pub fn keys_usable_for(mut self, time: Duration) -> Self {
        self.times.usable = time;
        self
    }

    /// Clients are not told of the issuers: they cannot get tokens there by themselves.
    pub fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// Who has a token, and how long that counts.
    async fn check(&self, token: &str, header: &Header) -> Result<(Principal, Duration), Denied> {
        if header.crit.is_some() {
            return Err(Denied::invalid(
                "the token has extensions that are not known",
            ));
        }
        if !is_access(header.typ.as_deref()) {
            return Err(Denied::invalid(
                "the token is of another kind: its `typ` must be `at+jwt` or `JWT`",
            ));
        }
        let claims = self.read(token, header).await?;
        claims::check_audience(&claims, &self.audiences)?;
        for demand in &self.demands {
            demand.check(&claims)?;
        }
        let left = self.left(&claims);
        Ok((claims::principal(claims, &self.scopes, self.leeway)?, left))
    }

    /// How long a token counts without being looked at again.
    fn left(&self, claims: &Map<String, Value>) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let end = claims.get("exp").and_then(Value::as_f64);
        let end = end.and_then(|end| Duration::try_from_secs_f64(end).ok());
        let left = end.zip(now.ok());
        let left = left.map(|(end, now)| end.saturating_add(self.leeway).saturating_sub(now));
        left.unwrap_or_default().min(KEEP)
    }

    /// Which keys count; `None` if they are to be looked up first.
    fn edition(&self) -> Option<Edition> {
        match &self.keys {
            Keys::Fixed(_) => Some(Edition(None)),
            Keys::Set(set) => set.read_at().map(|read| Edition(Some(read))),
            Keys::At(_) => None,
        }
    }

    /// Whose a token is that was found to count a moment ago.
    fn recall(&self, token: &Digest, edition: Edition) -> Option<Principal> {
        let (known, principal) = self.kept.recall(token)?;
        (known == edition).then_some(principal)
    }

    fn check_keys(&self, setup: &mut Setup<'_>) {
        if self.mixes_keys {
            setup.problem("`Jwt::or_key` goes with `Jwt::key`: use a second verifier for keys that are looked up");
        }
        if let Keys::Fixed(keys) = &self.keys {
            for problem in keys.iter().filter_map(|key| key.decoding.as_ref().err()) {
                setup.problem(problem);
            }
        }
    }
}

/// What is read of a token before it is known whether it counts: only to find out who is to say that.
#[derive(Deserialize)]
struct Issued {
    iss: Option<String>,
}

impl Verify for Jwt {
    async fn verify(&self, request: &Parts) -> Result<Option<Principal>, Denied> {
        let Some(token) = bearer_token(request) else {
            return Ok(None);
        };
        // Whatever changes while a token is checked makes it count once only.
        let (key, edition) = (digest(token), self.edition());
        if let Some(principal) = edition.and_then(|edition| self.recall(&key, edition)) {
            return Ok(Some(principal));
        }
        let (Ok(header), Ok(issued)) = (
            decode_header(token),
            insecure_decode_claims::<Issued>(token),
        ) else {
            return Ok(None);
        };
        let believed = |issuer: &String| self.issuers.iter().any(|own| is_issuer(own, issuer));
        if !issued.iss.as_ref().is_some_and(believed) {
            return Ok(None);
        }
        // In a box of its own: most tokens are known, and need not carry the room for this.
        let (principal, left) = Box::pin(self.check(token, &header)).await?;
        if let Some(edition) = edition {
            self.kept.keep(key, (edition, principal.clone()), left);
        }
        Ok(Some(principal))
    }

    fn prepare(&mut self, setup: &mut Setup<'_>) {
        // If other crates have turned on another backend as well, one has to be chosen; who has chosen before wins.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        if self.issuers.is_empty() {
            self.issuers = setup.issuers().to_vec();
        } else if self.listed {
            for issuer in &self.issuers {
                setup.authorization_server(issuer);
            }
        } else {
            for issuer in &self.issuers {
                setup.is_safe(issuer);
            }
        }
        if self.issuers.is_empty() {
            setup.problem("tokens of any issuer would be believed: name it with `Jwt::issuer` or `Auth::issuer`");
        }
        if self.leeway > MAX_LEEWAY {
            setup.problem(format!(
                "clocks may be at most {MAX_LEEWAY:?} apart, not {:?}",
                self.leeway
            ));
        }
        if self.audiences.iter().any(String::is_empty) {
            setup.problem("an audience of tokens is empty: remove it");
        }
        self.audiences.push(setup.resource().to_owned());
        self.check_keys(setup);
        for problem in self.demands.iter().filter_map(Demand::problem) {
            setup.problem(problem);
        }
        if let Keys::At(place) = &self.keys
            && setup.is_safe(place.url())
        {
            match KeySet::new(place.clone(), self.times) {
                Ok(set) => self.keys = Keys::Set(set),
                Err(problem) => setup.problem(problem),
            }
        }
    }
}

/// Whether a token of this kind may give access: RFC 9068, and what tokens were called before. Others are signed with the same keys, such as those that
/// tell of a logout.
fn is_access(kind: Option<&str>) -> bool {
    let kinds = ["at+jwt", "application/at+jwt", "jwt"];
    kind.is_none_or(|kind| kinds.iter().any(|own| own.eq_ignore_ascii_case(kind)))
}

/// Whether a token comes from an issuer. Some write a slash at the end of their name, and some who repeat it do not.
fn is_issuer(own: &str, issuer: &str) -> bool {
    own.trim_end_matches('/') == issuer.trim_end_matches('/')
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("keys", &self.keys)
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, encode};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a secret of at least thirty-two bytes";
    const RESOURCE: &str = "http://localhost/mcp";

    fn jwt() -> Jwt {
        let mut jwt =
            Jwt::key(JwtKey::secret(JwtAlgorithm::Hs256, SECRET)).issuer("http://localhost/issuer");
        jwt.leeway = Duration::ZERO;
        let mut setup = Setup {
            resource: RESOURCE,
            issuers: &[],
            servers: Vec::new(),
            secret_headers: Vec::new(),
            problems: Vec::new(),
        };
        jwt.prepare(&mut setup);
        assert_eq!(setup.problems, [""; 0]);
        jwt
    }

    fn seconds() -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    }

    fn token(audience: &str) -> String {
        let claims = json!({
            "iss": "http://localhost/issuer", "aud": audience, "sub": "alice", "exp": seconds() + 600,
        });
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        encode(&Header::default(), &claims, &key).unwrap()
    }

    async fn verify(jwt: &Jwt, token: &str) -> Result<Option<Principal>, Denied> {
        let request = http::Request::builder().header("authorization", format!("Bearer {token}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Verify::verify(jwt, &parts).await
    }

    #[tokio::test]
    async fn a_token_of_another_kind_gives_no_access() {
        let jwt = jwt();
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let claims = insecure_decode_claims::<Value>(token(RESOURCE)).unwrap();
        for (kind, gives) in [
            (None, true),
            (Some("JWT"), true),
            (Some("jwt"), true),
            (Some("at+jwt"), true),
            (Some("Application/AT+JWT"), true),
            (Some("logout+jwt"), false),
            (Some("dpop+jwt"), false),
            (Some("secevent+jwt"), false),
            (Some(""), false),
        ] {
            let header = Header {
                typ: kind.map(Into::into),
                ..Header::default()
            };
            let verified = verify(&jwt, &encode(&header, &claims, &key).unwrap()).await;
            assert_eq!(verified.is_ok(), gives, "{kind:?}: {verified:?}");
        }
    }

    #[tokio::test]
    async fn only_a_token_that_counts_is_remembered() {
        let jwt = jwt();
        let (ours, foreign) = (token(RESOURCE), token("http://localhost/other"));
        assert!(verify(&jwt, &ours).await.is_ok_and(|who| who.is_some()));
        assert!(verify(&jwt, &foreign).await.is_err());
        let remembered = |token: &str| jwt.recall(&digest(token), Edition(None));
        assert_eq!(remembered(&ours).unwrap().subject(), "alice");
        assert_eq!(remembered(&foreign), None);
        let others = Edition(Some(Instant::now()));
        assert_eq!(jwt.recall(&digest(&ours), others), None);
        assert_eq!(verify(&jwt, &ours).await.unwrap(), remembered(&ours));
    }

    #[test]
    fn a_token_is_remembered_until_it_ends_and_not_for_long() {
        let mut jwt = jwt();
        let left = |jwt: &Jwt, end: Value| jwt.left(json!({ "exp": end }).as_object().unwrap());
        assert_eq!(left(&jwt, json!(seconds() + 600)), KEEP);
        assert!(left(&jwt, json!(seconds() + 30)) <= Duration::from_secs(30));
        for ended in [json!(seconds()), json!(-1), json!("soon"), Value::Null] {
            assert_eq!(left(&jwt, ended.clone()), Duration::ZERO, "{ended}");
        }
        jwt.leeway = MAX_LEEWAY;
        assert!(left(&jwt, json!(seconds())) > Duration::from_secs(50));
    }
}
