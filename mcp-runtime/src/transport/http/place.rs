//! [`Place`]: where an endpoint is reached.

use std::net::SocketAddr;

/// Where an endpoint is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Wherever it is mounted.
    Unknown,
    At(SocketAddr),
    /// Through the file system.
    File,
}

impl Place {
    /// What is wrong with it, if nobody has said which hosts are served.
    pub(super) fn problem(self) -> Option<String> {
        match self {
            Self::At(address) if !address.ip().is_loopback() => Some(format!(
                "{address} can be reached by other machines: say by which names, with `Http::allowed_hosts` or the \
                 variable `MCP_HTTP_ALLOWED_HOSTS` (`*` for any)"
            )),
            _ => None,
        }
    }

    /// The beginning of a line that says where the endpoint is.
    pub(super) fn told(self, path: &str) -> String {
        match self {
            Self::At(address) => format!("listening on http://{address}{path}"),
            Self::Unknown | Self::File => "the MCP endpoint takes requests".to_owned(),
        }
    }
}
