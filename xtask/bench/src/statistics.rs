//! Medians, spreads and ratios of paired measurements.

use std::time::Duration;

use serde::Serialize;

/// One question, answered by two sides in alternating runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Comparison {
    /// What was done.
    pub(crate) name: &'static str,
    /// The other side.
    pub(crate) other: &'static str,
    /// At most this ratio is wanted; `None` where there is only something to know.
    pub(crate) target: Option<f64>,
    /// Our times, in seconds.
    pub(crate) ours: Vec<f64>,
    /// Their times, in seconds, in the same order.
    pub(crate) theirs: Vec<f64>,
}

/// What there is to say of a comparison; times in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    name: &'static str,
    other: &'static str,
    runs: usize,
    ours: Spread,
    theirs: Spread,
    /// Median of the ratios ours/theirs, run by run: it holds when the machine's speed drifts.
    ratio: f64,
    target: Option<f64>,
    holds: Option<bool>,
}

/// Middle and ends of some measurements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Comparison {
    /// A comparison without measurements yet.
    pub(crate) fn new(name: &'static str, other: &'static str, target: Option<f64>) -> Self {
        Self { name, other, target, ..Self::default() }
    }

    /// Adds one run of each side.
    pub(crate) fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.push(ours.as_secs_f64());
        self.theirs.push(theirs.as_secs_f64());
    }

    /// The statistics.
    pub(crate) fn summary(&self) -> Summary {
        let ratios: Vec<f64> = self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect();
        let ratio = spread(&ratios).median;
        Summary {
            name: self.name,
            other: self.other,
            runs: self.ours.len(),
            ours: spread(&self.ours),
            theirs: spread(&self.theirs),
            ratio,
            target: self.target,
            holds: self.target.map(|target| ratio <= target),
        }
    }
}

impl Summary {
    /// The cells of a table's row.
    fn row(&self) -> [String; 6] {
        let shown = |spread: Spread| format!("{:.2} ({:.2}-{:.2})", spread.median, spread.min, spread.max);
        [self.name.to_owned(), shown(self.ours), self.other.to_owned(), shown(self.theirs), format!("{:.2}", self.ratio), self.verdict()]
    }

    fn verdict(&self) -> String {
        let verdict = if self.holds == Some(true) { "holds" } else { "MISSED" };
        self.target.map(|target| format!("{target:.2} {verdict}")).unwrap_or_default()
    }
}

/// A row for each comparison, under a header; columns as wide as their widest cell.
pub(crate) fn table(summaries: &[Summary]) -> String {
    let header = ["what", "ours (s)", "against", "theirs (s)", "ratio", "target"].map(ToOwned::to_owned);
    let rows: Vec<[String; 6]> = [header].into_iter().chain(summaries.iter().map(Summary::row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn spread(values: &[f64]) -> Spread {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let middle = sorted.len() / 2;
    let median = if sorted.len().is_multiple_of(2) { f64::midpoint(at(middle.wrapping_sub(1)), at(middle)) } else { at(middle) };
    Spread { median, min: at(0), max: at(sorted.len().wrapping_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, spread};
    use std::time::Duration;

    #[test]
    fn medians_of_odd_and_even_numbers_of_runs() {
        for (values, expected) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5), (vec![7.0], 7.0)] {
            assert!((spread(&values).median - expected).abs() < f64::EPSILON, "{values:?}");
        }
        assert!(spread(&[]).median.is_nan());
    }

    #[test]
    fn the_ratio_is_taken_pair_by_pair_and_held_against_the_target() {
        for (target, verdict) in [(Some(1.0), "1.00 holds"), (Some(0.4), "0.40 MISSED"), (None, "")] {
            let mut comparison = Comparison::new("up", "compose", target);
            for (ours, theirs) in [(1, 2), (10, 20), (3, 2)] {
                comparison.add(Duration::from_secs(ours), Duration::from_secs(theirs));
            }
            let row = comparison.summary().row();
            assert_eq!((row[4].as_str(), row[5].as_str()), ("0.50", verdict));
        }
    }
}
