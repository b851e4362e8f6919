//! The server's side: a [`Service`] that serves the line as it serves standard input and output.

use std::sync::{Arc, Mutex};

use super::ends::ServerEnd;
use crate::{Error, Principal, Service, transport::Guest};

/// Serves until the client is gone, and ends the server then.
pub(super) async fn serve(
    service: Service,
    principal: Arc<Mutex<Option<Principal>>>,
    end: ServerEnd,
) -> Result<(), Error> {
    let ServerEnd {
        reader,
        writer,
        line,
    } = end;
    let ended = Arc::new(move |id: &_| line.ended(id));
    let guest = Guest::new(principal, ended);
    service.serve_guest(reader, writer, guest).await?;
    // The streams of other clients of the same service go on.
    service.stop().await
}
