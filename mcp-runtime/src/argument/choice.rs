//! Which branch of `anyOf` or `oneOf` was meant.

use serde_json::Value;

use super::expected::choices;
use super::explain::{Explainer, Place};
use super::subschema::{accepts, is_null_schema, keywords, kind_of, property, property_names};

impl<'a> Explainer<'a, '_> {
    /// Explains why `value` satisfies none of the `branches`, or too many.
    ///
    /// If it is clear which branch was meant, only the problems of that one are of interest.
    pub(super) fn explain_choice(
        &mut self,
        keyword: &'static str,
        branches: &'a [Value],
        value: &Value,
        place: Place<'a, '_>,
    ) {
        if branches
            .iter()
            .any(|branch| self.judge.valid(branch, value))
        {
            // One is enough for `anyOf`, so this is a `oneOf` with several.
            let expected = "a value that matches exactly one of the alternatives";
            return self.report_as(keyword, expected, value, place);
        }
        let root = self.judge.root;
        let real: Vec<_> = branches
            .iter()
            .filter(|branch| !is_null_schema(branch))
            .collect();
        if let [only] = real.as_slice() {
            return self.explain(only, value, place);
        }
        let kind = kind_of(value);
        let fitting: Vec<_> = real
            .into_iter()
            .filter(|branch| accepts(root, branch, kind))
            .collect();
        match fitting.as_slice() {
            [only] => self.explain_branch(only, value, place),
            several if value.is_object() && self.explain_by_tag(several, value, place) => {}
            several if value.is_object() => match self.by_required(several, value) {
                Some(branch) => self.explain_branch(branch, value, place),
                None => self.report(keyword, value, place),
            },
            _ => self.report(keyword, value, place),
        }
    }

    /// Goes by a property for which every branch lists its own values. Says whether there is one.
    fn explain_by_tag(
        &mut self,
        branches: &[&'a Value],
        value: &Value,
        place: Place<'a, '_>,
    ) -> bool {
        let root = self.judge.root;
        let values_of = |branch: &&'a Value, tag: &str| {
            property(root, branch, tag).and_then(|schema| choices(root, schema))
        };
        let Some(tag) = branches.first().and_then(|first| {
            let mut names = property_names(root, first).into_iter();
            names.find(|name| {
                branches
                    .iter()
                    .all(|branch| values_of(branch, name).is_some())
            })
        }) else {
            return false;
        };
        let sent = value.get(tag);
        let listed = |branch: &&'a Value| values_of(branch, tag).into_iter().flatten();
        let meant: Vec<_> = branches
            .iter()
            .filter(|branch| listed(branch).any(|value| Some(value) == sent))
            .collect();
        match meant.as_slice() {
            [] => {
                let values: Vec<_> = branches.iter().flat_map(listed).collect();
                self.report_tag(tag, &values, sent, place);
            }
            [only] => self.explain_branch(only, value, place),
            _ => return false,
        }
        true
    }

    /// The branch whose required properties are there, or the only one of which some are.
    fn by_required(&self, branches: &[&'a Value], value: &Value) -> Option<&'a Value> {
        let root = self.judge.root;
        let required = |branch: &&'a Value| -> Vec<&'a str> {
            let names = keywords(root, branch)
                .get("required")
                .and_then(|names| names.as_array());
            names
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let has = |name: &&str| value.get(name).is_some();
        let only = |fits: &dyn Fn(&[&str]) -> bool| {
            let mut found = branches.iter().filter(|branch| fits(&required(branch)));
            found.next().filter(|_| found.next().is_none()).copied()
        };
        only(&|names| !names.is_empty() && names.iter().all(has))
            .or_else(|| only(&|names| names.iter().any(has)))
    }
}
