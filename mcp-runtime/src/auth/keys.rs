//! [`ApiKeys`]: programs that prove themselves with a key that they were given.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use http::{HeaderName, request::Parts};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Denied, Setup, Verify, bearer_token,
    digest::{Digest, digest, same},
};
use crate::{Error, Principal, Result, seal::random};

/// The shortest key that is taken, in bytes.
const SHORTEST: usize = 20;

/// Keys that programs prove themselves with, and whose they are.
///
/// A key comes as `Authorization: Bearer …` or in the header `X-API-Key`. Only digests are kept, and comparing takes the same time
/// whatever is sent. A clone is a handle to the same keys: with it they are added and revoked while the server serves.
///
/// ```
/// use mcp_runtime::{Principal, auth::{ApiKeys, Auth}};
///
/// let key = ApiKeys::generate(); // show it once to whoever needs it, and keep its digest
/// let digest = ApiKeys::digest_of(&key);
/// let keys = ApiKeys::new().digest(&digest, Principal::new("nightly").with_scope("files:read"));
/// let handle = keys.clone();
/// let auth = Auth::new("https://mcp.example.com/mcp").verifier(keys);
///
/// assert!(handle.revoke(&digest)); // from here on
/// ```
///
/// Keys must be made by a random generator, as [`generate`](Self::generate) makes them: the digest of a password is easily guessed.
#[derive(Clone)]
pub struct ApiKeys {
    keys: Arc<RwLock<Keys>>,
    header: HeaderName,
}

#[derive(Default)]
struct Keys {
    known: Vec<(Digest, Principal)>,
    problems: Vec<String>,
}

impl ApiKeys {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            keys: Arc::default(),
            header: HeaderName::from_static("x-api-key"),
        }
    }

    /// Adds a key. Only its digest is kept.
    #[must_use]
    pub fn key(self, key: impl Into<SecretString>, principal: Principal) -> Self {
        let problem = self.add(key, principal);
        self.noting(problem)
    }

    /// Adds a key by its digest, which is that of [`digest_of`](Self::digest_of).
    #[must_use]
    pub fn digest(self, digest: &str, principal: Principal) -> Self {
        let problem = self.add_digest(digest, principal);
        self.noting(problem)
    }

    /// The header that keys may come in, too: `X-API-Key` unless this says otherwise.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.header = name;
        self
    }

    /// Adds a key, from the next request on.
    ///
    /// # Errors
    ///
    /// If the key is shorter than 20 bytes: somebody could guess it.
    pub fn add(&self, key: impl Into<SecretString>, principal: Principal) -> Result<()> {
        let key = key.into();
        let key = key.expose_secret();
        if key.len() < SHORTEST {
            let problem = format!("an API key must have at least {SHORTEST} bytes");
            return Err(Error::Build(vec![problem]));
        }
        self.insert(digest(key), principal);
        Ok(())
    }

    /// Adds a key by its digest, from the next request on.
    ///
    /// # Errors
    ///
    /// If the digest is not one of [`digest_of`](Self::digest_of).
    pub fn add_digest(&self, digest: &str, principal: Principal) -> Result<()> {
        let digest = read(digest).ok_or_else(|| {
            let problem = "the digest of an API key must be 64 hexadecimal digits";
            Error::Build(vec![problem.into()])
        })?;
        self.insert(digest, principal);
        Ok(())
    }

    /// Takes a key away, by its digest, from the next request on. Returns whether it was there. Streams of changes that are open go on
    /// until their clients go, or until the [expiry](Principal::expiry) of the principal.
    pub fn revoke(&self, digest: &str) -> bool {
        let digest = read(digest);
        self.retain(|known, _| digest.as_ref().is_none_or(|digest| !same(known, digest)))
    }

    /// Takes all keys with this subject away, from the next request on. Returns whether there were any.
    pub fn revoke_subject(&self, subject: &str) -> bool {
        self.retain(|_, principal| principal.subject() != subject)
    }

    /// A new key that nobody can guess.
    ///
    /// # Panics
    ///
    /// If the operating system has no randomness.
    #[must_use]
    pub fn generate() -> SecretString {
        let key = BASE64URL_NOPAD.encode(&random::<32>());
        format!("mcp_{key}").into()
    }

    /// The digest of a key: SHA-256 in hexadecimal digits.
    #[must_use]
    pub fn digest_of(key: &SecretString) -> String {
        HEXLOWER.encode(&digest(key.expose_secret()))
    }

    fn insert(&self, digest: Digest, principal: Principal) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.known.retain(|(known, _)| !same(known, &digest));
        keys.known.push((digest, principal));
    }

    fn retain(&self, mut keep: impl FnMut(&Digest, &Principal) -> bool) -> bool {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = keys.known.len();
        keys.known
            .retain(|(digest, principal)| keep(digest, principal));
        keys.known.len() < before
    }

    fn noting(self, added: Result<()>) -> Self {
        if let Err(Error::Build(problems)) = added {
            let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            keys.problems.extend(problems);
            drop(keys);
        }
        self
    }

    /// All keys are looked at, also after the right one.
    fn find(&self, key: &str) -> Option<Principal> {
        let digest = digest(key);
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let known = keys.known.iter();
        let found = known.fold(None, |found, (known, principal)| {
            if same(known, &digest) {
                Some(principal)
            } else {
                found
            }
        });
        found.cloned()
    }
}

fn read(digest: &str) -> Option<Digest> {
    let bytes = HEXLOWER_PERMISSIVE.decode(digest.trim().as_bytes()).ok()?;
    bytes.try_into().ok()
}

impl Verify for ApiKeys {
    async fn verify(&self, request: &Parts) -> Result<Option<Principal>, Denied> {
        let mut values = request.headers.get_all(&self.header).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => bearer_token(request),
            (Some(key), None) => key.to_str().ok(),
            (Some(_), Some(_)) => return Err(Denied::invalid("there are two API keys")),
        };
        // What is not known here may be a key of another list, or a token of another kind.
        Ok(key.and_then(|key| self.find(key)))
    }

    fn prepare(&mut self, setup: &mut Setup<'_>) {
        setup.secret_header(self.header.clone());
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        for problem in &keys.problems {
            setup.problem(problem);
        }
    }
}

impl Default for ApiKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("ApiKeys")
            .field("header", &self.header)
            .field("keys", &keys.known.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_until_they_are_revoked_and_never_shown() {
        let (one, two) = (ApiKeys::generate(), ApiKeys::generate());
        let keys = ApiKeys::new().key(one.expose_secret(), Principal::new("one"));
        let handle = keys.clone();
        handle
            .add_digest(&ApiKeys::digest_of(&two), Principal::new("two"))
            .unwrap();
        let subject = |key: &SecretString| {
            let found = keys.find(key.expose_secret());
            found.map(|principal| principal.subject().to_owned())
        };
        assert_eq!(subject(&one).as_deref(), Some("one"));
        assert_eq!(subject(&two).as_deref(), Some("two"));
        assert_eq!(subject(&ApiKeys::generate()), None);
        assert!(!format!("{keys:?}").contains(one.expose_secret()));
        assert!(handle.revoke(&ApiKeys::digest_of(&one)));
        assert!(!handle.revoke(&ApiKeys::digest_of(&one)));
        assert!(handle.revoke_subject("two"));
        assert_eq!((subject(&one), subject(&two)), (None, None));
    }

    #[test]
    fn a_key_that_can_be_guessed_is_refused() {
        let keys = ApiKeys::new();
        for key in ["", "hunter2", "nineteen bytes long"] {
            assert!(keys.add(key, Principal::new("x")).is_err(), "{key}");
        }
        assert!(keys.add_digest("abc", Principal::new("x")).is_err());
    }
}
