//! How far two names are from each other.

/// The optimal string alignment distance: how many characters must be inserted, deleted, replaced or swapped with their
/// neighbour to make `right` of `left`.
pub(super) fn osa_distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before = vec![0; right.len() + 1];
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut row = vec![i; right.len() + 1];
        for j in 1..=right.len() {
            let replaced = above[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_of_the_finger_counts_once() {
        let slips = [
            ("color", "color", 0),
            ("color", "colour", 1),
            ("color", "colr", 1),
            ("color", "coler", 1),
            ("color", "oclor", 1),
        ];
        for (left, right, expected) in slips {
            assert_eq!(osa_distance(left, right), expected, "{left} {right}");
        }
        assert_eq!(osa_distance("", "abc"), 3);
        assert_eq!(osa_distance("größe", "grösse"), 2);
    }
}
