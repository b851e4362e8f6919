//! From "these arguments are not valid" to what exactly is wrong with them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::duty::{Duty, Judge};
use super::expected::{choices, describe, one_of, rules, short};
use super::format::integer_range;
use super::problem::{Path, Problem};
use super::subschema::{holds_secret, is_required, is_secret, keywords, property, property_names};
use super::suggest::closest;
use super::words::{SHOWN, all_of, cut, plain, quote, show};

/// How many problems are collected; a text for a model lists far fewer.
pub(super) const PROBLEMS: usize = 100;

/// How many known arguments are named when an unknown one resembles none of them.
const KNOWN: usize = 10;

/// How many schemas and values within each other are gone through.
const DEPTH: usize = 512;

/// Lists what is wrong with `arguments`, in the order of the arguments in `order`.
pub(super) fn explain(judge: Judge<'_>, order: &[String], arguments: &Value) -> Vec<Problem> {
    let root = judge.root;
    let mut explainer = Explainer {
        judge,
        order,
        problems: Vec::new(),
        seen: HashSet::new(),
        listed_known: false,
        depth: 0,
    };
    let place = Place {
        path: Path::Root,
        whole: root,
        secret: false,
        optional: false,
    };
    explainer.explain(root, arguments, place);
    let mut problems = explainer.problems;
    if problems.is_empty() {
        // What only a reference by name or by address could tell is not followed here.
        let line = "arguments: do not match the schema of the arguments".into();
        problems.push((0, Problem::with_line(String::new(), "schema".into(), line)));
    }
    problems.sort_by_key(|(rank, _)| *rank);
    problems.into_iter().map(|(_, problem)| problem).collect()
}

/// Where the explanation is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a, 'p> {
    pub(super) path: Path<'p>,
    /// The schema by which this place was entered: all that is expected here.
    pub(super) whole: &'a Value,
    secret: bool,
    optional: bool,
}

#[derive(Debug)]
pub(super) struct Explainer<'a, 'o> {
    pub(super) judge: Judge<'a>,
    order: &'o [String],
    problems: Vec<(usize, Problem)>,
    /// Where there is a problem already: one line for one place.
    seen: HashSet<String>,
    listed_known: bool,
    depth: usize,
}

impl<'a> Explainer<'a, '_> {
    /// Explains why `value` does not satisfy `schema`.
    pub(super) fn explain(&mut self, schema: &'a Value, value: &Value, place: Place<'a, '_>) {
        if self.problems.len() >= PROBLEMS || self.depth >= DEPTH {
            return;
        }
        self.depth += 1;
        if schema == &Value::Bool(false) {
            self.report_as("not", "nothing at all: leave it out", value, place);
        }
        if let Some(code) = self.judge.plan.broken(schema, value) {
            self.report(&code, value, place);
        }
        let mut duties = self.judge.duties(schema, value);
        duties.sort_by_key(|duty| matches!(duty, Duty::Unknown(..)));
        for duty in duties {
            if self.problems.len() >= PROBLEMS {
                break;
            }
            if !self.judge.holds(duty, value) {
                self.explain_duty(duty, value, place);
            }
        }
        self.depth -= 1;
    }

    fn explain_duty(&mut self, duty: Duty<'a, '_>, value: &Value, place: Place<'a, '_>) {
        match duty {
            Duty::Here(schema) => self.explain(schema, value, place),
            Duty::Choice(keyword, choices) => self.explain_choice(keyword, choices, value, place),
            Duty::Not(_) => self.report("not", value, place),
            Duty::Property(schema, name, part) => {
                let inner = self.inside(schema, Path::Key(&place.path, name), place);
                let optional = !is_required(&keywords(self.judge.root, place.whole), name);
                self.explain(schema, part, Place { optional, ..inner });
            }
            Duty::Item(schema, index, part) => {
                let inner = self.inside(schema, Path::Index(&place.path, index), place);
                self.explain(schema, part, inner);
            }
            Duty::Name(schema, name) => self.report_name(schema, &Path::Key(&place.path, name)),
            Duty::Contains(schema) => self.report_contains(schema, value, place),
            Duty::Missing(name, keyword) => self.report_missing(name, keyword, place),
            Duty::Unknown(name, keyword) => self.report_unknown(name, keyword, value, place),
        }
    }

    /// Explains why `value` does not satisfy the branch that was meant.
    pub(super) fn explain_branch(
        &mut self,
        branch: &'a Value,
        value: &Value,
        place: Place<'a, '_>,
    ) {
        self.explain(
            branch,
            value,
            Place {
                whole: branch,
                ..place
            },
        );
    }

    fn inside<'p>(&self, schema: &'a Value, path: Path<'p>, place: Place<'a, '_>) -> Place<'a, 'p> {
        let secret = place.secret || is_secret(self.judge.root, schema);
        Place {
            path,
            whole: schema,
            secret,
            optional: false,
        }
    }

    /// Reports that a value is not what is expected at its place.
    pub(super) fn report(&mut self, code: &str, value: &Value, place: Place<'a, '_>) {
        let expected = self.expected(code, value, place);
        self.report_as(code, &expected, value, place);
    }

    /// Reports a value, saying in words of the caller's what is expected.
    pub(super) fn report_as(
        &mut self,
        code: &str,
        expected: &str,
        value: &Value,
        place: Place<'a, '_>,
    ) {
        let secret = place.secret || self.hides(value, place.whole);
        let suggestion = if secret {
            None
        } else {
            self.similar(value, place.whole)
        };
        let sent = you_sent(value, secret, suggestion);
        let leave = if value.is_null() && place.optional {
            ", or leave it out"
        } else {
            ""
        };
        let line = format!("{expected}{leave} — {sent}");
        let rules = rules(self.judge.root, place.whole);
        self.push(&place.path, code, &line, |problem| {
            problem.expected = rules;
            problem.received = (!secret).then(|| received(value));
            problem.suggestion = suggestion.map(str::to_owned);
        });
    }

    /// Whether something with secrets in it may have been sent as a text or as one of them: of lists and objects only the
    /// size is told.
    fn hides(&self, value: &Value, whole: &Value) -> bool {
        let is_told = !value.is_null() && !value.is_array() && !value.is_object();
        is_told && holds_secret(self.judge.root, whole)
    }

    fn expected(&self, code: &str, value: &Value, place: Place<'a, '_>) -> String {
        let root = self.judge.root;
        if code == "format" && value.is_number() {
            let keywords = keywords(root, place.whole);
            let format = keywords.get("format").and_then(|format| format.as_str());
            if let Some((.., bits)) = format
                .and_then(integer_range)
                .filter(|(.., bits)| *bits > 32)
            {
                return format!("an integer that fits {bits} bits");
            }
        }
        describe(root, place.whole)
    }

    /// The choice that a misspelt string was meant to be.
    fn similar(&self, value: &Value, whole: &'a Value) -> Option<&'a str> {
        let choices = choices(self.judge.root, whole)?;
        closest(
            value.as_str()?,
            choices.into_iter().filter_map(Value::as_str),
        )
    }

    fn report_name(&mut self, schema: &'a Value, path: &Path<'_>) {
        let expected = describe(self.judge.root, schema);
        let rules = rules(self.judge.root, schema);
        let line = format!("the name is to be {expected}");
        self.push(path, "propertyNames", &line, |problem| {
            problem.expected = rules;
        });
    }

    fn report_contains(&mut self, schema: &'a Value, value: &Value, place: Place<'a, '_>) {
        let item = describe(self.judge.root, schema);
        let expected = format!("a list with at least one item that is {item}");
        self.report_as("contains", &expected, value, place);
    }

    /// Reports a property that was left out.
    pub(super) fn report_missing(&mut self, name: &str, keyword: &str, place: Place<'a, '_>) {
        let root = self.judge.root;
        let schema = property(root, place.whole, name);
        let expected = schema.map(|schema| describe(root, schema));
        let expected = expected.filter(|expected| expected != "any value");
        let expected = expected
            .map(|expected| format!(", {expected}"))
            .unwrap_or_default();
        let rules = schema.and_then(|schema| rules(root, schema));
        let line = format!("required{expected} — you left it out");
        self.push(&Path::Key(&place.path, name), keyword, &line, |problem| {
            problem.expected = rules;
        });
    }

    fn report_unknown(&mut self, name: &str, keyword: &str, value: &Value, place: Place<'a, '_>) {
        let root = self.judge.root;
        let mut known: Vec<_> = property_names(root, place.whole).into_iter().collect();
        let open = known
            .iter()
            .copied()
            .filter(|known| value.get(known).is_none());
        let suggestion = closest(name, open);
        let what = if matches!(place.path, Path::Root) {
            "argument"
        } else {
            "property"
        };
        let hint = if let Some(meant) = suggestion {
            let schema = property(root, place.whole, meant);
            let expected = schema
                .map(|schema| describe(root, schema))
                .unwrap_or_default();
            let expected = expected.strip_prefix("one of ").unwrap_or(&expected);
            format!(" — did you mean `{}`? ({expected})", plain(meant))
        } else if known.is_empty() || std::mem::replace(&mut self.listed_known, true) {
            String::new()
        } else {
            known.sort_by_key(|name| self.position(name));
            let known: Vec<_> = known
                .into_iter()
                .map(|name| format!("`{}`", plain(name)))
                .collect();
            format!(" — known: {}", all_of(&known, KNOWN))
        };
        let line = format!("unknown {what}{hint}");
        self.push(&Path::Key(&place.path, name), keyword, &line, |problem| {
            problem.suggestion = suggestion.map(str::to_owned);
        });
    }

    /// Reports a property that decides between alternatives and has none of their `values`.
    pub(super) fn report_tag(
        &mut self,
        tag: &str,
        values: &[&'a Value],
        sent: Option<&Value>,
        place: Place<'a, '_>,
    ) {
        let text = sent.filter(|_| !place.secret).and_then(Value::as_str);
        let names = values.iter().filter_map(|value| value.as_str());
        let suggestion = text.and_then(|text| closest(text, names));
        let expected = one_of(values);
        let line = match sent {
            None => format!("required, {expected} — you left it out"),
            Some(sent) => format!("{expected} — {}", you_sent(sent, place.secret, suggestion)),
        };
        let code = if sent.is_some() { "enum" } else { "required" };
        self.push(&Path::Key(&place.path, tag), code, &line, |problem| {
            problem.expected = short(json!({ "enum": values }));
            problem.received = sent.filter(|_| !place.secret).map(received);
            problem.suggestion = suggestion.map(str::to_owned);
        });
    }

    fn push(&mut self, path: &Path<'_>, code: &str, text: &str, fill: impl FnOnce(&mut Problem)) {
        let pointer = path.pointer();
        if self.problems.len() >= PROBLEMS || !self.seen.insert(pointer.clone()) {
            return;
        }
        let rank = match path.argument() {
            None => 0,
            Some(argument) => 1 + self.position(argument),
        };
        let line = format!("{}: {text}", path.dotted());
        let mut problem = Problem::with_line(pointer, code.to_owned(), line);
        fill(&mut problem);
        self.problems.push((rank, problem));
    }

    /// The position of an argument in the order given, unknown ones after all that are known.
    fn position(&self, argument: &str) -> usize {
        let known = || property(self.judge.root, self.judge.root, argument).is_some();
        let given = self.order.iter().position(|name| name == argument);
        given.unwrap_or_else(|| self.order.len() + usize::from(!known()))
    }
}

fn you_sent(value: &Value, secret: bool, suggestion: Option<&str>) -> String {
    let sent = if secret {
        "a value that is not shown".into()
    } else {
        show(value)
    };
    let meant = suggestion.map(|meant| format!(", did you mean {}?", quote(meant)));
    format!("you sent {sent}{}", meant.unwrap_or_default())
}

/// What was sent, short enough to be sent back.
fn received(value: &Value) -> Value {
    match value {
        Value::String(text) => cut(text, SHOWN).into(),
        Value::Array(items) if !items.is_empty() => show(value).into(),
        Value::Object(map) if !map.is_empty() => show(value).into(),
        scalar => scalar.clone(),
    }
}
