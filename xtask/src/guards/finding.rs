//! What a guard has found: where, why it is dangerous, and what to do.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use terraform_config::Place;

use super::facts::Facts;
use super::facts::accepted::Accepted;

/// Whether a finding stops a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Severity {
    /// Certain: Terraform would really do it. Exit code 3, before anything is touched.
    Refusal,
    /// Suspected by `check`, and refused by a run, which goes on to change something.
    RunRefusal,
    /// Suspected, or harmless: shown, and the run goes on. `check --strict` refuses it too.
    Warning,
}

/// One thing that a guard has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whose finding it is.
    pub(crate) guard: &'static Guard,
    /// Whether it stops a run.
    pub(crate) severity: Severity,
    /// The environments it concerns: a run on another one is not stopped by it.
    pub(crate) environments: Vec<String>,
    /// Where it was found.
    pub(crate) place: Place,
    /// Where each environment has its part in it, for one cause that is in many; empty where `place` says it all.
    pub(crate) occurrences: Vec<Occurrence>,
    /// What was found, a lower-case sentence without a full stop.
    pub(crate) what: String,
    /// What to do.
    pub(crate) hint: String,
    /// Why the repository accepts it, where it does.
    pub(crate) accepted: Option<Accepted>,
}

/// One environment's part in a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    /// The environment.
    pub(crate) environment: String,
    /// Where its part is.
    pub(crate) place: Place,
}

/// A check over the facts; pure.
#[derive(Debug)]
pub(crate) struct Guard {
    /// What `--allow` and SARIF call it.
    pub(crate) name: &'static str,
    /// What it looks at, for the list that `check` prints.
    pub(crate) looks_at: &'static str,
    /// Why what it finds is dangerous.
    pub(crate) danger: &'static str,
    /// Whether what it refuses can be passed once with `--allow`, or accepted in the repository: never where data would be lost.
    pub(crate) can_be_allowed: bool,
    /// Adds everything that it finds.
    pub(crate) find: fn(&Facts, &mut Vec<Finding>),
}

/// Each has a name of its own.
impl PartialEq for Guard {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Guard {}

impl Guard {
    /// A refusal by this guard: what Terraform would really do.
    pub(crate) fn refusal(&'static self, environments: &[&str], place: Place, what: impl Into<String>, hint: impl Into<String>) -> Finding {
        self.finding(Severity::Refusal, environments, place, what, hint)
    }

    /// A warning by this guard: what is only suspected, or does no harm.
    pub(crate) fn warning(&'static self, environments: &[&str], place: Place, what: impl Into<String>, hint: impl Into<String>) -> Finding {
        self.finding(Severity::Warning, environments, place, what, hint)
    }

    /// Everything that it finds.
    pub(crate) fn found(&self, facts: &Facts) -> Vec<Finding> {
        let mut findings = Vec::new();
        (self.find)(facts, &mut findings);
        findings
    }

    /// A finding of this guard.
    pub(crate) fn finding(
        &'static self,
        severity: Severity,
        environments: &[&str],
        place: Place,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Finding {
        let environments = environments.iter().map(|name| (*name).to_owned()).collect();
        let (what, hint) = (what.into(), hint.into());
        Finding { guard: self, severity, environments, place, occurrences: Vec::new(), what, hint, accepted: None }
    }
}

impl Finding {
    /// The same finding as one cause with a part in several environments, which become those that it concerns.
    pub(crate) fn among<'a>(mut self, parts: impl IntoIterator<Item = (&'a str, Place)>) -> Self {
        let occurrence = |(environment, place): (&str, Place)| Occurrence { environment: environment.to_owned(), place };
        self.occurrences = parts.into_iter().map(occurrence).collect();
        self.occurrences.dedup();
        self.environments = environments_of(&self.occurrences);
        self
    }

    /// Each environment with its place in it; one without an environment has only its place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, &Place)> {
        let alone = self.environments.iter().filter(|_| self.occurrences.is_empty()).map(|name| (name.as_str(), &self.place));
        alone.chain(self.occurrences.iter().map(|part| (part.environment.as_str(), &part.place)))
    }
}

/// The environments of these occurrences, each once.
pub(super) fn environments_of(occurrences: &[Occurrence]) -> Vec<String> {
    let mut seen = HashSet::new();
    occurrences.iter().map(|part| &part.environment).filter(|name| seen.insert(*name)).cloned().collect()
}

/// Names in a sentence: "`a` and `b`"; of many the first two, and how many others.
pub(crate) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{}`", one.as_ref()),
        [one, other] => format!("`{}` and `{}`", one.as_ref(), other.as_ref()),
        [one, other, third] => format!("`{}`, `{}` and `{}`", one.as_ref(), other.as_ref(), third.as_ref()),
        [one, other, rest @ ..] => format!("`{}`, `{}` and {} others", one.as_ref(), other.as_ref(), rest.len()),
    }
}

/// What was found, by its cause; without one it stands alone. The order stays.
pub(super) fn by_cause<T, K: Eq + Hash + Clone>(
    found: impl IntoIterator<Item = T>,
    cause: impl Fn(&T) -> Option<K>,
) -> Vec<(Option<K>, Vec<T>)> {
    let mut at: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<(Option<K>, Vec<T>)> = Vec::new();
    for one in found {
        let cause = cause(&one);
        match cause.as_ref().and_then(|cause| at.get(cause)) {
            Some(known) => groups[*known].1.push(one),
            None => {
                at.extend(cause.clone().map(|cause| (cause, groups.len())));
                groups.push((cause, vec![one]));
            }
        }
    }
    groups
}

/// The same cause in several environments, as in a module that all of them use, is one finding. The order stays.
pub(super) fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<(&str, Severity, Place, String, bool), usize> = BTreeMap::new();
    for finding in findings {
        let key = (finding.guard.name, finding.severity, finding.place.clone(), finding.what.clone(), finding.accepted.is_some());
        match known.get(&key).map(|at| &mut merged[*at]) {
            // What has occurrences was put together by its guard.
            Some(first) if first.occurrences.is_empty() && finding.occurrences.is_empty() => {
                let new: Vec<String> = finding.environments.into_iter().filter(|name| !first.environments.contains(name)).collect();
                first.environments.extend(new);
            }
            _ => {
                known.insert(key, merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::{Finding, Guard, Place, by_cause, listed, merge};
    use crate::guards::checkout::unparsable::CODE;

    fn place(file: &str, line: usize) -> Place {
        Place { file: file.into(), line }
    }

    #[test]
    fn many_names_are_counted() {
        for (names, expected) in [
            (&["a"][..], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c"], "`a`, `b` and `c`"),
            (&["a", "b", "c", "d", "e"], "`a`, `b` and 3 others"),
        ] {
            assert_eq!(listed(names), expected);
        }
    }

    #[test]
    fn what_has_one_cause_is_together_and_the_order_stays() {
        let groups = by_cause(["a1", "-", "b1", "a2", "-"], |text| text.strip_suffix(['1', '2']));
        assert_eq!(groups.iter().map(|(_, found)| found.join(" ")).collect::<Vec<_>>(), ["a1 a2", "-", "b1", "-"]);
    }

    #[test]
    fn one_cause_is_one_finding() {
        const GUARD: &Guard = &CODE;
        let of = |name: &str, line: usize| GUARD.refusal(&[name], place("modules/m/main.tf", line), "a mistake", "correct it");
        let found = merge(vec![of("a", 1), of("b", 1), of("b", 2), of("c", 1)]);
        let shown = |finding: &Finding| (finding.environments.join(" "), finding.place.line);
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), [("a b c".to_owned(), 1), ("b".to_owned(), 2)]);
    }

    #[test]
    fn every_environment_has_its_place() {
        let alone = CODE.refusal(&["a", "b"], place("x", 1), "what", "hint");
        let places = |finding: &Finding| finding.places().map(|(name, place)| format!("{name} {}", place.line)).collect::<Vec<_>>();
        assert_eq!(places(&alone), ["a 1", "b 1"]);
        let among = alone.among([("a", place("x", 3)), ("c", place("y", 4)), ("c", place("y", 5))]);
        assert_eq!(places(&among), ["a 3", "c 4", "c 5"]);
        assert_eq!(among.environments, ["a", "c"]);
    }
}
