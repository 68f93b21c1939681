//! What the repository accepts is set against what was found: the one passes for good, and what matches nothing is named.

use std::collections::{HashMap, HashSet};

use super::facts::Facts;
use super::facts::accepted::Accepted;
use super::finding::{Finding, Guard, Severity, environments_of};
use super::{all_named, allowable};
use crate::project::environment::nearest;

/// Not in [`ALL`], because it looks at what the others found.
pub(crate) const GUARD: Guard = Guard {
    name: "acceptance",
    looks_at: "comments `infra-check: allow GUARD REASON` and [[accept]] in infra.toml, against what was found",
    danger: "an acceptance that is about nothing hides what comes to stand there later",
    can_be_allowed: true,
    find: |_, _| {},
};

/// Marks what is accepted, and adds what is wrong with acceptances; with `all` found, also those that match nothing.
pub(super) fn apply(facts: &Facts, mut findings: Vec<Finding>, all: bool) -> Vec<Finding> {
    let mut used: HashSet<usize> = HashSet::new();
    let mut refused: HashMap<usize, Vec<String>> = HashMap::new();
    for finding in &mut findings {
        let guard = finding.guard.name;
        for (at, accepted) in facts.accepted.all.iter().enumerate().filter(|(_, accepted)| accepted.guard == guard) {
            // A suspicion may be wrong, also one of data that would be lost.
            if finding.severity != Severity::Warning && !finding.guard.can_be_allowed {
                if is_about(accepted, finding) {
                    refused.entry(at).or_default().extend(finding.environments.iter().cloned());
                }
            } else if accept(accepted, finding) {
                used.insert(at);
            }
        }
    }
    let mistakes = facts.accepted.mistakes.iter().map(|(place, why)| {
        let hint = "write `# infra-check: allow GUARD REASON`, or in infra.toml [[accept]] with guard, environments or path, and reason";
        GUARD.warning(&[], place.clone(), format!("this accepts nothing: {why}"), hint)
    });
    let idle = facts.accepted.all.iter().enumerate().filter(|(at, _)| !used.contains(at));
    let idle = idle.filter_map(|(at, accepted)| idle_finding(accepted, refused.get(&at), all));
    findings.extend(mistakes.chain(idle).collect::<Vec<_>>());
    findings
}

/// Takes what is accepted out of a finding: all of it, or the parts of single environments. True where it was about any.
fn accept(accepted: &Accepted, finding: &mut Finding) -> bool {
    if !is_about(accepted, finding) {
        return false;
    }
    let before = finding.environments.len();
    let mut left = finding.occurrences.clone();
    left.retain(|part| !accepted.covers(Some(&part.environment), &part.place));
    // What takes two to meet is nothing any more when one is left.
    if environments_of(&left).len() >= before.clamp(1, 2) {
        finding.environments = environments_of(&left);
        finding.place = left[0].place.clone();
        finding.occurrences = left;
    } else {
        finding.accepted.get_or_insert_with(|| accepted.clone());
    }
    true
}

fn is_about(accepted: &Accepted, finding: &Finding) -> bool {
    let mut places = finding.places();
    finding.environments.is_empty() && accepted.covers(None, &finding.place)
        || places.any(|(environment, place)| accepted.covers(Some(environment), place))
}

/// What is wrong with an acceptance that accepts nothing.
fn idle_finding(accepted: &Accepted, refused: Option<&Vec<String>>, all: bool) -> Option<Finding> {
    let name = accepted.guard.as_str();
    let (what, hint) = match all_named().find(|guard| guard.name == name) {
        None => {
            let names = allowable();
            let hint = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there is {}", names.join(", ")),
            };
            (format!("this accepts nothing: there is no guard `{name}`"), hint)
        }
        Some(guard) if refused.is_some() => {
            (format!("what `{name}` refuses cannot be accepted: {}", guard.danger), "do what its refusal says, and remove this".to_owned())
        }
        Some(_) if all => (format!("this accepts nothing any more: `{name}` finds nothing here"), "remove it".to_owned()),
        Some(_) => return None,
    };
    let environments: Vec<&str> = refused.into_iter().flatten().map(String::as_str).collect();
    Some(GUARD.warning(&environments, accepted.place.clone(), what, hint))
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::guards::ALL;
    use crate::guards::facts::Facts;
    use crate::guards::facts::accepted::{Acceptances, Accepted, Scope};
    use crate::guards::finding::{Finding, Guard};
    use terraform_config::Place;

    fn place(file: &str, line: usize) -> Place {
        Place { file: file.into(), line }
    }

    fn guard(name: &str) -> &'static Guard {
        const OVER_FILES: &[Guard] = &ALL;
        OVER_FILES.iter().find(|guard| guard.name == name).unwrap()
    }

    fn accepted(guard: &str, scope: Scope) -> Accepted {
        Accepted { guard: guard.to_owned(), reason: "r".to_owned(), place: place("a.tf", 2), scope }
    }

    fn of(environments: &[&str], path: Option<&str>) -> Scope {
        Scope::Table { environments: environments.iter().map(|name| (*name).to_owned()).collect(), path: path.map(Into::into) }
    }

    fn applied(one: Accepted, findings: Vec<Finding>) -> Vec<String> {
        let facts = Facts { accepted: Acceptances { all: vec![one], mistakes: Vec::new() }, ..Facts::default() };
        let shown = |finding: Finding| {
            let sign = if finding.accepted.is_some() { "accepted " } else { "" };
            format!("{sign}{}: {} [{}]", finding.guard.name, finding.what, finding.environments.join(" "))
        };
        apply(&facts, findings, true).into_iter().map(shown).collect()
    }

    #[test]
    fn what_is_accepted_is_marked_and_what_is_left_of_many_stays() {
        let alone = || guard("provider-world").refusal(&["a"], place("a.tf", 3), "x", "h");
        let many = |names: &[&'static str]| {
            let parts: Vec<_> = names.iter().map(|name| (*name, place(&format!("{name}.tf"), 3))).collect();
            guard("fixed-name").refusal(&[], place("a.tf", 3), "x", "h").among(parts)
        };
        let suspected = || guard("shared-address").warning(&["a"], place("a.tf", 3), "x", "h");
        let tracked = || guard("state-in-git").refusal(&[], place("/c/old/x.tfstate", 1), "x", "h");
        for (one, finding, expected) in [
            (accepted("provider-world", Scope::Line(3)), alone(), "accepted provider-world: x [a]"),
            (accepted("shared-address", Scope::Line(3)), suspected(), "accepted shared-address: x [a]"),
            (accepted("fixed-name", Scope::Line(3)), many(&["a", "b"]), "accepted fixed-name: x [a b]"),
            (accepted("fixed-name", Scope::Line(3)), many(&["a", "b", "c"]), "fixed-name: x [b c]"),
            (accepted("fixed-name", of(&["b"], None)), many(&["a", "b", "c"]), "fixed-name: x [a c]"),
            (accepted("fixed-name", of(&["b", "c"], None)), many(&["a", "b", "c"]), "accepted fixed-name: x [a b c]"),
            (accepted("state-in-git", of(&[], Some("/c/old"))), tracked(), "accepted state-in-git: x []"),
        ] {
            assert_eq!(applied(one.clone(), vec![finding]), [expected], "{one:?}");
        }
    }

    #[test]
    fn what_accepts_nothing_is_named() {
        let other = || guard("fixed-name").refusal(&["a"], place("a.tf", 9), "x", "h");
        let data = || guard("shared-address").refusal(&["a"], place("a.tf", 3), "x", "h");
        for (one, finding, expected) in [
            (
                accepted("fixed-name", Scope::Line(3)),
                other(),
                "acceptance: this accepts nothing any more: `fixed-name` finds nothing here []",
            ),
            (accepted("fixed-nmae", Scope::Line(9)), other(), "acceptance: this accepts nothing: there is no guard `fixed-nmae` []"),
            (
                accepted("shared-address", Scope::Line(3)),
                data(),
                "acceptance: what `shared-address` refuses cannot be accepted: each apply of the one would plan to destroy what the other has made [a]",
            ),
        ] {
            let found = applied(one, vec![finding]);
            assert!(found.len() == 2 && !found[0].contains("accepted") && found[1] == expected, "{found:#?}");
        }
    }
}
