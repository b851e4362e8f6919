//! [`Pending`]: the record of a call that goes on.

use std::{sync::Arc, time::Instant};

use serde_json::{Map, Value};

use super::{Arguments, Running, digest::digest, record::Record, writer::Log};
use crate::{
    Principal,
    argument::redact,
    context::Caller,
    observe::{End, Subject},
};

/// The record of a call that goes on. If this is dropped, the call was taken back.
#[derive(Debug)]
pub(crate) struct Pending {
    log: Arc<Log>,
    begun: Instant,
    record: Option<Box<Record>>,
    /// Who asks, unless nothing runs.
    caller: Option<Arc<Caller>>,
}

impl Pending {
    pub(crate) fn new(
        audit: &Running,
        subject: &Subject<'_>,
        caller: &Caller,
        principal: Option<&Principal>,
        arguments: &Map<String, Value>,
    ) -> Self {
        let mut record = Box::new(Record::new(subject, caller, principal));
        match audit.arguments {
            Arguments::Digest => record.arguments_sha256 = Some(digest(arguments)),
            Arguments::Redacted => {
                record.arguments = subject
                    .schema
                    .map(|schema| redact(schema, &arguments.clone().into()));
            }
            Arguments::Omitted => {}
        }
        Self {
            log: Arc::clone(&audit.log),
            begun: Instant::now(),
            record: Some(record),
            caller: None,
        }
    }

    /// Whether the call may be made. If not, there is no record of it.
    pub(crate) async fn admit(&mut self, caller: &Arc<Caller>) -> bool {
        self.caller = Some(Arc::clone(caller));
        let open = self.log.is_open().await;
        if !open && self.record.take().is_some() {
            self.log.lose();
        }
        open
    }

    /// Writes how the call has ended, and says whether it may be answered.
    pub(crate) async fn end(mut self, end: &End<'_>) -> bool {
        match self.finish(end) {
            Some(record) => self.log.write(record).await,
            None => true,
        }
    }

    /// Writes how a call has ended of which nothing has run.
    pub(crate) fn refuse(mut self, end: &End<'_>) {
        if let Some(record) = self.finish(end) {
            self.log.push(record);
        }
    }

    fn finish(&mut self, end: &End<'_>) -> Option<Box<Record>> {
        let mut record = self.record.take()?;
        record.scope = self
            .caller
            .as_ref()
            .and_then(|caller| caller.scope.get().cloned());
        record.end(end, self.begun.elapsed());
        Some(record)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(record) = self.finish(&End::Cancelled) {
            self.log.push(record);
        }
    }
}
