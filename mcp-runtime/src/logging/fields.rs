//! [`SpanFields`]: the fields of spans as JSON.

use std::fmt;

use serde::Serialize;
use tracing::{
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, FormattedFields, format::Writer},
};

/// Writes the fields of a span as a JSON object.
///
/// What is recorded later is written behind the rest. The formatter of the library reads and writes all fields anew then, which is most
/// of what the span of a call costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanFields;

impl<'w> FormatFields<'w> for SpanFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        writer.write_str(&Object::with(String::new(), &fields)?)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let before = std::mem::take(&mut current.fields);
        current.fields = Object::with(before, fields)?;
        Ok(())
    }
}

/// What only OpenTelemetry is told.
const OF_OTEL: &str = "otel.";

/// A JSON object that is being written. If a name stands in it twice, the last one counts for whoever reads it.
struct Object(Vec<u8>);

impl Object {
    /// Adds fields to an object, or makes one.
    fn with(object: String, fields: &impl RecordFields) -> Result<String, fmt::Error> {
        let mut object = Self(object.into_bytes());
        if object.0.pop().is_none() {
            object.0.reserve(512);
            object.0.push(b'{');
        }
        fields.record(&mut object);
        object.0.push(b'}');
        String::from_utf8(object.0).map_err(|_| fmt::Error)
    }

    fn add(&mut self, field: &Field, value: impl Serialize) {
        if field.name().starts_with(OF_OTEL) {
            return;
        }
        if !self.0.ends_with(b"{") {
            self.0.push(b',');
        }
        // Texts and numbers always have a JSON form, and there is always room.
        let _ = serde_json::to_writer(&mut self.0, field.name());
        self.0.push(b':');
        let _ = serde_json::to_writer(&mut self.0, &value);
    }
}

impl Visit for Object {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing::{field::Empty, info, info_span, subscriber};
    use tracing_subscriber::{fmt, layer::SubscriberExt as _, registry};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The span of an event, as its line has it.
    fn logged(run: impl FnOnce()) -> Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let json = fmt::layer().json().fmt_fields(SpanFields);
        let layer = json.with_writer(move || writer.clone());
        subscriber::with_default(registry().with(layer), run);
        let line: Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        line["span"].clone()
    }

    #[test]
    fn what_is_recorded_later_stands_beside_the_rest() {
        let span = logged(|| {
            let span = info_span!(
                "call",
                tool = "add \"x\"\n",
                id = 7,
                early = Empty,
                late = Empty,
                otel.kind = "server"
            );
            span.record("late", 2.5);
            span.record("early", tracing::field::debug(["é"]));
            span.record("late", true);
            let _entered = span.enter();
            info!("something");
        });
        let expected = json!({
            "name": "call", "tool": "add \"x\"\n", "id": 7, "early": "[\"é\"]", "late": true,
        });
        assert_eq!(span, expected);
    }

    #[test]
    fn a_span_may_have_no_fields_at_first_or_at_all() {
        let span = |record: fn(&tracing::Span)| {
            logged(|| {
                let span = info_span!("call", late = Empty);
                record(&span);
                let _entered = span.enter();
                info!("something");
            })
        };
        assert_eq!(span(|_| ()), json!({ "name": "call" }));
        let late = span(|span| {
            span.record("late", 5_i128);
        });
        assert_eq!(late, json!({ "name": "call", "late": 5 }));
    }
}
