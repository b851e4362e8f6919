//! [`UrlRefusal`]: why a URL is refused.

use std::{error::Error, fmt};

/// Why a URL is refused: a text for the model, which tells nothing of the network that the server is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlRefusal {
    /// It is no URL, or one that is read in several ways.
    Malformed,
    /// It has more than 2,048 bytes.
    TooLong,
    /// Its scheme is neither `http` nor `https`.
    Scheme,
    /// It has a user or a password in it.
    Credentials,
    /// Its host is not written plainly: as one number, octal, with escapes or with characters that stand for others.
    Spelling,
    /// Its host has a name of a network's own: `localhost`, `printer.local`, `metadata.google.internal`, a name with a dot at its end.
    Name,
    /// Its host is an address that is not public.
    Address,
    /// Its port is none that the author allows.
    Port,
    /// No public address is known of its host. Whether it has another, or none, is not told.
    Unresolved,
    /// A redirect leads from `https` to `http`.
    Downgrade,
    /// There are more redirects than the author allows.
    Redirects,
}

impl fmt::Display for UrlRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a web address such as `https://example.com/page`",
            Self::TooLong => "a web address of at most 2048 bytes",
            Self::Scheme => "a web address that begins with `https://` or `http://`",
            Self::Credentials => "a web address without a user or a password",
            Self::Spelling => "a web address whose host is written plainly",
            Self::Name => "a web address with the full name of a public host",
            Self::Address => "a web address on the public internet",
            Self::Port => "a web address with a usual port",
            Self::Unresolved => "a web address whose host can be found on the public internet",
            Self::Downgrade => "a web address that is not redirected from `https` to `http`",
            Self::Redirects => "a web address that is not redirected that often",
        })
    }
}

impl Error for UrlRefusal {}

/// A refusal of what a server on the way has redirected to.
#[cfg(feature = "reqwest")]
#[derive(Debug)]
pub(crate) struct Redirected(pub(super) UrlRefusal);

#[cfg(feature = "reqwest")]
impl fmt::Display for Redirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server redirects elsewhere than to {}", self.0)
    }
}

#[cfg(feature = "reqwest")]
impl Error for Redirected {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
