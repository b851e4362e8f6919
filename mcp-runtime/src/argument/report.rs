//! The refusal of a call: the text for the model, and the same for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::explain::PROBLEMS;
use super::problem::Problem;
use super::validate::Validator;
use super::words::{count, cut, escape};

/// How many problems are told.
const TOLD: usize = 20;

/// How long the text may be, in bytes.
const TEXT: usize = 8 * 1024;

/// How long the example at the end may be, in bytes.
const EXAMPLE: usize = 1024;

/// How many characters one line, or one pointer, may have.
const LINE: usize = 500;

/// Writes the refusal of a call to `name`, for the model and for programs.
///
/// The `problems` are what [`Validator::check`] found about `arguments`.
pub(crate) fn invalid_arguments(
    name: &str,
    validator: &Validator,
    arguments: &Value,
    problems: &[Problem],
) -> (String, Value) {
    let found = match problems.len() {
        many if many >= PROBLEMS => format!("at least {PROBLEMS} problems"),
        few => count(few as u64, "problem"),
    };
    let mut text = format!("Invalid arguments for `{}` ({found}):", cut(name, LINE));
    let mut told = 0;
    for problem in problems.iter().take(TOLD) {
        let line = cut(&problem.to_string(), LINE);
        if text.len() + line.len() > TEXT - EXAMPLE - 100 {
            break;
        }
        // Cannot fail, here and below: the target is a string.
        let _ = write!(text, "\n- {line}");
        told += 1;
    }
    if told < problems.len() {
        let _ = write!(text, "\n… and {} more", problems.len() - told);
    }
    if problems.iter().any(is_about_names)
        && let Some(example) = validator
            .example(arguments)
            .map(|example| escape(&example.to_string()))
        && example.len() <= EXAMPLE
    {
        let _ = write!(text, "\nA valid call: {example}");
    }
    (text, for_programs(&problems[..told]))
}

/// Whether something is missing or unknown, so that a list of right names would help.
fn is_about_names(problem: &Problem) -> bool {
    matches!(
        problem.code.as_str(),
        "required"
            | "dependentRequired"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "propertyNames"
    )
}

fn for_programs(problems: &[Problem]) -> Value {
    let mut problems = problems.to_vec();
    for problem in &mut problems {
        problem.path = cut(&problem.path, LINE);
    }
    json!({ "kind": "invalid_arguments", "retryable": true, "problems": problems })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    /// Checks arguments against a schema and returns the refusal.
    #[track_caller]
    fn refusal(schema: &Value, arguments: &Value) -> (String, Value) {
        let validator = Validator::new(std::sync::Arc::new(schema.clone())).unwrap();
        let problems = validator.check(arguments).unwrap_err();
        invalid_arguments("order", &validator, arguments, &problems)
    }

    #[track_caller]
    fn text(schema: &Value, arguments: &Value) -> String {
        refusal(schema, arguments).0
    }

    /// The text for one argument `x`.
    #[track_caller]
    fn line(schema: impl Into<Value>, value: impl Into<Value>) -> String {
        let schema = json!({ "type": "object", "properties": { "x": schema.into() } });
        let text = text(&schema, &json!({ "x": value.into() }));
        text.lines().skip(1).collect::<Vec<_>>().join("\n")
    }

    fn order() -> Value {
        json!({
            "type": "object",
            "properties": {
                "quantity": { "type": "integer", "minimum": 1, "maximum": 100 },
                "item": { "type": "string", "minLength": 1, "examples": ["nut"] },
                "color": { "type": "string", "enum": ["red", "green", "blue"] },
            },
            "required": ["quantity", "item"],
            "additionalProperties": false,
        })
    }

    #[test]
    fn everything_is_told_at_once() {
        let arguments = json!({ "quantity": 0, "item": "", "colour": "purple" });
        let (text, object) = refusal(&order(), &arguments);
        assert_snapshot!(text, @r#"
        Invalid arguments for `order` (3 problems):
        - quantity: an integer from 1 to 100 — you sent 0
        - item: a string of at least 1 character — you sent ""
        - colour: unknown argument — did you mean `color`? (red, green or blue)
        A valid call: {"quantity":1,"item":"nut"}
        "#);
        insta::assert_json_snapshot!(object, @r#"
        {
          "kind": "invalid_arguments",
          "retryable": true,
          "problems": [
            {
              "path": "/quantity",
              "code": "minimum",
              "expected": {
                "maximum": 100,
                "minimum": 1,
                "type": "integer"
              },
              "received": 0
            },
            {
              "path": "/item",
              "code": "minLength",
              "expected": {
                "minLength": 1,
                "type": "string"
              },
              "received": ""
            },
            {
              "path": "/colour",
              "code": "additionalProperties",
              "suggestion": "color"
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_is_missing_is_told_with_an_example_that_keeps_what_was_right() {
        assert_snapshot!(text(&order(), &json!({ "quantity": 7 })), @r#"
        Invalid arguments for `order` (1 problem):
        - item: required, a string of at least 1 character — you left it out
        A valid call: {"quantity":7,"item":"nut"}
        "#);
        assert_snapshot!(text(&order(), &json!({ "quantity": 7, "item": "bolt", "Colour": "red" })), @r#"
        Invalid arguments for `order` (1 problem):
        - Colour: unknown argument — did you mean `color`? (red, green or blue)
        A valid call: {"quantity":7,"item":"bolt","color":"red"}
        "#);
        assert_snapshot!(text(&order(), &json!({ "quantity": 7, "item": "bolt", "weight": 5, "size": 6 })), @r#"
        Invalid arguments for `order` (2 problems):
        - weight: unknown argument — known: `quantity`, `item` and `color`
        - size: unknown argument
        A valid call: {"quantity":7,"item":"bolt"}
        "#);
        assert_snapshot!(text(&order(), &json!([])), @r"
        Invalid arguments for `order` (1 problem):
        - arguments: an object — you sent []
        ");
    }

    #[test]
    fn problems_come_in_the_order_of_the_arguments() {
        let schema = json!({ "type": "object", "properties": {
            "a": { "type": "integer" }, "b": { "type": "integer" }, "c": { "type": "integer" },
        }, "additionalProperties": false });
        let arguments = json!({ "a": "", "aa": 1, "b": "", "c": "" });
        let (text, _) = refusal(&schema, &arguments);
        assert_snapshot!(text, @r#"
        Invalid arguments for `order` (4 problems):
        - a: an integer — you sent ""
        - b: an integer — you sent ""
        - c: an integer — you sent ""
        - aa: unknown argument — known: `a`, `b` and `c`
        A valid call: {}
        "#);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of what is said")]
    fn one_line_for_one_value() {
        let cases = [
            (
                json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
                json!(0),
                "x: an integer from 1 to 100 — you sent 0",
            ),
            (
                json!({ "type": "integer" }),
                json!("7"),
                r#"x: an integer — you sent "7""#,
            ),
            (
                json!({ "type": "integer" }),
                json!(2.5),
                "x: an integer — you sent 2.5",
            ),
            (
                json!({ "type": "integer", "format": "uint32", "minimum": 0 }),
                json!(1_u64 << 32),
                "x: an integer from 0 to 4294967295 — you sent 4294967296",
            ),
            (
                json!({ "type": "integer", "format": "uint64", "minimum": 0 }),
                json!(1e20),
                "x: an integer that fits 64 bits — you sent 1e+20",
            ),
            (
                json!({ "type": "integer", "format": "uint64", "minimum": 0 }),
                json!(-1),
                "x: an integer of at least 0 — you sent -1",
            ),
            (
                json!({ "type": "number", "exclusiveMinimum": 0 }),
                json!(0),
                "x: a number greater than 0 — you sent 0",
            ),
            (
                json!({ "type": "string", "minLength": 1, "maxLength": 10 }),
                json!(""),
                r#"x: a string of 1 to 10 characters — you sent """#,
            ),
            (
                json!({ "type": "string", "pattern": r"^\d{5}$" }),
                json!("1234"),
                r#"x: a string matching ^\d{5}$ — you sent "1234""#,
            ),
            (
                json!({ "type": "string", "format": "date-time" }),
                json!("today"),
                r#"x: a date-time (RFC 3339) — you sent "today""#,
            ),
            (
                json!({ "type": "array", "maxItems": 2 }),
                json!([1, 2, 3]),
                "x: a list of at most 2 items — you sent a list of 3 items",
            ),
            (
                json!({ "type": "array", "uniqueItems": true }),
                json!([1, 1]),
                "x: a list without duplicates — you sent a list of 2 items",
            ),
            (
                json!({ "type": "array", "contains": { "type": "integer" } }),
                json!(["a"]),
                "x: a list with at least one item that is an integer — you sent a list of 1 item",
            ),
            (
                json!({ "type": "object" }),
                json!([]),
                "x: an object — you sent []",
            ),
            (
                json!({ "type": "boolean" }),
                json!("yes"),
                r#"x: true or false — you sent "yes""#,
            ),
            (
                json!({ "type": "integer", "not": { "const": 0 } }),
                json!(0),
                "x: an integer other than 0 — you sent 0",
            ),
            (
                json!({ "enum": ["red", "green", "blue"] }),
                json!("gren"),
                r#"x: one of red, green or blue — you sent "gren", did you mean "green"?"#,
            ),
            (
                json!({ "oneOf": [{ "const": "a" }, { "const": "b" }] }),
                json!("c"),
                r#"x: one of a or b — you sent "c""#,
            ),
            (
                json!(false),
                json!(1),
                "x: nothing at all: leave it out — you sent 1",
            ),
        ];
        for (schema, value, expected) in cases {
            assert_eq!(line(schema, value), format!("- {expected}"));
        }
    }

    #[test]
    fn null_for_an_optional_argument_is_better_left_out() {
        assert_snapshot!(line(json!({ "enum": ["red", "green"] }), json!(null)), @"- x: one of red or green, or leave it out — you sent null");
        let schema = json!({ "type": "object", "properties": { "x": { "type": "integer" } }, "required": ["x"] });
        assert_snapshot!(text(&schema, &json!({ "x": null })), @r"
        Invalid arguments for `order` (1 problem):
        - x: an integer — you sent null
        ");
    }

    #[test]
    fn places_inside_are_named_for_humans_and_pointed_to_for_programs() {
        let schema = json!({ "type": "object", "properties": {
            "address": { "$ref": "#/$defs/address" },
            "items": { "type": "array", "items": {
                "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"],
            } },
        }, "$defs": { "address": {
            "type": "object",
            "properties": { "zip": { "type": "string", "pattern": "^[0-9]+$" } },
            "additionalProperties": false,
        } } });
        let arguments = json!({ "address": { "zip": "x", "Zip": 1 }, "items": [{ "name": "a" }, {}, { "name": 5 }] });
        let (text, object) = refusal(&schema, &arguments);
        assert_snapshot!(text, @r#"
        Invalid arguments for `order` (4 problems):
        - address.zip: a string matching ^[0-9]+$ — you sent "x"
        - address.Zip: unknown property — known: `zip`
        - items[1].name: required, a string — you left it out
        - items[2].name: a string — you sent 5
        A valid call: {"address":{},"items":[{"name":"a"},{"name":"text"},{"name":"text"}]}
        "#);
        let paths: Vec<_> = object["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["path"])
            .collect();
        assert_eq!(
            paths,
            [
                "/address/zip",
                "/address/Zip",
                "/items/1/name",
                "/items/2/name"
            ]
        );
    }

    #[test]
    fn of_alternatives_the_one_that_was_meant_is_explained() {
        let shape = |kind: &str, size: &str| {
            json!({
                "type": "object",
                "properties": { "kind": { "const": kind }, size: { "type": "number" } },
                "required": ["kind", size],
            })
        };
        let tagged = json!({ "oneOf": [shape("circle", "radius"), shape("square", "side")] });
        assert_snapshot!(line(tagged.clone(), json!({ "kind": "circle", "radius": "big" })), @r#"- x.radius: a number — you sent "big""#);
        assert_snapshot!(line(tagged.clone(), json!({ "kind": "cirle", "radius": 1 })), @r#"- x.kind: one of circle or square — you sent "cirle", did you mean "circle"?"#);
        assert_snapshot!(line(tagged.clone(), json!({ "radius": 1 })), @r#"
        - x.kind: required, one of circle or square — you left it out
        A valid call: {"x":{"radius":1,"kind":"circle"}}
        "#);
        assert_snapshot!(line(tagged, json!("circle")), @r#"- x: an object with `kind` and `radius` or an object with `kind` and `side` — you sent "circle""#);

        let by_type =
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string" }] });
        assert_snapshot!(line(by_type.clone(), json!(0)), @"- x: an integer of at least 1 — you sent 0");
        assert_snapshot!(line(by_type, json!(true)), @"- x: an integer of at least 1 or a string — you sent true");

        let optional =
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "null" }] });
        assert_snapshot!(line(optional, json!("x")), @r#"- x: an integer of at least 1 — you sent "x""#);

        let external = json!({ "oneOf": [
            { "enum": ["nothing"] },
            { "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] },
            { "type": "object", "properties": { "b": { "type": "integer" } }, "required": ["b"] },
        ] });
        assert_snapshot!(line(external.clone(), json!({ "a": "x" })), @r#"- x.a: an integer — you sent "x""#);
        assert_snapshot!(line(external, json!({ "c": 1 })), @r#"- x: exactly "nothing", an object with `a` or an object with `b` — you sent an object with 1 property"#);

        let several = json!({ "oneOf": [{ "type": "integer" }, { "minimum": 0 }] });
        assert_snapshot!(line(several, json!(1)), @"- x: a value that matches exactly one of the alternatives — you sent 1");
    }

    #[test]
    fn values_are_cut_and_control_characters_escaped() {
        assert_snapshot!(line(json!({ "type": "integer" }), json!("y".repeat(100))), @r#"- x: an integer — you sent "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…""#);
        assert_snapshot!(line(json!({ "type": "integer" }), json!("a\nb\u{0}")), @r#"- x: an integer — you sent "a\nb\u0000""#);
    }

    #[test]
    fn secrets_are_never_repeated() {
        let schema = json!({ "type": "object", "properties": {
            "password": { "type": "string", "format": "password", "minLength": 12 },
            "account": { "type": "object", "writeOnly": true, "properties": { "pin": { "type": "integer" } } },
            "name": { "type": "string" },
        }, "required": ["name"], "additionalProperties": false });
        let arguments = json!({ "password": "hunter2", "account": { "pin": "s3cret" }, "passwort": "tops3cret" });
        let (text, object) = refusal(&schema, &arguments);
        assert_snapshot!(text, @r#"
        Invalid arguments for `order` (4 problems):
        - password: a string of at least 12 characters — you sent a value that is not shown
        - account.pin: an integer — you sent a value that is not shown
        - name: required, a string — you left it out
        - passwort: unknown argument — known: `password`, `account` and `name`
        A valid call: {"name":"text"}
        "#);
        for secret in ["hunter2", "s3cret"] {
            assert!(!object.to_string().contains(secret), "{object}");
        }
        let mut right = arguments.clone();
        right["password"] = json!("correct horse");
        let (text, _) = refusal(&schema, &right);
        assert!(!text.contains("horse"), "{text}");
    }

    #[test]
    fn an_example_is_only_shown_if_it_is_valid() {
        let schema = json!({ "type": "object", "properties": {
            "zip": { "type": "string", "pattern": "^[0-9]{5}$" },
        }, "required": ["zip"] });
        assert_snapshot!(text(&schema, &json!({})), @r"
        Invalid arguments for `order` (1 problem):
        - zip: required, a string matching ^[0-9]{5}$ — you left it out
        ");
    }

    #[test]
    fn examples_are_made_for_every_kind_of_value() {
        let schema = json!({ "type": "object", "properties": {
            "a": { "type": "integer", "exclusiveMinimum": 4, "multipleOf": 5 },
            "b": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            "c": { "type": "string", "minLength": 6 },
            "d": { "type": "string", "format": "date" },
            "e": { "type": "array", "minItems": 2, "items": { "type": "boolean" } },
            "f": { "type": "object", "properties": { "g": { "const": 5 } }, "required": ["g"] },
            "h": { "anyOf": [{ "type": "string", "maxLength": 2 }, { "type": "null" }] },
            "i": { "type": "integer", "maximum": -3 },
            "j": { "type": "integer", "default": 9 },
        }, "required": ["a", "b", "c", "d", "e", "f", "h", "i", "j"] });
        let (text, _) = refusal(&schema, &json!({}));
        assert_snapshot!(text.lines().last().unwrap(), @r#"A valid call: {"a":5,"b":0.5,"c":"textxx","d":"2025-01-31","e":[true,true],"f":{"g":5},"h":"te","i":-3,"j":9}"#);
    }

    #[test]
    fn of_many_problems_twenty_are_told() {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let many = |count: usize| {
            Value::Object(
                (0..count)
                    .map(|index| (format!("k{index:05}"), json!("x")))
                    .collect(),
            )
        };
        let (text, object) = refusal(&schema, &many(25));
        assert!(
            text.starts_with("Invalid arguments for `order` (25 problems):\n- k00000: an integer")
        );
        assert!(text.ends_with("… and 5 more"), "{text}");
        assert_eq!(text.lines().count(), 22);
        assert_eq!(object["problems"].as_array().unwrap().len(), 20);
        let closed =
            json!({ "type": "object", "properties": { "k": true }, "additionalProperties": false });
        for schema in [schema, closed] {
            let (text, _) = refusal(&schema, &many(100_000));
            assert!(text.contains("(at least 100 problems)"), "{text}");
        }
    }

    #[test]
    fn the_text_is_bounded_whatever_is_sent() {
        let schema = json!({ "type": "object", "additionalProperties": false });
        let long = |index: usize| format!("{}{index}", "\u{1f600}".repeat(10_000));
        let arguments = Value::Object((0..30).map(|index| (long(index), json!(1))).collect());
        let (text, object) = refusal(&schema, &arguments);
        assert!(text.len() <= TEXT, "{}", text.len());
        assert!(object.to_string().len() < 64 * 1024);
    }

    fn schemas() -> Vec<Value> {
        let nested = json!({
            "type": "object",
            "properties": {
                "a": { "type": "integer", "minimum": 3 },
                "b": { "type": "array", "items": { "$ref": "#/$defs/n" }, "maxItems": 2 },
                "n": { "$ref": "#/$defs/n" },
            },
            "required": ["a"],
            "additionalProperties": false,
            "$defs": { "n": { "anyOf": [
                { "type": "string", "maxLength": 2 },
                { "type": "object", "properties": { "n": { "$ref": "#/$defs/n" } }, "required": ["n"] },
                { "type": "null" },
            ] } },
        });
        let open = json!({
            "type": "object",
            "properties": { "a": { "type": "string", "writeOnly": true }, "b": { "enum": ["x", 1] } },
            "required": ["a", "b"],
            "propertyNames": { "maxLength": 2 },
            "patternProperties": { "^n": { "type": "number", "multipleOf": 0.5 } },
            "unevaluatedProperties": { "type": "boolean" },
            "dependentRequired": { "n": ["ab"] },
        });
        let tagged = json!({
            "type": "object",
            "oneOf": [
                { "properties": { "a": { "const": "x" }, "b": { "type": "integer" } }, "required": ["a", "b"] },
                { "properties": { "a": { "const": "ab" } }, "required": ["a"], "not": { "required": ["n"] } },
            ],
            "if": { "required": ["b"] }, "then": { "minProperties": 2 },
        });
        vec![nested, open, tagged, order()]
    }

    fn some_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-5_i64..10).prop_map(Value::from),
            any::<f64>().prop_map(|float| json!(float)),
            "x|ab|abc|red|.{0,100}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("a|b|n|ab|A|item|quantity|color|.{0,5}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Whether a pointer leads to a value, or from a value to something that is not there.
    fn leads_somewhere(arguments: &Value, pointer: &str) -> bool {
        let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
        arguments.pointer(pointer).is_some()
            || parent.is_some_and(|parent| arguments.pointer(parent).is_some_and(Value::is_object))
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_answered_in_bounds(arguments in some_value()) {
            for schema in schemas() {
                let validator = Validator::new(std::sync::Arc::new(schema.clone())).unwrap();
                let Err(problems) = validator.check(&arguments) else { continue };
                prop_assert!(!problems.is_empty());
                for problem in &problems {
                    prop_assert_ne!(&problem.code, "schema", "unexplained: {} {}", schema, arguments);
                    prop_assert!(leads_somewhere(&arguments, &problem.path), "{}", problem.path);
                }
                let (text, object) = invalid_arguments("order", &validator, &arguments, &problems);
                prop_assert!(text.len() <= TEXT);
                prop_assert!(object["problems"].as_array().unwrap().len() <= TOLD);
                prop_assert!(!text.chars().any(|it| it.is_control() && it != '\n'), "{:?}", text);
                prop_assert_eq!(text.lines().count(), 1 + problems.len().min(TOLD)
                    + usize::from(problems.len() > TOLD) + usize::from(text.contains("\nA valid call: ")));
                if let Some((_, call)) = text.rsplit_once("\nA valid call: ") {
                    let call: Value = serde_json::from_str(call).unwrap();
                    prop_assert_eq!(validator.check(&call), Ok(()));
                }
            }
        }
    }
}
