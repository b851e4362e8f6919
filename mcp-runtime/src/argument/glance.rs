//! Values that are valid at first sight.
//!
//! What macros write for simple arguments says little more than names, types and bounds, and most calls keep to it. To see that
//! takes no compiled schema, and a fraction of its time. This only ever says yes: whatever it is not sure of is left to the
//! validator, which need not be made before a call is doubtful.

use serde_json::{Map, Value};

use super::format::integer_range;

/// Keywords that are no condition.
const REMARKS: [&str; 5] = ["type", "title", "description", "default", "examples"];

/// The most properties that are looked through one by one.
const MOST: usize = 32;

/// What a simple schema asks for.
#[derive(Debug)]
pub(super) enum Glance {
    Null,
    Boolean,
    Number,
    Integer(i128, i128),
    /// A text of so many characters.
    Text(Length),
    Choice(Vec<String>),
    List(Length, Box<Self>),
    Object(Object),
}

#[derive(Debug)]
pub(super) struct Object {
    properties: Vec<Property>,
    /// There may be no others.
    closed: bool,
}

#[derive(Debug)]
struct Property {
    name: String,
    required: bool,
    value: Glance,
}

/// The least and the most that may be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(u64, u64);

impl Glance {
    /// What a schema asks for, if it is simple.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let schema = schema.as_object()?;
        let has_only = |known: &[&str]| {
            let mut keywords = schema.keys().map(String::as_str);
            keywords.all(|keyword| REMARKS.contains(&keyword) || known.contains(&keyword))
        };
        match schema.get("type")?.as_str()? {
            "null" => has_only(&[]).then_some(Self::Null),
            "boolean" => has_only(&[]).then_some(Self::Boolean),
            "number" => has_only(&[]).then_some(Self::Number),
            "integer" if has_only(&["format", "minimum", "maximum"]) => integer(schema),
            "string" if has_only(&["minLength", "maxLength"]) => {
                Length::of(schema, "minLength", "maxLength").map(Self::Text)
            }
            "string" if has_only(&["enum"]) => choice(schema.get("enum")?.as_array()?),
            "array" if has_only(&["items", "minItems", "maxItems"]) => {
                let length = Length::of(schema, "minItems", "maxItems")?;
                Some(Self::List(length, Self::of(schema.get("items")?)?.into()))
            }
            "object" if has_only(&["properties", "required", "additionalProperties"]) => {
                Object::of(schema).map(Self::Object)
            }
            _ => None,
        }
    }

    /// Whether a value is valid for sure.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_)) => true,
            (Self::Integer(least, most), Value::Number(number)) => {
                let number = number.as_i64().map(i128::from);
                number.is_some_and(|number| (*least..=*most).contains(&number))
            }
            (Self::Text(length), Value::String(text)) => length.is_of(|| text.chars().count()),
            (Self::Choice(texts), Value::String(text)) => texts.contains(text),
            (Self::List(length, item), Value::Array(items)) => {
                length.is_of(|| items.len()) && items.iter().all(|value| item.accepts(value))
            }
            (Self::Object(object), Value::Object(fields)) => object.accepts(fields),
            _ => false,
        }
    }
}

impl Object {
    fn of(schema: &Map<String, Value>) -> Option<Self> {
        let required = match schema.get("required") {
            Some(names) => names.as_array()?.as_slice(),
            None => &[],
        };
        let properties = match schema.get("properties") {
            Some(properties) => Some(properties.as_object()?),
            None => None,
        };
        let properties = properties.into_iter().flatten().map(|(name, value)| {
            Some(Property {
                name: name.clone(),
                required: required.iter().any(|required| required == name),
                value: Glance::of(value)?,
            })
        });
        let properties = properties.collect::<Option<Vec<_>>>()?;
        let needed = properties.iter().filter(|property| property.required);
        // A name that is required twice, or is not that of a property, is not simple.
        let is_simple = needed.count() == required.len() && properties.len() <= MOST;
        let closed = match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => false,
            Some(Value::Bool(false)) => true,
            Some(_) => return None,
        };
        is_simple.then_some(Self { properties, closed })
    }

    fn accepts(&self, fields: &Map<String, Value>) -> bool {
        let mut known = 0;
        let valid = self.properties.iter().all(|property| {
            let field = fields.iter().find(|(name, _)| **name == property.name);
            known += usize::from(field.is_some());
            field.map_or(!property.required, |(_, value)| {
                property.value.accepts(value)
            })
        });
        valid && (known == fields.len() || !self.closed)
    }
}

impl Length {
    const ANY: Self = Self(0, u64::MAX);

    fn of(schema: &Map<String, Value>, least: &str, most: &str) -> Option<Self> {
        let bound = |keyword: &str, none| schema.get(keyword).map_or(Some(none), Value::as_u64);
        Some(Self(bound(least, Self::ANY.0)?, bound(most, Self::ANY.1)?))
    }

    /// Counts only if it matters: to count the characters of a text takes as long as it is.
    fn is_of(self, count: impl FnOnce() -> usize) -> bool {
        let fits = |count| (self.0..=self.1).contains(&count);
        self == Self::ANY || u64::try_from(count()).is_ok_and(fits)
    }
}

fn integer(schema: &Map<String, Value>) -> Option<Glance> {
    let (least, most) = match schema.get("format") {
        Some(format) => {
            let (least, most, _) = integer_range(format.as_str()?)?;
            (least, most)
        }
        None => (i128::MIN, i128::MAX),
    };
    let bound = |keyword: &str, none| match schema.get(keyword) {
        Some(bound) => bound.as_i64().map(i128::from),
        None => Some(none),
    };
    let least = least.max(bound("minimum", least)?);
    let most = most.min(bound("maximum", most)?);
    Some(Glance::Integer(least, most))
}

fn choice(texts: &[Value]) -> Option<Glance> {
    let texts = texts.iter();
    let texts = texts.map(|text| text.as_str().map(ToOwned::to_owned));
    Some(Glance::Choice(texts.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{super::plan::options, *};

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "text": { "type": "string", "description": "Any text.", "default": "x" },
                "short": { "type": "string", "minLength": 1, "maxLength": 3 },
                "color": { "type": "string", "enum": ["red", "blue"] },
                "small": { "type": "integer", "minimum": 0, "maximum": 255 },
                "wide": { "type": "integer", "format": "uint64", "minimum": 0 },
                "any": { "type": "integer" },
                "ratio": { "type": "number" },
                "flag": { "type": "boolean" },
                "nothing": { "type": "null" },
                "list": { "type": "array", "items": { "type": "integer", "minimum": 1 }, "maxItems": 2 },
                "inner": {
                    "type": "object",
                    "properties": { "a": { "type": "integer" } },
                    "required": ["a"],
                },
            },
            "required": ["text", "small"],
            "additionalProperties": false,
        })
    }

    #[test]
    fn what_is_simple_and_right_is_seen_at_once() {
        let glance = Glance::of(&schema()).unwrap();
        for value in [
            json!({ "text": "", "small": 0 }),
            json!({ "small": 255, "text": "x", "short": "äöü", "color": "red", "wide": 7, "any": -7 }),
            json!({ "text": "", "small": 1, "ratio": 0.5, "flag": true, "nothing": null }),
            json!({ "text": "", "small": 1, "list": [1, 2], "inner": { "a": 1, "b": "other" } }),
        ] {
            assert!(glance.accepts(&value), "{value}");
        }
    }

    #[test]
    fn what_is_not_simple_is_left_to_the_validator() {
        for schema in [
            json!(true),
            json!({}),
            json!({ "type": ["string", "null"] }),
            json!({ "type": "string", "pattern": "a" }),
            json!({ "type": "string", "format": "date" }),
            json!({ "type": "string", "enum": ["a", 1] }),
            json!({ "type": "string", "enum": ["a"], "maxLength": 1 }),
            json!({ "type": "integer", "format": "other" }),
            json!({ "type": "integer", "maximum": 0.5 }),
            json!({ "type": "number", "minimum": 0 }),
            json!({ "type": "array" }),
            json!({ "type": "array", "items": { "type": "null" }, "uniqueItems": true }),
            json!({ "type": "object", "additionalProperties": { "type": "null" } }),
            json!({ "type": "object", "required": ["a"] }),
            json!({ "type": "object", "$schema": "http://json-schema.org/draft-07/schema#" }),
        ] {
            assert!(Glance::of(&schema).is_none(), "{schema}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-2_i64..300).prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            (-3_i32..3).prop_map(|whole| json!(f64::from(whole))),
            ".{0,4}".prop_map(Value::from),
            "red|blue|green".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_valid(
            first in ("text|small|short|color|wide|any|ratio|flag|nothing|list|inner|more", value()),
            second in ("text|small|short|color|wide|any|ratio|flag|nothing|list|inner|more", value()),
            keep in any::<bool>(),
        ) {
            let schema = schema();
            let mut arguments = if keep { json!({ "text": "", "small": 1 }) } else { json!({}) };
            for (name, value) in [first, second] {
                arguments[name] = value;
            }
            if Glance::of(&schema).unwrap().accepts(&arguments) {
                prop_assert!(options().build(&schema).unwrap().is_valid(&arguments));
            }
        }
    }
}
