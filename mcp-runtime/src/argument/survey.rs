//! What a schema may cost: checked once, before it is compiled, so that no later call can be made
//! to take exponential time or endless stack by the values it sends.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::subschema::{ASSERTIONS, IN_PLACE_DEPTH, Slot, reference, subschemas};

/// How deep subschemas may nest, references included.
const DEPTH: usize = 64;

/// How many subschemas one schema may hold.
const SUBSCHEMAS: usize = 4096;

/// How many subschemas may have to look at one and the same value.
const VISITS: usize = 4096;

/// Every subschema of `root`, each once, `root` first.
///
/// # Errors
///
/// Says to the author of the server what is not supported, or is too large.
pub(super) fn survey(root: &Value) -> Result<Vec<&Value>, String> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![(root, 1)];
    while let Some((schema, depth)) = open.pop() {
        if !seen.insert(address(schema)) {
            continue;
        }
        if depth > DEPTH {
            return Err(format!("nests its subschemas more than {DEPTH} deep"));
        }
        found.push(schema);
        if found.len() > SUBSCHEMAS {
            return Err(format!("holds more than {SUBSCHEMAS} subschemas"));
        }
        check_reference(root, schema)?;
        open.extend(reference(root, schema).map(|target| (target, 1)));
        open.extend(
            subschemas(schema)
                .into_iter()
                .map(|(_, next)| (next, depth + 1)),
        );
    }
    Weights {
        root,
        known: HashMap::new(),
    }
    .weigh(root, 0)?;
    Ok(found)
}

/// What identifies a subschema while its root stays where it is.
pub(super) fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}

/// Refuses what makes the meaning of a reference depend on more than the schema's own text.
fn check_reference(root: &Value, schema: &Value) -> Result<(), String> {
    for keyword in ["$dynamicRef", "$recursiveRef"] {
        if schema.get(keyword).is_some() {
            return Err(format!("uses `{keyword}`, which is not supported"));
        }
    }
    let draft_7 = root
        .get("$schema")
        .and_then(Value::as_str)
        .is_some_and(|dialect| dialect.contains("draft-07"));
    let sibling = ASSERTIONS
        .iter()
        .chain(&["required", "properties", "items", "allOf", "anyOf", "oneOf"])
        .find(|keyword| schema.get(keyword).is_some());
    match (schema.get("$ref"), sibling) {
        (Some(_), Some(keyword)) if draft_7 => Err(format!(
            "has `{keyword}` beside `$ref`, where draft 7 ignores it; use `allOf`, or draft 2020-12"
        )),
        _ => Ok(()),
    }
}

/// Counts how often the worst placed value under a subschema has to be looked at.
///
/// Two alternatives that both look into the same property double the work below it; a chain of
/// them doubles it at every level. Recursion is no danger, because results are remembered where a
/// reference closes a circle, so a circle counts once.
struct Weights<'a> {
    root: &'a Value,
    /// `None` while a subschema is being weighed.
    known: HashMap<usize, Option<usize>>,
}

impl<'a> Weights<'a> {
    fn weigh(&mut self, schema: &'a Value, depth: usize) -> Result<usize, String> {
        match self.known.insert(address(schema), None) {
            Some(Some(known)) => {
                self.known.insert(address(schema), Some(known));
                return Ok(known);
            }
            Some(None) => return Ok(1),
            None => {}
        }
        if depth > DEPTH {
            return Err(format!("nests its subschemas more than {DEPTH} deep"));
        }
        let mut here = Vec::new();
        self.gather(schema, 0, &mut here)?;
        let weight = self.worst_child(&here, depth)?.max(here.len());
        if weight > VISITS {
            return Err(
                "has alternatives within alternatives: too many ways to check one value".into(),
            );
        }
        self.known.insert(address(schema), Some(weight));
        Ok(weight)
    }

    /// Lists the subschemas that apply to the same value as `schema`, repetitions included.
    fn gather(
        &self,
        schema: &'a Value,
        depth: usize,
        here: &mut Vec<&'a Value>,
    ) -> Result<(), String> {
        if depth > IN_PLACE_DEPTH {
            return Err(format!(
                "refers to itself without an end, or combines more than {IN_PLACE_DEPTH} levels of subschemas for one value"
            ));
        }
        here.push(schema);
        if here.len() > VISITS {
            return Err(format!(
                "applies more than {VISITS} subschemas to one value"
            ));
        }
        let same = subschemas(schema)
            .into_iter()
            .filter(|(slot, _)| *slot == Slot::Here);
        let next = same
            .map(|(_, next)| next)
            .chain(reference(self.root, schema));
        next.into_iter()
            .try_for_each(|next| self.gather(next, depth + 1, here))
    }

    fn worst_child(&mut self, here: &[&'a Value], depth: usize) -> Result<usize, String> {
        let mut named: HashMap<&str, usize> = HashMap::new();
        let mut placed: HashMap<usize, usize> = HashMap::new();
        let (mut any_property, mut any_item) = (0, 0);
        for (slot, next) in here.iter().flat_map(|schema| subschemas(schema)) {
            let total = match slot {
                Slot::Property(name) => named.entry(name).or_default(),
                Slot::Item(index) => placed.entry(index).or_default(),
                Slot::AnyProperty => &mut any_property,
                Slot::AnyItem => &mut any_item,
                Slot::Here | Slot::Defined => continue,
            };
            *total += self.weigh(next, depth + 1)?;
        }
        let property = named.into_values().max().unwrap_or(0) + any_property;
        let item = placed.into_values().max().unwrap_or(0) + any_item;
        Ok(property.max(item))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn refused(schema: &Value) -> String {
        survey(schema).unwrap_err()
    }

    #[test]
    fn every_subschema_is_found_once() {
        let schema = json!({
            "properties": { "a": { "$ref": "#/$defs/x" }, "b": { "$ref": "#/$defs/x" } },
            "$defs": { "x": { "items": true } },
        });
        assert_eq!(survey(&schema).unwrap().len(), 5);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |depth| (1..depth).fold(json!({}), |inner, _| json!({ "items": inner }));
        assert!(survey(&nested(64)).is_ok());
        assert_eq!(
            refused(&nested(65)),
            "nests its subschemas more than 64 deep"
        );
        assert!(survey(&nested(100)).is_err());
    }

    #[test]
    fn too_many_subschemas_are_refused() {
        let wide = |count: usize| {
            let all: Map<_, _> = (1..count).map(|i| (i.to_string(), json!({}))).collect();
            json!({ "properties": all })
        };
        assert!(survey(&wide(4096)).is_ok());
        assert_eq!(refused(&wide(4097)), "holds more than 4096 subschemas");
    }

    #[test]
    fn a_schema_that_only_refers_to_itself_is_refused() {
        let circle = json!({ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } },
            "$ref": "#/$defs/a" });
        assert!(refused(&circle).starts_with("refers to itself without an end"));
    }

    #[test]
    fn a_recursive_schema_is_fine() {
        let tree = json!({ "properties": { "children": { "items": { "$ref": "#" } } } });
        assert!(survey(&tree).is_ok());
        let choice = json!({ "anyOf": [
            { "properties": { "not": { "$ref": "#" } } },
            { "properties": { "and": { "items": { "$ref": "#" } } } },
        ] });
        assert!(survey(&choice).is_ok());
    }

    #[test]
    fn alternatives_that_double_the_work_at_every_level_are_refused() {
        let doubling = |levels: usize| {
            let definitions: Map<_, _> = (0..levels)
                .map(|level| {
                    let next = json!({ "$ref": format!("#/$defs/{}", level + 1) });
                    let branch = json!({ "properties": { "a": next } });
                    (level.to_string(), json!({ "anyOf": [branch, branch] }))
                })
                .chain([(levels.to_string(), json!({ "type": "string" }))])
                .collect();
            json!({ "$defs": definitions, "$ref": "#/$defs/0" })
        };
        assert!(survey(&doubling(4)).is_ok());
        assert!(refused(&doubling(20)).contains("too many ways to check one value"));
    }

    #[test]
    fn draft_7_ignores_what_stands_beside_a_reference_so_it_is_refused() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "properties": { "a": { "$ref": "#/definitions/x", "minLength": 1 } },
            "definitions": { "x": { "type": "string" } },
        });
        assert!(refused(&schema).starts_with("has `minLength` beside `$ref`"));
    }

    #[test]
    fn dynamic_references_are_refused() {
        let schema = json!({ "items": { "$dynamicRef": "#x" } });
        assert_eq!(
            refused(&schema),
            "uses `$dynamicRef`, which is not supported"
        );
    }
}
