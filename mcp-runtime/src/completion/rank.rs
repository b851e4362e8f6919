//! What is proposed: values in the order of how well they fit what is typed, and no more of them than the protocol allows.

use std::fmt::Display;

/// The most values that one answer may hold.
const MOST: usize = 100;

/// How many values of a list are looked at: a list without an end is not one that a client could show.
const LOOKED_AT: usize = 100_000;

/// The values that a client is told, and how many there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub(crate) values: Vec<String>,
    /// How many there are, if that is known.
    pub(crate) total: Option<usize>,
    /// Whether there are more than those.
    pub(crate) more: bool,
}

/// How well a value fits; the best come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is the text.
    Exact,
    /// It begins with the text.
    Prefix,
    /// One of its words does.
    Word,
    /// It holds the text.
    Inside,
    /// It holds the characters of the text in their order.
    Scattered,
}

impl Suggestions {
    /// What fits `text`, the best first; values that fit equally well stay in their order.
    pub(crate) fn ranked(values: impl Iterator<Item: Display>, text: &str) -> Self {
        let typed = text.to_lowercase();
        let mut values = values.fuse();
        let looked_at = values.by_ref().take(LOOKED_AT);
        let mut fitting: Vec<(Fit, String)> = looked_at
            .map(|value| value.to_string())
            .filter_map(|value| Some((fit(&typed, &value)?, value)))
            .collect();
        fitting.sort_by_key(|(fit, _)| *fit);
        let all = values.next().is_none();
        let total = fitting.len();
        let values = fitting.into_iter().take(MOST).map(|(_, value)| value);
        Self {
            values: values.collect(),
            total: all.then_some(total),
            more: total > MOST || !all,
        }
    }

    /// What a search found, in its own order.
    pub(crate) fn found(values: impl Iterator<Item: Display>) -> Self {
        let (least, most) = values.size_hint();
        let mut values = values.map(|value| value.to_string()).fuse();
        let shown: Vec<String> = values.by_ref().take(MOST).collect();
        let more = values.next().is_some();
        let total = if more {
            most.filter(|most| *most == least)
        } else {
            Some(shown.len())
        };
        Self {
            values: shown,
            total,
            more,
        }
    }
}

/// How well `value` fits a text in lower case, if it does.
fn fit(typed: &str, value: &str) -> Option<Fit> {
    let value = value.to_lowercase();
    if value == typed {
        return Some(Fit::Exact);
    }
    let mut last = None;
    let at_word = |(at, _): &(usize, &str)| {
        let before = value[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric())
    };
    for found in value.match_indices(typed) {
        if found.0 == 0 {
            return Some(Fit::Prefix);
        }
        if at_word(&found) {
            return Some(Fit::Word);
        }
        last = Some(Fit::Inside);
    }
    last.or_else(|| is_scattered(typed, &value).then_some(Fit::Scattered))
}

fn is_scattered(typed: &str, value: &str) -> bool {
    let mut rest = value.chars();
    typed
        .chars()
        .all(|wanted| rest.any(|found| found == wanted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CITIES: [&str; 7] = [
        "Comparia",
        "Villa Par",
        "Par",
        "Paris",
        "Plzen area",
        "Rome",
        "Pará",
    ];

    fn ranked(text: &str) -> Vec<String> {
        Suggestions::ranked(CITIES.iter(), text).values
    }

    #[test]
    fn the_best_fit_comes_first() {
        let best = [
            "Par",
            "Paris",
            "Pará",
            "Villa Par",
            "Comparia",
            "Plzen area",
        ];
        assert_eq!(ranked("PAR"), best);
        assert_eq!(ranked("pará"), ["Pará"]);
        assert_eq!(ranked("xyz"), [""; 0]);
    }

    #[test]
    fn without_a_text_the_list_stays_as_it_is() {
        let all = Suggestions::ranked(CITIES.iter(), "");
        assert_eq!(all.values, CITIES);
        assert_eq!((all.total, all.more), (Some(7), false));
    }

    #[test]
    fn a_hundred_values_are_told_and_the_rest_is_counted() {
        let ranked = Suggestions::ranked(0..250, "");
        assert_eq!(ranked.values.len(), 100);
        assert_eq!((ranked.total, ranked.more), (Some(250), true));
        let found = Suggestions::found(0..250);
        assert_eq!(found.values[99], "99");
        assert_eq!((found.total, found.more), (Some(250), true));
        let exact = Suggestions::found(0..100);
        assert_eq!((exact.total, exact.more), (Some(100), false));
    }

    #[test]
    fn a_list_without_an_end_is_cut() {
        let ranked = Suggestions::ranked(0_u64.., "99999");
        assert_eq!(ranked.values, ["99999"]);
        assert_eq!((ranked.total, ranked.more), (None, true));
        let found = Suggestions::found(std::iter::repeat("x").filter(|_| true));
        assert_eq!(
            (found.values.len(), found.total, found.more),
            (100, None, true)
        );
    }

    proptest! {
        #[test]
        fn a_value_fits_each_of_its_parts(value in "\\PC{0,12}", from in 0_usize..12, to in 0_usize..12) {
            let letters: Vec<char> = value.chars().collect();
            let (from, to) = (from.min(letters.len()), to.min(letters.len()));
            let part: String = letters[from.min(to)..to].iter().collect();
            // A letter alone may have another lower case than at the end of a word.
            prop_assume!(value.to_lowercase().contains(&part.to_lowercase()));
            prop_assert_eq!(Suggestions::ranked([&value].into_iter(), &part).values, [value]);
        }
    }
}
