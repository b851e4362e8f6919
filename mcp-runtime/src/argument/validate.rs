//! Checking arguments against the very schema that is advertised.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, ValidationError};
use serde_json::Value;

use super::duty::Judge;
use super::example::example;
use super::explain::explain;
use super::glance::Glance;
use super::plain::{is_plain, is_small};
use super::plan::{Plan, options};
use super::problem::Problem;
use super::redact::redact;
use super::survey::survey;

/// The compiled form of one advertised input schema.
///
/// The dialect is draft 2020-12, unless `$schema` names draft 2019-09 or draft 7. References
/// stay within the schema; nothing is ever fetched. The formats listed in [`super::format`] are
/// asserted, other ones are not. Patterns run in linear time, so they have neither look-around nor
/// back-references.
pub(crate) struct Validator {
    schema: Arc<Value>,
    order: Vec<String>,
    draft: Draft,
    /// Made when the first value is checked; nothing if the schema is not simple.
    glance: OnceLock<Option<Glance>>,
    /// Made when the first value is doubtful, unless only that tells whether the schema is valid.
    compiled: OnceLock<jsonschema::Validator>,
    /// Made when the first call is refused: most tools never need it.
    plan: OnceLock<Plan>,
}

impl Validator {
    /// Compiles the schema of arguments. Problems will be listed in the order of its properties.
    ///
    /// # Errors
    ///
    /// Says to the author of the server what is wrong with the schema, or what of it is not
    /// supported: an unknown dialect, a reference to elsewhere, an invalid keyword or pattern,
    /// a root that is no object, or a size that would make checking arguments expensive.
    pub(crate) fn new(schema: Arc<Value>) -> Result<Self, String> {
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err("it is not of `\"type\": \"object\"`".into());
        }
        Self::of_any(schema)
    }

    /// Compiles the schema of any value.
    ///
    /// # Errors
    ///
    /// As [`Validator::new`], whatever the root is.
    pub(crate) fn of_any(schema: Arc<Value>) -> Result<Self, String> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let order =
            properties.map_or_else(Vec::new, |properties| properties.keys().cloned().collect());
        let draft = draft(schema.get("$schema"))?;
        let plain = is_plain(&schema);
        if !(plain && is_small(&schema)) {
            survey(&schema).map_err(|reason| format!("it {reason}"))?;
        }
        let compiled = if plain {
            OnceLock::new()
        } else {
            let compiled = options().with_draft(draft).build(&schema);
            compiled.map_err(|error| refusal(&error))?.into()
        };
        Ok(Self {
            schema,
            order,
            draft,
            glance: OnceLock::new(),
            compiled,
            plan: OnceLock::new(),
        })
    }

    /// The schema as it is advertised.
    pub(crate) fn schema(&self) -> &Value {
        &self.schema
    }

    /// Checks the arguments of a call.
    ///
    /// # Errors
    ///
    /// Lists everything that is wrong, one problem for each place.
    pub(crate) fn check(&self, arguments: &Value) -> Result<(), Vec<Problem>> {
        if self.is_valid(arguments) {
            return Ok(());
        }
        let judge = Judge::new(&self.schema, self.plan());
        Err(explain(judge, &self.order, arguments))
    }

    /// A valid call that keeps what was right about `arguments`, if one can be found.
    pub(super) fn example(&self, arguments: &Value) -> Option<Value> {
        let sent = redact(&self.schema, arguments);
        let example = example(&self.schema, self.plan(), &sent)?;
        self.compiled().is_valid(&example).then_some(example)
    }

    fn is_valid(&self, arguments: &Value) -> bool {
        let glance = self.glance.get_or_init(|| Glance::of(&self.schema));
        let glance = glance.as_ref();
        glance.is_some_and(|glance| glance.accepts(arguments))
            || self.compiled().is_valid(arguments)
    }

    fn compiled(&self) -> &jsonschema::Validator {
        self.compiled.get_or_init(|| {
            let compiled = options().with_draft(self.draft).build(&self.schema);
            compiled.expect("a plain schema is valid, and any other was compiled when it was built")
        })
    }

    fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| {
            // A schema that is surveyed again holds what it held before.
            let subschemas = survey(&self.schema).unwrap_or_default();
            Plan::new(&self.schema, &subschemas)
        })
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Validator")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

fn draft(dialect: Option<&Value>) -> Result<Draft, String> {
    let Some(dialect) = dialect else {
        return Ok(Draft::Draft202012);
    };
    match dialect
        .as_str()
        .map(|dialect| dialect.trim_end_matches('#'))
    {
        Some("https://json-schema.org/draft/2020-12/schema") => Ok(Draft::Draft202012),
        Some("https://json-schema.org/draft/2019-09/schema") => Ok(Draft::Draft201909),
        Some("http://json-schema.org/draft-07/schema") => Ok(Draft::Draft7),
        _ => Err(format!(
            "it has the dialect {dialect}; supported are draft 2020-12, 2019-09 and 7"
        )),
    }
}

fn refusal(error: &ValidationError<'_>) -> String {
    let place = match error.instance_path().as_str() {
        "" => String::new(),
        path => format!(" at `{path}`"),
    };
    let hint = if place.contains("/pattern") {
        " (look-around and back-references are not supported)"
    } else if matches!(
        error.kind(),
        jsonschema::error::ValidationErrorKind::Referencing(_)
    ) {
        " (a reference has to stay within the schema; nothing is fetched)"
    } else {
        ""
    };
    format!("it is invalid{place}: {error}{hint}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    use proptest::prelude::*;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::super::coerce::integral_floats;
    use super::*;

    fn validator(schema: &Value) -> Validator {
        Validator::new(Arc::new(schema.clone())).unwrap()
    }

    fn refused(schema: &Value) -> String {
        Validator::new(Arc::new(schema.clone())).unwrap_err()
    }

    fn with(property: &Value) -> Value {
        json!({ "type": "object", "properties": { "a": property } })
    }

    #[test]
    fn a_schema_that_is_not_for_objects_is_refused() {
        assert_eq!(refused(&json!({})), "it is not of `\"type\": \"object\"`");
        assert!(Validator::new(Arc::new(json!({ "type": "array" }))).is_err());
    }

    #[test]
    fn what_is_wrong_with_a_schema_is_said_to_its_author() {
        insta::assert_snapshot!(refused(&with(&json!({ "minimum": "x" }))), @r#"it is invalid at `/properties/a/minimum`: "x" is not of type "number""#);
        insta::assert_snapshot!(refused(&with(&json!({ "pattern": "(" }))), @r#"it is invalid at `/properties/a/pattern`: "(" is not a "regex" (look-around and back-references are not supported)"#);
        insta::assert_snapshot!(refused(&with(&json!({ "pattern": "(?=a)" }))), @r#"it is invalid at `/properties/a/pattern`: "(?=a)" is not a "regex" (look-around and back-references are not supported)"#);
        insta::assert_snapshot!(refused(&with(&json!({ "$ref": "#/$defs/none" }))), @"it is invalid: Pointer '/$defs/none' does not exist (a reference has to stay within the schema; nothing is fetched)");
        insta::assert_snapshot!(refused(&with(&json!({ "$ref": "https://example.com/a" }))), @"it is invalid: Resource 'https://example.com/a' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.com/a (a reference has to stay within the schema; nothing is fetched)");
        insta::assert_snapshot!(refused(&with(&json!({ "$ref": "file:///etc/passwd" }))), @"it is invalid: Resource 'file:///etc/passwd' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch file:///etc/passwd (a reference has to stay within the schema; nothing is fetched)");
        insta::assert_snapshot!(
            refused(&json!({ "type": "object", "$schema": "https://example.com/x" })),
            @r#"it has the dialect "https://example.com/x"; supported are draft 2020-12, 2019-09 and 7"#
        );
        let deep = (0..70).fold(json!({}), |inner, _| json!({ "items": inner }));
        insta::assert_snapshot!(refused(&with(&deep)), @"it nests its subschemas more than 64 deep");
    }

    #[test]
    fn the_dialect_is_the_one_that_the_schema_names() {
        let tuple = |dialect: &str| {
            json!({
                "$schema": dialect,
                "type": "object",
                "properties": { "a": { "items": [{ "type": "integer" }] } },
            })
        };
        let draft_7 = validator(&tuple("http://json-schema.org/draft-07/schema#"));
        assert!(draft_7.check(&json!({ "a": [1, "x"] })).is_ok());
        let problems = draft_7.check(&json!({ "a": ["x"] })).unwrap_err();
        assert_eq!(problems[0].to_string(), "a[0]: an integer — you sent \"x\"");
        assert!(
            refused(&tuple("https://json-schema.org/draft/2020-12/schema")).contains("invalid")
        );
    }

    #[test]
    fn the_schema_stays_as_it_is_advertised() {
        let schema = with(&json!({ "type": "integer", "format": "uint8" }));
        assert_eq!(validator(&schema).schema(), &schema);
    }

    #[test]
    fn ordinary_strings_may_hold_control_characters() {
        let schema = with(&json!({ "type": "string" }));
        assert!(
            validator(&schema)
                .check(&json!({ "a": "\u{0}\u{7}\u{feff}" }))
                .is_ok()
        );
    }

    #[test]
    fn what_cannot_be_explained_is_refused_all_the_same() {
        let schema = json!({
            "type": "object",
            "properties": { "a": { "$ref": "#named" } },
            "$defs": { "x": { "$anchor": "named", "type": "integer" } },
        });
        let problems = validator(&schema).check(&json!({ "a": "x" })).unwrap_err();
        assert_eq!(problems[0].code, "schema");
        assert!(validator(&schema).check(&json!({ "a": 1 })).is_ok());
    }

    #[test]
    fn deeply_nested_alternatives_and_long_lists_are_checked_in_time() {
        let term = json!({ "anyOf": [
            { "type": "object", "properties": { "a": { "$ref": "#/$defs/t" } }, "required": ["a"] },
            { "type": "object", "properties": { "a": { "$ref": "#/$defs/t" } }, "minProperties": 1 },
            { "type": "string" },
        ] });
        let schema = json!({
            "type": "object",
            "properties": { "a": { "$ref": "#/$defs/t" }, "n": { "items": { "type": "integer" } } },
            "$defs": { "t": term },
        });
        let deep = (0..120).fold(json!(1), |inner, _| json!({ "a": inner }));
        let long = json!({ "n": vec!["x"; 100_000] });
        let start = Instant::now();
        for arguments in [deep, long] {
            let problems = validator(&schema).check(&arguments).unwrap_err();
            assert!(problems.len() <= 100);
        }
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn the_worst_schema_and_the_deepest_value_fit_on_a_small_stack() {
        let wrapped = (0..7).fold(
            json!({ "$ref": "#/$defs/t" }),
            |inner, _| json!({ "allOf": [inner] }),
        );
        let branch = json!({ "properties": { "a": wrapped }, "items": wrapped });
        let term = (0..7).fold(
            branch,
            |inner, _| json!({ "anyOf": [inner, { "type": "string" }] }),
        );
        let schema = json!({
            "type": "object",
            "properties": { "a": { "$ref": "#/$defs/t" } },
            "$defs": { "t": { "type": ["object", "array"], "allOf": [term] } },
        });
        let deep = (0..60).fold(json!(1), |inner, _| json!({ "a": [inner] }));
        let check = move || validator(&schema).check(&deep).unwrap_err().len();
        let thread = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(check)
            .unwrap();
        assert_eq!(thread.join().unwrap(), 1);
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde and schemars")]
    struct Everything {
        a: i8,
        b: u8,
        c: i16,
        d: u16,
        e: i32,
        f: u32,
        g: i64,
        h: u64,
        i: usize,
        j: f64,
        k: bool,
        l: char,
        m: Option<i32>,
        n: Vec<u8>,
        o: Nested,
        p: Option<Nested>,
        q: BTreeMap<String, i8>,
        r: (u8, String),
        s: Vec<Tagged>,
        t: External,
        u: std::num::NonZeroU32,
        v: [u16; 2],
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only read by serde and schemars")]
    struct Nested {
        small: Option<u8>,
        color: Color,
        next: Option<Box<Nested>>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        /// With a description, which makes it a `oneOf`.
        Green,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(tag = "kind")]
    #[expect(dead_code, reason = "only read by serde and schemars")]
    enum Tagged {
        Circle { radius: u8 },
        Square { side: i16 },
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only read by serde and schemars")]
    enum External {
        Nothing,
        One(u8),
        Two { a: i8, b: Option<u16> },
    }

    fn number() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => (-3_i64..300).prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<u64>().prop_map(Value::from),
            1 => (-300_i32..300).prop_map(|half| json!(f64::from(half) / 2.0)),
            1 => prop::sample::select(vec![
                json!(i64::MAX), json!(u64::MAX), json!(i32::MAX), json!(u32::MAX), json!(65_535),
                json!(1e18), json!(9_007_199_254_740_992.0), json!(1.844_674_407_370_955_2e19), json!(-0.0),
            ]),
        ]
    }

    fn nested() -> impl Strategy<Value = Value> {
        let color = prop::sample::select(vec![json!("red"), json!("green"), json!("blue")]);
        let leaf = (prop::option::of(number()), color)
            .prop_map(|(small, color)| json!({ "small": small, "color": color }));
        leaf.prop_recursive(2, 4, 1, |inner| {
            (inner.clone(), prop::option::of(inner)).prop_map(|(mut outer, inner)| {
                outer["next"] = json!(inner);
                outer
            })
        })
    }

    fn tagged() -> impl Strategy<Value = Value> {
        ("Circle|Square", "radius|side", number())
            .prop_map(|(kind, name, size)| json!({ "kind": kind, name: size }))
    }

    fn external() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!("Nothing")),
            number().prop_map(|one| json!({ "One": one })),
            (number(), prop::option::of(number()))
                .prop_map(|(a, b)| json!({ "Two": { "a": a, "b": b } })),
        ]
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only read by serde and schemars")]
    struct Holder<T> {
        part: T,
    }

    /// Whether the part can be deserialised, if it is valid.
    fn agrees<T: JsonSchema + for<'de> Deserialize<'de>>(part: &Value) -> bool {
        let schema = schemars::schema_for!(Holder<T>).to_value();
        let arguments = json!({ "part": part });
        let valid = validator(&schema).check(&arguments).is_ok();
        !valid || serde_json::from_value::<Holder<T>>(arguments).is_ok()
    }

    /// A valid object with a few properties replaced.
    fn everything() -> impl Strategy<Value = Value> {
        let numbers = prop::collection::btree_map("[a-jmu]", number(), 0..3);
        let list = prop::collection::vec(number(), 0..3);
        let map = prop::collection::btree_map(".{0,3}", number(), 0..2);
        let pair = (number(), ".{0,2}").prop_map(|(one, two)| json!([one, two]));
        let parts = (
            nested(),
            prop::option::of(nested()),
            tagged(),
            external(),
            ".{1,2}",
        );
        (numbers, list, map, pair, parts).prop_map(|(numbers, list, map, pair, parts)| {
            let (nested, optional, tagged, external, letter) = parts;
            let mut all = json!({
                "a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1, "j": 1,
                "k": true, "l": letter, "m": 1, "n": list, "o": nested, "p": optional, "q": map, "r": pair,
                "s": [tagged], "t": external, "u": 1, "v": [1, 2],
            });
            for (name, number) in numbers {
                all[name] = number;
            }
            all
        })
    }

    proptest! {
        #[test]
        fn whatever_is_valid_can_be_deserialised(mut arguments in everything()) {
            let schema = schemars::schema_for!(Everything).to_value();
            let validator = validator(&schema);
            integral_floats(&mut arguments);
            let read = serde_json::from_value::<Everything>(arguments.clone());
            match validator.check(&arguments) {
                Ok(()) => prop_assert!(read.is_ok(), "{:?}", read),
                Err(problems) => {
                    prop_assert_ne!(&problems[0].code, "schema");
                    // The other direction, as far as the type knows all that the schema says.
                    prop_assert!(read.is_err(), "{:?}", problems);
                }
            }
        }

        #[test]
        fn single_parts_that_are_valid_can_be_deserialised(part in prop_oneof![tagged(), external(), nested()]) {
            let mut part = part;
            integral_floats(&mut part);
            prop_assert!(agrees::<Tagged>(&part));
            prop_assert!(agrees::<External>(&part));
            prop_assert!(agrees::<Nested>(&part));
        }
    }
}
