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

/// The most that is written of arguments, in bytes: records wait in memory for a sink that is slow.
const MAX_ARGUMENTS: usize = 64 * 1024;

/// The record of a call that goes on. If this is dropped, the call was taken back.
#[derive(Debug)]
pub(crate) struct Pending {
    log: Arc<Log>,
    begun: Instant,
    record: Option<Record>,
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
        let mut record = Record::new(subject, caller, principal);
        match audit.arguments {
            Arguments::Digest => record.arguments_sha256(digest(arguments).as_str()),
            Arguments::Redacted => {
                if let Some(schema) = subject.schema {
                    match redacted(schema, arguments) {
                        Some(json) => record.arguments(&json),
                        None => record.arguments_sha256(digest(arguments).as_str()),
                    }
                }
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
            self.log.push_idle(record);
        }
    }

    fn finish(&mut self, end: &End<'_>) -> Option<Record> {
        let mut record = self.record.take()?;
        let scope = self.caller.as_ref().and_then(|caller| caller.scope.get());
        record.end(end, scope.map(String::as_str), self.begun.elapsed());
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

/// The arguments without secrets, unless there is too much of them.
fn redacted(schema: &Value, arguments: &Map<String, Value>) -> Option<String> {
    let redacted = redact(schema, &arguments.clone().into());
    let json = serde_json::to_string(&redacted).ok()?;
    (json.len() <= MAX_ARGUMENTS).then_some(json)
}
