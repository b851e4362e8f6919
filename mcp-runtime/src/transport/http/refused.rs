//! Requests that are refused, as HTTP says it and as JSON-RPC does.

use http::{HeaderValue, Response, StatusCode, header};
use rmcp::model::{ErrorCode, ErrorData, RequestId};

use super::{
    super::{envelope::Malformed, reply},
    body::HttpBody,
};

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refused(Box<Reason>);

#[derive(Debug)]
struct Reason {
    status: StatusCode,
    id: Option<RequestId>,
    error: ErrorData,
    /// What is left of the request is not read.
    closes: bool,
    /// How the caller may prove itself: the header `WWW-Authenticate`.
    #[cfg(feature = "auth")]
    challenge: Option<HeaderValue>,
}

impl Refused {
    /// A request that HTTP has a status for: no more is known of it.
    pub(super) fn new(status: StatusCode, problem: impl Into<String>) -> Self {
        Self::of(
            status,
            None,
            ErrorData::invalid_request(problem.into(), None),
        )
    }

    /// The connection ends with the answer.
    pub(super) fn closing(mut self) -> Self {
        self.0.closes = true;
        self
    }

    /// A request that is not taken, in a revision without sessions.
    pub(super) fn modern(id: RequestId, error: ErrorData) -> Self {
        let status = match error.code {
            ErrorCode::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::of(status, Some(id), error)
    }

    /// A request that is not taken, in a revision with sessions: those have a status for little more than the transport.
    pub(super) fn legacy(id: RequestId, error: ErrorData) -> Self {
        Self::of(status(error.code), Some(id), error)
    }

    /// The refusal as a message, without its status.
    #[cfg(feature = "sse")]
    pub(super) fn line(&self) -> Vec<u8> {
        reply::error(self.0.id.as_ref(), &self.0.error)
    }

    fn of(status: StatusCode, id: Option<RequestId>, error: ErrorData) -> Self {
        Self(Box::new(Reason {
            status,
            id,
            error,
            closes: false,
            #[cfg(feature = "auth")]
            challenge: None,
        }))
    }

    /// The request that is refused.
    #[cfg(feature = "auth")]
    pub(super) fn of_request(mut self, id: RequestId) -> Self {
        self.0.id = Some(id);
        self
    }
}

/// A caller who is not let in.
#[cfg(feature = "auth")]
impl From<crate::auth::Challenge> for Refused {
    fn from(challenge: crate::auth::Challenge) -> Self {
        let mut refused = Self::new(challenge.status, challenge.problem);
        refused.0.challenge = challenge.header;
        refused
    }
}

/// The status of the error of a request that was taken.
pub(super) fn status_of_answer(code: ErrorCode, modern: bool) -> StatusCode {
    match code {
        ErrorCode::METHOD_NOT_FOUND if modern => StatusCode::NOT_FOUND,
        code => status(code),
    }
}

/// The status of those errors that have one in every revision.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::HEADER_MISMATCH
        | ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY
        | ErrorCode::UNSUPPORTED_PROTOCOL_VERSION => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Self {
        let (id, error) = match malformed {
            Malformed::Unparsable(problem) => (None, ErrorData::parse_error(problem, None)),
            Malformed::Invalid(id, problem) => (id, ErrorData::invalid_request(problem, None)),
        };
        Self::of(StatusCode::BAD_REQUEST, id, error)
    }
}

/// A notification that is not taken.
impl From<ErrorData> for Refused {
    fn from(error: ErrorData) -> Self {
        Self::of(StatusCode::BAD_REQUEST, None, error)
    }
}

impl From<Refused> for Response<HttpBody> {
    fn from(Refused(reason): Refused) -> Self {
        let line = reply::error(reason.id.as_ref(), &reason.error);
        let mut response = HttpBody::json(reason.status, line);
        let headers = response.headers_mut();
        if reason.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if reason.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        #[cfg(feature = "auth")]
        if let Some(challenge) = reason.challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if reason.closes {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
