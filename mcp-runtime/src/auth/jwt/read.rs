//! What tokens say, once it is known who has signed them.

use jsonwebtoken::{Header, Validation, decode, errors::ErrorKind};
use serde_json::{Map, Value};

use super::{super::Denied, Jwt, Keys, key::JwtKey};

impl Jwt {
    /// What a token says, if it is signed with one of the keys and counts now.
    pub(super) async fn read(
        &self,
        token: &str,
        header: &Header,
    ) -> Result<Map<String, Value>, Denied> {
        let set = match &self.keys {
            Keys::Fixed(keys) => return Ok(self.try_keys(token, header, keys)?),
            Keys::At(_) => return Err(Denied::unavailable("the keys of tokens are not known yet")),
            Keys::Set(set) => set,
        };
        let known = set.find().await?;
        match self.try_keys(token, header, &known.keys) {
            // The keys may be others by now, also those that are called the same or nothing.
            Err(unread @ Unread::Unsigned(_)) => match set.renew(&known).await {
                Some(known) => Ok(self.try_keys(token, header, &known.keys)?),
                None => Err(unread.into()),
            },
            read => Ok(read?),
        }
    }

    /// The same with these keys alone.
    fn try_keys(
        &self,
        token: &str,
        header: &Header,
        keys: &[JwtKey],
    ) -> Result<Map<String, Value>, Unread> {
        let id = header.kid.as_deref();
        let fits = |key: &&JwtKey| key.algorithm == header.alg && key.is_called(id);
        let mut unread = Unread::Unsigned("the token is signed with a key that is not known");
        for key in keys.iter().filter(fits) {
            match self.claims(token, key) {
                Err(Unread::Unsigned(why)) => unread = Unread::Unsigned(why),
                read => return read,
            }
        }
        Err(unread)
    }

    /// What a token says, if it is signed with `key` and counts now.
    fn claims(&self, token: &str, key: &JwtKey) -> Result<Map<String, Value>, Unread> {
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = self.leeway.as_secs();
        validation.validate_nbf = true;
        // Ours is compared in its canonical form.
        validation.validate_aud = false;
        let decoding = key
            .decoding
            .as_ref()
            .map_err(|_| Unread::Unsigned("the key cannot be used"))?;
        let decoded = decode(token, decoding, &validation);
        decoded
            .map(|decoded| decoded.claims)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => Unread::Refused("the token is expired"),
                ErrorKind::ImmatureSignature => Unread::Refused("the token does not count yet"),
                ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => {
                    Unread::Refused("the token does not say when it ends, or not in the right way")
                }
                ErrorKind::InvalidSignature => {
                    Unread::Unsigned("the signature of the token is wrong")
                }
                _ => Unread::Unsigned("the token is malformed"),
            })
    }
}

/// Why a token cannot be read with a key.
#[derive(Clone, Copy, Debug)]
enum Unread {
    /// It is not signed with this one, as far as can be told.
    Unsigned(&'static str),
    /// It is, and does not count nevertheless.
    Refused(&'static str),
}

impl From<Unread> for Denied {
    fn from(unread: Unread) -> Self {
        let (Unread::Unsigned(reason) | Unread::Refused(reason)) = unread;
        Self::invalid(reason)
    }
}
