//! The chain: each record has the hash of the one before it, and its own.
//!
//! The hash of a record is that of everything on its line before `,"hash":`, and so is the signature. What comes behind is of a fixed
//! length for each form, so that a line is taken apart without being parsed.

use std::{fmt, io::Write as _};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize, Serializer, de::IgnoredAny};
use sha2::{Digest, Sha256};

use super::record::Record;

/// How every record begins.
const START: &[u8] = br#"{"seq":"#;

/// The length of a block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// The digits of a hash.
const DIGITS: usize = 64;

/// A key that signs records: HMAC-SHA-256.
///
/// Whoever can write to the file of an audit but does not have the key cannot change a record without being found out.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// A key of any length. 32 random bytes are a good one.
    #[must_use]
    pub fn new(key: impl AsRef<[u8]>) -> Self {
        // A longer key than a block counts as its hash, which is what the definition of HMAC says.
        let mut block = [0; BLOCK];
        match block.get_mut(..key.as_ref().len()) {
            Some(start) => start.copy_from_slice(key.as_ref()),
            None => block[..32].copy_from_slice(&Sha256::digest(key.as_ref())),
        }
        Self(Hmac::new(&block.into()))
    }

    fn sign(&self, body: &[u8]) -> Hex {
        let mac = self.0.clone().chain_update(body).finalize();
        Hex::encode(&mac.into_bytes().into())
    }

    fn verifies(&self, body: &[u8], signature: &Hex) -> bool {
        let signature = HEXLOWER.decode(&signature.0).unwrap_or_default();
        let mac = self.0.clone().chain_update(body);
        mac.verify_slice(&signature).is_ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// A hash as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Hex([u8; DIGITS]);

impl Hex {
    pub(super) fn of(hash: Sha256) -> Self {
        Self::encode(&hash.finalize().into())
    }

    fn encode(hash: &[u8; DIGITS / 2]) -> Self {
        let mut digits = [0; DIGITS];
        HEXLOWER.encode_mut(hash, &mut digits);
        Self(digits)
    }

    fn read(digits: &[u8]) -> Option<Self> {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let all = digits.iter().all(is_digit);
        all.then(|| digits.try_into().ok().map(Self))?
    }

    /// What the first record has in the place of the one before it.
    pub(super) fn zero() -> Self {
        Self([b'0'; DIGITS])
    }

    pub(super) fn as_str(&self) -> &str {
        // Digits are text.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TryFrom<String> for Hex {
    type Error = &'static str;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        Self::read(digits.as_bytes()).ok_or("a hash has 64 hexadecimal digits")
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hex").field(&self.as_str()).finish()
    }
}

/// A record that was never written to its end, as the next one describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Torn {
    bytes: usize,
    sha256: Hex,
}

impl Torn {
    /// `None` if there is nothing.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let sha256 = Hex::of(Sha256::new_with_prefix(bytes));
        let bytes = bytes.len();
        (bytes > 0).then_some(Self { bytes, sha256 })
    }
}

/// The end of a chain, which the next record goes on from.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    seq: u64,
    hash: Hex,
    key: Option<Key>,
    /// What stands between the last record and the next.
    torn: Option<Torn>,
}

impl Chain {
    pub(super) fn new(key: Option<Key>) -> Self {
        let (seq, hash) = (0, Hex::zero());
        let torn = None;
        Self {
            seq,
            hash,
            key,
            torn,
        }
    }

    /// The chain behind a record that stands at the end of a sink, and behind what was torn there.
    ///
    /// # Errors
    ///
    /// If that is no record, or if somebody without the key has written it.
    pub(super) fn behind(
        key: Option<Key>,
        last: Option<&[u8]>,
        torn: &[u8],
    ) -> Result<Self, &'static str> {
        let mut chain = Self::new(key);
        if let Some(last) = last {
            let altered = "the last record of the audit was altered";
            let line = Line::read(last).filter(Line::is_whole).ok_or(altered)?;
            if chain
                .key
                .as_ref()
                .is_some_and(|key| !line.is_signed_by(key))
            {
                return Err(
                    "the last record of the audit is not signed with this key: begin a new audit for a new key",
                );
            }
            (chain.seq, chain.hash) = (line.link().ok_or(altered)?.seq, line.hash());
        }
        chain.torn = Torn::of(torn);
        Ok(chain)
    }

    /// Writes the line of a record. `lost` is how many records were lost before it.
    pub(super) fn seal(&mut self, record: &Record, lost: u64, lines: &mut Vec<u8>) {
        let start = lines.len();
        self.seq += 1;
        // Writing to memory cannot fail.
        let _ = write!(lines, r#"{{"seq":{},"prev":""#, self.seq);
        lines.extend_from_slice(&self.hash.0);
        lines.push(b'"');
        if let Some(Torn { bytes, sha256 }) = self.torn.take() {
            let hash = sha256.as_str();
            let _ = write!(lines, r#","torn":{{"bytes":{bytes},"sha256":"{hash}"}}"#);
        }
        if lost > 0 {
            let _ = write!(lines, r#","lost":{lost}"#);
        }
        lines.extend_from_slice(record.fields());
        let body = &lines[start..];
        let mac = self.key.as_ref().map(|key| key.sign(body));
        self.hash = Hex::of(Sha256::new_with_prefix(body));
        lines.extend_from_slice(br#","hash":""#);
        lines.extend_from_slice(&self.hash.0);
        if let Some(mac) = mac {
            lines.extend_from_slice(br#"","mac":""#);
            lines.extend_from_slice(&mac.0);
        }
        lines.extend_from_slice(b"\"}\n");
    }
}

/// A line that ends as records do, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    body: &'a [u8],
    hash: Hex,
    mac: Option<Hex>,
}

/// What ties a record to the one before it.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) prev: Hex,
    pub(super) torn: Option<Torn>,
    #[serde(default)]
    pub(super) lost: u64,
}

impl<'a> Line<'a> {
    /// `None` if it does not end as records do.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let inner = line.strip_suffix(b"}")?;
        let (inner, mac) = match strip(inner, r#","mac":""#) {
            Some((rest, mac)) => (rest, Some(mac)),
            None => (inner, None),
        };
        let (body, hash) = strip(inner, r#","hash":""#)?;
        Some(Self { body, hash, mac })
    }

    /// Whether the line is as it was written.
    pub(super) fn is_whole(&self) -> bool {
        Hex::of(Sha256::new_with_prefix(self.body)) == self.hash
    }

    pub(super) fn hash(&self) -> Hex {
        self.hash
    }

    pub(super) fn is_signed(&self) -> bool {
        self.mac.is_some()
    }

    pub(super) fn is_signed_by(&self, key: &Key) -> bool {
        self.mac.is_some_and(|mac| key.verifies(self.body, &mac))
    }

    /// `None` if it is no record.
    pub(super) fn link(&self) -> Option<Link> {
        let mut object = self.body.to_vec();
        object.push(b'}');
        serde_json::from_slice(&object).ok()
    }
}

/// Whether a line is the beginning of a record that was never written to its end.
pub(super) fn is_fragment(line: &[u8]) -> bool {
    let begins = line.starts_with(START) || START.starts_with(line);
    begins && !line.is_empty() && serde_json::from_slice::<IgnoredAny>(line).is_err()
}

/// Takes `name` and 64 digits in quotes off the end.
fn strip<'a>(line: &'a [u8], name: &str) -> Option<(&'a [u8], Hex)> {
    let inner = line.strip_suffix(b"\"")?;
    let (rest, digits) = inner.split_at_checked(inner.len().checked_sub(DIGITS)?)?;
    let rest = rest.strip_suffix(name.as_bytes())?;
    Some((rest, Hex::read(digits)?))
}
