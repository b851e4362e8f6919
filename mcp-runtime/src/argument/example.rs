//! A valid call, made from the schema and from what the caller got right.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::duty::Judge;
use super::expected::choices;
use super::format::{integer_range, string_sample};
use super::plan::Plan;
use super::subschema::{Keywords, branches, is_secret, keywords, property, property_names};
use super::suggest::closest;
use super::words::SHOWN;

/// Builds arguments that come close to what was sent: what was right stays, what is required and
/// missing or wrong is made up, everything else is left out.
///
/// The result may still be invalid, for instance if a pattern is asked for; the caller checks.
pub(super) fn example(root: &Value, plan: &Plan, sent: &Value) -> Option<Value> {
    let builder = Builder {
        root,
        plan,
        steps: Cell::new(0),
    };
    builder.object(root, sent.as_object().unwrap_or(&Map::new()), 0)
}

struct Builder<'a> {
    root: &'a Value,
    plan: &'a Plan,
    steps: Cell<usize>,
}

impl<'a> Builder<'a> {
    const STEPS: usize = 1000;
    const DEPTH: usize = 8;
    const ITEMS: usize = 5;

    fn valid(&self, schema: &'a Value, value: &Value) -> bool {
        Judge::new(self.root, self.plan).valid(schema, value)
    }

    fn exhausted(&self, depth: usize) -> bool {
        self.steps.set(self.steps.get() + 1);
        self.steps.get() > Self::STEPS || depth > Self::DEPTH
    }

    /// What can be kept of a value that was sent: never a secret, and nothing long.
    fn keep(&self, schema: &'a Value, sent: &Value, depth: usize) -> Option<Value> {
        if self.exhausted(depth) || is_secret(self.root, schema) {
            return None;
        }
        match sent {
            Value::Object(map) => {
                let whole = std::iter::once(schema);
                let parts = branches(schema, "anyOf")
                    .iter()
                    .chain(branches(schema, "oneOf"));
                let mut tries = whole
                    .chain(parts)
                    .filter_map(|it| self.object(it, map, depth));
                tries.find(|value| self.valid(schema, value))
            }
            Value::Array(items) => {
                let each = keywords(self.root, schema).get("items").copied()?;
                let kept = items.iter().take(Self::ITEMS);
                let kept: Option<_> = kept.map(|item| self.keep(each, item, depth + 1)).collect();
                Some(Value::Array(kept?)).filter(|value| self.valid(schema, value))
            }
            Value::String(text) if text.chars().count() > SHOWN => None,
            scalar => self.valid(schema, scalar).then(|| scalar.clone()),
        }
    }

    fn object(&self, schema: &'a Value, sent: &Map<String, Value>, depth: usize) -> Option<Value> {
        let keywords = keywords(self.root, schema);
        let names = property_names(self.root, schema);
        let mut built = Map::new();
        for (name, value) in sent {
            if self.exhausted(depth) {
                return None;
            }
            let open = names
                .iter()
                .copied()
                .filter(|name| !sent.contains_key(*name));
            let meant = if names.contains(name.as_str()) {
                Some(name.as_str())
            } else {
                closest(name, open)
            };
            let kept = match meant {
                Some(meant) => property(self.root, schema, meant).map(|next| (meant, next)),
                None => keywords
                    .get("additionalProperties")
                    .map(|next| (name.as_str(), *next)),
            };
            if let Some((name, next)) = kept
                && let Some(value) = self.keep(next, value, depth + 1)
            {
                built.insert(name.to_owned(), value);
            }
        }
        let required = keywords.get("required").and_then(|names| names.as_array());
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !built.contains_key(name) {
                let next = property(self.root, schema, name)?;
                built.insert(name.to_owned(), self.sample(next, depth + 1)?);
            }
        }
        Some(Value::Object(built))
    }

    /// A valid value made from the schema alone.
    fn sample(&self, schema: &'a Value, depth: usize) -> Option<Value> {
        if self.exhausted(depth) {
            return None;
        }
        let keywords = keywords(self.root, schema);
        let first = keywords
            .get("examples")
            .and_then(|examples| examples.get(0));
        let choice = choices(self.root, schema).and_then(|choices| choices.first().copied());
        let stated = [keywords.get("default").copied(), first, choice];
        let valid = |value: &Value| self.valid(schema, value);
        stated
            .into_iter()
            .flatten()
            .find(|value| valid(value))
            .cloned()
            .or_else(|| self.invent(schema, &keywords, depth).filter(valid))
            .or_else(|| {
                let mut parts = branches(schema, "anyOf")
                    .iter()
                    .chain(branches(schema, "oneOf"));
                parts.find_map(|part| self.sample(part, depth + 1).filter(valid))
            })
    }

    fn invent(&self, schema: &'a Value, keywords: &Keywords<'a>, depth: usize) -> Option<Value> {
        let kind = match keywords.get("type")? {
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|it| *it != "null")?,
            kind => kind.as_str()?,
        };
        match kind {
            "string" => string(keywords).map(Value::from),
            "integer" => integer(keywords),
            "number" => number(keywords),
            "boolean" => Some(true.into()),
            "object" => self.object(schema, &Map::new(), depth),
            "array" => {
                let least = keywords
                    .get("minItems")
                    .and_then(|least| least.as_u64())
                    .unwrap_or(0);
                let least = usize::try_from(least)
                    .ok()
                    .filter(|least| *least <= Self::ITEMS)?;
                let first = branches(schema, "prefixItems");
                let rest = keywords.get("items").copied();
                let count = least.max(first.len());
                let each = (0..count).map(|index| first.get(index).or(rest));
                each.map(|next| self.sample(next?, depth + 1)).collect()
            }
            _ => None,
        }
    }
}

fn string(keywords: &Keywords<'_>) -> Option<String> {
    let format = keywords.get("format").and_then(|format| format.as_str());
    if let Some(sample) = format.and_then(string_sample) {
        return Some(sample.into());
    }
    let bound = |keyword| keywords.get(keyword).and_then(|bound| bound.as_u64());
    let least = bound("minLength")
        .and_then(|least| usize::try_from(least).ok())
        .unwrap_or(0);
    let most = bound("maxLength")
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(SHOWN);
    if least > SHOWN {
        return None;
    }
    let letters = "text".chars().chain(std::iter::repeat('x'));
    Some(letters.take(least.max(4).min(most)).collect())
}

fn integer(keywords: &Keywords<'_>) -> Option<Value> {
    let bound = |keyword| keywords.get(keyword).and_then(|bound| bound.as_f64());
    let beyond = bound("exclusiveMinimum").map(|bound| bound.floor() + 1.0);
    let below = bound("exclusiveMaximum").map(|bound| bound.ceil() - 1.0);
    let low = larger(bound("minimum").map(f64::ceil), beyond);
    let high = larger(
        bound("maximum").map(|bound| -bound.floor()),
        below.map(|bound| -bound),
    );
    let start = start(low, high.map(|bound| -bound));
    let format = keywords.get("format").and_then(|format| format.as_str());
    let (least, ..) = format
        .and_then(integer_range)
        .unwrap_or((i128::MIN, i128::MAX, 128));
    let start = if least == 0 { start.max(0.0) } else { start };
    let multiple = bound("multipleOf").filter(|multiple| *multiple > 0.0);
    whole(multiple.map_or(start, |multiple| (start / multiple).ceil() * multiple))
}

fn number(keywords: &Keywords<'_>) -> Option<Value> {
    let bound = |keyword| keywords.get(keyword).and_then(|bound| bound.as_f64());
    let number = match (bound("exclusiveMinimum"), bound("exclusiveMaximum")) {
        (Some(low), Some(high)) => f64::midpoint(low, high),
        (Some(low), None) => bound("maximum").map_or(low + 1.0, |high| f64::midpoint(low, high)),
        (None, Some(high)) => bound("minimum").unwrap_or(high - 1.0),
        (None, None) => start(bound("minimum"), bound("maximum")),
    };
    let multiple = bound("multipleOf").filter(|multiple| *multiple > 0.0);
    let number = multiple.map_or(number, |multiple| (number / multiple).ceil() * multiple);
    whole(number).or_else(|| serde_json::Number::from_f64(number).map(Value::Number))
}

fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// The lower end of a range; without one, 1 or what comes closest.
fn start(low: Option<f64>, high: Option<f64>) -> f64 {
    low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)))
}

fn whole(number: f64) -> Option<Value> {
    let number = serde_json::Number::from_f64(number)?;
    let integer = super::format::exact_integer(&number)?;
    i64::try_from(integer).ok().map(Value::from)
}
