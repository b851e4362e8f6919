//! Arguments as they may be written down: without their secrets.

use serde_json::{Map, Value};

use super::subschema::{Slot, holds_secret, is_marked_secret, reference, subschemas};
use super::survey::address;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// The arguments of a call with every secret masked, as a record or a log may have them.
///
/// A secret is what the schema marks with `writeOnly` or as a `password`. In doubt a value is masked: beside a secret also
/// what the schema does not know, because it may be the secret under a misspelt name, and where an object with a secret in it
/// is expected everything that is none.
pub(crate) fn redact(schema: &Value, arguments: &Value) -> Value {
    if has_secrets(schema) {
        Redactor { root: schema }.masked(&[schema], arguments)
    } else {
        arguments.clone()
    }
}

/// Whether some argument can be a secret, or have one in it.
pub(crate) fn has_secrets(schema: &Value) -> bool {
    holds_secret(schema, schema)
}

struct Redactor<'a> {
    root: &'a Value,
}

impl<'a> Redactor<'a> {
    /// The value at a place that `schemas` judge.
    fn masked(&self, schemas: &[&'a Value], value: &Value) -> Value {
        let schemas = self.in_force(schemas);
        if schemas.iter().any(|schema| is_marked_secret(schema)) {
            return REDACTED.into();
        }
        let doubtful = schemas.iter().any(|schema| holds_secret(self.root, schema));
        match value {
            Value::Object(map) => {
                let entry = |(name, value): (&String, &Value)| {
                    let inner = at_name(&schemas, name);
                    (name.clone(), self.part(&inner, doubtful, value))
                };
                Value::Object(map.iter().map(entry).collect::<Map<_, _>>())
            }
            Value::Array(items) => {
                let item = |(index, value)| self.part(&at_index(&schemas, index), doubtful, value);
                items.iter().enumerate().map(item).collect()
            }
            Value::Null => Value::Null,
            _ if doubtful => REDACTED.into(),
            scalar => scalar.clone(),
        }
    }

    /// A value in another; without a schema it is masked if it is among secrets.
    fn part(&self, schemas: &[&'a Value], doubtful: bool, value: &Value) -> Value {
        if schemas.is_empty() && doubtful {
            REDACTED.into()
        } else {
            self.masked(schemas, value)
        }
    }

    /// All schemas that judge the same value, whatever it is.
    fn in_force(&self, schemas: &[&'a Value]) -> Vec<&'a Value> {
        let mut found: Vec<&'a Value> = Vec::new();
        let mut open = schemas.to_vec();
        while let Some(schema) = open.pop() {
            if found.iter().any(|other| address(other) == address(schema)) {
                continue;
            }
            found.push(schema);
            open.extend(reference(self.root, schema));
            open.extend(parts(schema, |slot| slot == Slot::Here));
        }
        found
    }
}

fn at_name<'a>(schemas: &[&'a Value], name: &str) -> Vec<&'a Value> {
    let of = |schema: &'a Value| {
        let named = parts(schema, |slot| slot == Slot::Property(name));
        if named.is_empty() {
            let mut others = parts(schema, |slot| slot == Slot::AnyProperty);
            // `true` and `false` know nothing of the value.
            others.retain(|other| !other.is_boolean());
            others
        } else {
            named
        }
    };
    schemas.iter().flat_map(|schema| of(schema)).collect()
}

fn at_index<'a>(schemas: &[&'a Value], index: usize) -> Vec<&'a Value> {
    let here = |slot: Slot<'_>| slot == Slot::Item(index) || slot == Slot::AnyItem;
    let found = schemas.iter().flat_map(|schema| parts(schema, here));
    found.filter(|part| **part != Value::Bool(false)).collect()
}

fn parts<'a>(schema: &'a Value, wanted: impl Fn(Slot<'_>) -> bool) -> Vec<&'a Value> {
    let parts = subschemas(schema).into_iter();
    parts
        .filter_map(|(slot, part)| wanted(slot).then_some(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every way in which a schema says that something in it is secret.
    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "free": true,
                "password": { "type": "string", "format": "password" },
                "pin": { "type": ["integer", "null"], "writeOnly": true },
                "account": { "$ref": "#/$defs/account" },
                "tokens": { "type": "array", "items": { "type": "string", "writeOnly": true } },
                "pair": { "prefixItems": [{ "type": "string" }, { "writeOnly": true }] },
                "keys": { "additionalProperties": { "writeOnly": true } },
                "either": { "anyOf": [{ "type": "null" }, { "allOf": [{ "writeOnly": true }] }] },
                "tree": { "$ref": "#/$defs/tree" },
                "plain": { "type": "object", "properties": { "a": { "type": "integer" } } },
            },
            "additionalProperties": false,
            "$defs": {
                "account": { "type": "object", "properties": {
                    "user": { "type": "string" }, "key": { "writeOnly": true },
                } },
                "tree": { "type": "object", "properties": {
                    "label": { "type": "string" },
                    "key": { "writeOnly": true },
                    "inner": { "$ref": "#/$defs/tree" },
                } },
            },
        })
    }

    #[test]
    fn every_secret_is_masked_and_the_rest_stays() {
        let cases = [
            (
                json!({ "name": "a", "free": [1] }),
                json!({ "name": "a", "free": [1] }),
            ),
            (
                json!({ "password": "s3cret" }),
                json!({ "password": REDACTED }),
            ),
            (json!({ "pin": 1234 }), json!({ "pin": REDACTED })),
            (
                json!({ "account": { "user": "a", "key": { "s3cret": 1 } } }),
                json!({ "account": { "user": "a", "key": REDACTED } }),
            ),
            (
                json!({ "tokens": ["s3cret"] }),
                json!({ "tokens": [REDACTED] }),
            ),
            (
                json!({ "pair": ["a", "s3cret"] }),
                json!({ "pair": ["a", REDACTED] }),
            ),
            (
                json!({ "keys": { "a": "s3cret" } }),
                json!({ "keys": { "a": REDACTED } }),
            ),
            (json!({ "either": "s3cret" }), json!({ "either": REDACTED })),
            (
                json!({ "tree": { "label": "a", "inner": { "label": "b", "key": "s3cret" } } }),
                json!({ "tree": { "label": "a", "inner": { "label": "b", "key": REDACTED } } }),
            ),
            (
                json!({ "plain": { "a": 1, "b": 2 } }),
                json!({ "plain": { "a": 1, "b": 2 } }),
            ),
        ];
        for (arguments, expected) in cases {
            assert_eq!(redact(&schema(), &arguments), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_masked_if_it_may_be_a_secret() {
        let cases = [
            (
                json!({ "passwort": "s3cret" }),
                json!({ "passwort": REDACTED }),
            ),
            (
                json!({ "account": "{\"key\":\"s3cret\"}" }),
                json!({ "account": REDACTED }),
            ),
            (json!({ "account": 1234 }), json!({ "account": REDACTED })),
            (
                json!({ "account": [{ "key": "s3cret" }] }),
                json!({ "account": [REDACTED] }),
            ),
            (json!({ "tokens": "s3cret" }), json!({ "tokens": REDACTED })),
            (
                json!({ "tokens": { "a": "s3cret" } }),
                json!({ "tokens": { "a": REDACTED } }),
            ),
            (
                json!({ "account": { "kez": "s3cret", "user": null } }),
                json!({ "account": { "kez": REDACTED, "user": null } }),
            ),
            (json!("s3cret"), json!(REDACTED)),
            (json!(["s3cret"]), json!([REDACTED])),
            (json!(null), json!(null)),
        ];
        for (arguments, expected) in cases {
            assert_eq!(redact(&schema(), &arguments), expected);
        }
    }

    #[test]
    fn without_secrets_everything_stays() {
        let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } },
            "$defs": { "unused": { "writeOnly": true } } });
        let arguments = json!({ "a": "x", "b": [1, { "c": null }] });
        assert_eq!(redact(&schema, &arguments), arguments);
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let schema = json!({ "$ref": "#", "properties": { "a": { "$ref": "#/properties/a" } } });
        assert_eq!(redact(&schema, &json!({ "a": 1 })), json!({ "a": 1 }));
        let secret = json!({ "allOf": [{ "$ref": "#" }, { "writeOnly": true }] });
        assert_eq!(redact(&secret, &json!({ "a": 1 })), json!(REDACTED));
    }
}
