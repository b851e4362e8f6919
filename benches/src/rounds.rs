//! Measuring several subjects beside each other: in rounds, one after the other in each, so that whatever else the machine does
//! falls on all of them.

/// The figures of one subject, one from each round.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<f64>);

/// Measures all subjects in turn, as often as there are rounds.
///
/// # Errors
///
/// The first error of a measurement.
pub fn interleaved<S, E>(
    rounds: usize,
    subjects: &mut [S],
    mut measure: impl FnMut(&mut S) -> Result<f64, E>,
) -> Result<Vec<Figures>, E> {
    let mut figures = vec![Figures::default(); subjects.len()];
    for _ in 0..rounds {
        for (subject, figures) in subjects.iter_mut().zip(&mut figures) {
            figures.0.push(measure(subject)?);
        }
    }
    Ok(figures)
}

impl Figures {
    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// The median of the ratios to another subject, each taken inside of one round.
    #[must_use]
    pub fn ratio(&self, base: &Self) -> f64 {
        let rounds = self.0.iter().zip(&base.0);
        median(rounds.map(|(own, base)| own / base).collect())
    }
}

/// A figure that is the same in every round.
impl From<f64> for Figures {
    fn from(figure: f64) -> Self {
        Self(vec![figure])
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
