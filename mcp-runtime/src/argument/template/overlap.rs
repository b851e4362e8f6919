//! Whether two templates can match the same URI.
//!
//! Each template is a little automaton: characters one after the other, and runs of characters for the variables. Both
//! are walked at once over all characters that both allow; if both can end together, they overlap. Queries do not count,
//! because each of their parameters may be missing.

use std::collections::HashSet;

use super::Part;

pub(super) fn overlap(left: &[Part], right: &[Part]) -> bool {
    let (left, right) = (steps(left), steps(right));
    let mut seen = HashSet::new();
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        if i == left.len() && j == right.len() {
            return true;
        }
        if i == left.len() || j == right.len() || !seen.insert((i, j)) || !left[i].meets(right[j]) {
            continue;
        }
        let nexts = |at: usize, step: Step| {
            if step.repeats() {
                [at, at + 1]
            } else {
                [at + 1, at + 1]
            }
        };
        for next_left in nexts(i, left[i]) {
            open.extend(nexts(j, right[j]).map(|next_right| (next_left, next_right)));
        }
    }
    false
}

/// One step of the automaton: it takes at least one character.
#[derive(Clone, Copy)]
enum Step {
    Character(char),
    Segment,
    Path,
}

impl Step {
    /// Whether a character exists that both take.
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Character(left), Self::Character(right)) => left == right,
            (Self::Character(character), Self::Segment)
            | (Self::Segment, Self::Character(character)) => !matches!(character, '/' | '?' | '#'),
            (Self::Character(character), Self::Path) | (Self::Path, Self::Character(character)) => {
                !matches!(character, '?' | '#')
            }
            _ => true,
        }
    }

    fn repeats(self) -> bool {
        !matches!(self, Self::Character(_))
    }
}

fn steps(parts: &[Part]) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => steps.extend(text.chars().map(Step::Character)),
            Part::Segment(_) => steps.push(Step::Segment),
            Part::Path(_) => steps.push(Step::Path),
            Part::Query(_) => {}
        }
    }
    steps
}
