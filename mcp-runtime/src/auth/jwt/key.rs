//! [`JwtKey`]: what signatures are checked with.

use std::fmt;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// How a token is signed. There is no way to say that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSA (PKCS #1 v1.5) with SHA-256.
    Rs256,
    /// RSA (PKCS #1 v1.5) with SHA-384.
    Rs384,
    /// RSA (PKCS #1 v1.5) with SHA-512.
    Rs512,
    /// RSA (PSS) with SHA-256.
    Ps256,
    /// RSA (PSS) with SHA-384.
    Ps384,
    /// RSA (PSS) with SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

/// A key that checks the signatures of tokens, with one algorithm and no other.
#[derive(Clone)]
pub struct JwtKey {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    /// What is wrong with it stands here instead.
    pub(super) decoding: Result<DecodingKey, String>,
}

impl JwtKey {
    /// A secret that the server shares with whoever makes the tokens, for one of the HMAC algorithms. It must be as long as the
    /// digest: 32 bytes for [`Hs256`](JwtAlgorithm::Hs256).
    #[must_use]
    pub fn secret(algorithm: JwtAlgorithm, secret: impl Into<SecretString>) -> Self {
        let secret = secret.into();
        let secret = secret.expose_secret().as_bytes();
        let shortest = match algorithm {
            JwtAlgorithm::Hs256 => Some(32),
            JwtAlgorithm::Hs384 => Some(48),
            JwtAlgorithm::Hs512 => Some(64),
            _ => None,
        };
        let decoding = match shortest {
            None => Err(format!(
                "{algorithm:?} has no shared secret: use `JwtKey::pem`"
            )),
            Some(shortest) if secret.len() < shortest => Err(format!(
                "the secret of {algorithm:?} must have at least {shortest} bytes, not {}",
                secret.len()
            )),
            Some(_) => Ok(DecodingKey::from_secret(secret)),
        };
        Self::new(algorithm.into(), decoding)
    }

    /// A public key in PEM, for any other algorithm.
    #[must_use]
    pub fn pem(algorithm: JwtAlgorithm, pem: &str) -> Self {
        use JwtAlgorithm::{EdDsa, Es256, Es384, Hs256, Hs384, Hs512};
        let pem = pem.as_bytes();
        let decoding = match algorithm {
            Hs256 | Hs384 | Hs512 => {
                return Self::new(
                    algorithm.into(),
                    Err(format!(
                        "{algorithm:?} has no public key: use `JwtKey::secret`"
                    )),
                );
            }
            Es256 | Es384 => DecodingKey::from_ec_pem(pem),
            EdDsa => DecodingKey::from_ed_pem(pem),
            _ => DecodingKey::from_rsa_pem(pem),
        };
        let decoding = decoding.map_err(|_| {
            format!("the key of {algorithm:?} cannot be read: it must be a public key in PEM")
        });
        Self::new(algorithm.into(), decoding)
    }

    /// Sets its identifier. A token that names another one (`kid`) is not checked with this key.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn new(algorithm: Algorithm, decoding: Result<DecodingKey, String>) -> Self {
        Self {
            id: None,
            algorithm,
            decoding,
        }
    }

    /// A key of a set; `None` if it is not one that signatures can be checked with. A shared secret does not belong into a set that
    /// everybody can read.
    pub(super) fn of_set(key: &Value) -> Option<Self> {
        // Each alone: one that is not known does not spoil the others.
        let key: Jwk = serde_json::from_value(key.clone()).ok()?;
        if matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption)) {
            return None;
        }
        let algorithm = algorithm(&key)?;
        Some(Self {
            id: key.common.key_id.clone(),
            algorithm,
            decoding: Ok(DecodingKey::from_jwk(&key).ok()?),
        })
    }

    /// Whether a token that names a key, or none, may be signed with this one.
    pub(super) fn is_called(&self, id: Option<&str>) -> bool {
        self.id.is_none() || id.is_none() || self.id.as_deref() == id
    }
}

/// The algorithm of a key: what it says, or else what is usual for its kind. It must be one of its kind.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let (usual, possible) = match &key.algorithm {
        AlgorithmParameters::RSA(_) => (RS256, &[RS256, RS384, RS512, PS256, PS384, PS512][..]),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => (ES256, &[ES256][..]),
            EllipticCurve::P384 => (ES384, &[ES384][..]),
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (EdDSA, &[EdDSA][..])
        }
        _ => return None,
    };
    let said = match key.common.key_algorithm {
        None => usual,
        Some(KeyAlgorithm::UNKNOWN_ALGORITHM) => return None,
        Some(said) => said.try_into().ok()?,
    };
    possible.contains(&said).then_some(said)
}

impl From<JwtAlgorithm> for Algorithm {
    fn from(algorithm: JwtAlgorithm) -> Self {
        match algorithm {
            JwtAlgorithm::Hs256 => Self::HS256,
            JwtAlgorithm::Hs384 => Self::HS384,
            JwtAlgorithm::Hs512 => Self::HS512,
            JwtAlgorithm::Rs256 => Self::RS256,
            JwtAlgorithm::Rs384 => Self::RS384,
            JwtAlgorithm::Rs512 => Self::RS512,
            JwtAlgorithm::Ps256 => Self::PS256,
            JwtAlgorithm::Ps384 => Self::PS384,
            JwtAlgorithm::Ps512 => Self::PS512,
            JwtAlgorithm::Es256 => Self::ES256,
            JwtAlgorithm::Es384 => Self::ES384,
            JwtAlgorithm::EdDsa => Self::EdDSA,
        }
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
