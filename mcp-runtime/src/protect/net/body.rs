//! Reading an answer that may be endless.

use std::{error::Error, fmt};

use reqwest::Response;

/// Reads the body of an answer, up to a limit of bytes: as they are after decompression, if that is turned on.
///
/// # Errors
///
/// If there are more, and if the connection fails before the end.
pub async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let said = response.content_length().unwrap_or_default();
    if usize::try_from(said).map_or(true, |said| said > limit) {
        return Err(BodyError::TooLarge { limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Failed)? {
        if chunk.len() > limit - body.len() {
            return Err(BodyError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why the body of an answer could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError {
    /// It is too large; the model reads this.
    TooLarge {
        /// How many bytes it may have.
        limit: usize,
    },
    /// The connection failed.
    Failed(reqwest::Error),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the answer is too large: at most {limit} bytes are allowed"
                )
            }
            Self::Failed(_) => f.write_str("the answer could not be read"),
        }
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Failed(error) => Some(error),
        }
    }
}
