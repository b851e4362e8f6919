//! "Did you mean …?"

use super::distance::osa_distance;

/// Names longer than this are not compared: nobody mistypes them by a letter or two.
const LONGEST: usize = 64;

/// The candidate that `wrong` was most likely meant to be.
///
/// Case, `-` and `_` do not count: `zipCode`, `zip-code` and `ZIP_CODE` are all `zip_code`. Beyond
/// that, one mistake is forgiven in short names, two in longer ones and three in long ones.
pub(crate) fn closest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let wrong = plain(wrong);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter_map(|candidate| Some((distance(&wrong, &plain(candidate))?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

fn distance(wrong: &str, candidate: &str) -> Option<usize> {
    let (wrong_length, length) = (wrong.chars().count(), candidate.chars().count());
    let forgiven = match wrong_length.max(length) {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    if wrong_length.abs_diff(length) > forgiven {
        return None;
    }
    Some(osa_distance(wrong, candidate)).filter(|distance| *distance <= forgiven)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 5] = ["color", "quantity", "zip_code", "id", "item"];

    #[test]
    fn a_small_mistake_is_understood() {
        assert_eq!(closest("colour", NAMES), Some("color"));
        assert_eq!(closest("qauntity", NAMES), Some("quantity"));
        assert_eq!(closest("quantitty", NAMES), Some("quantity"));
        assert_eq!(closest("items", NAMES), Some("item"));
    }

    #[test]
    fn case_and_separators_do_not_count() {
        assert_eq!(closest("zipCode", NAMES), Some("zip_code"));
        assert_eq!(closest("ZIP-CODE", NAMES), Some("zip_code"));
        assert_eq!(closest("ID", NAMES), Some("id"));
    }

    #[test]
    fn something_else_is_not_a_mistake() {
        assert_eq!(closest("weight", NAMES), None);
        assert_eq!(closest("ip", NAMES), None);
        assert_eq!(closest("", NAMES), None);
        assert_eq!(closest(&"color".repeat(1000), NAMES), None);
    }

    #[test]
    fn the_nearest_of_several_wins() {
        assert_eq!(
            closest("statuss", ["stats", "status", "statues"]),
            Some("status")
        );
    }

    proptest! {
        #[test]
        fn a_name_is_closest_to_itself(name in "[a-z]{1,20}", other in "[a-z]{1,20}") {
            prop_assert_eq!(closest(&name, [other.as_str(), &name]), Some(name.as_str()));
        }
    }
}
