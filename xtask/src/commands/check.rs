//! `infra check`: the guards over every environment, without Terraform and without a network.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};
use terraform_config::Place;

use crate::cli::CheckArgs;
use crate::guards;
use crate::guards::facts::Facts;
use crate::guards::facts::accepted::{Accepted, Scope};
use crate::guards::finding::{Finding, Severity};
use crate::host::console::{self, Style};
use crate::host::error::{Ending, Failure};
use crate::project::checkout::Checkout;
use crate::project::infra_toml::Config;

/// Lists every guard with what it looked at and what it found; returns the exit code.
///
/// # Errors
/// There is no environment: that nothing was looked at is no proof of anything.
pub(crate) fn run(checkout: &Checkout, config: &Config, arguments: &CheckArgs) -> Result<Option<Ending>> {
    let roots = checkout.roots();
    if roots.found.is_empty() {
        return Err(nothing_found(checkout).into());
    }
    if let Some(line) = not_looked_at(checkout) {
        console::warn(&line);
    }
    let mut facts = Facts::read(checkout, config);
    facts.look_through_history(config);
    let findings = guards::find_all(&facts);
    match (arguments.json, arguments.sarif) {
        (true, _) => {
            let mut document = as_json(&facts, &findings);
            document["not_looked_at"] = roots.terragrunt.iter().map(|directory| facts.shown(directory)).collect();
            console::answer_json(document)?;
        }
        (_, true) => console::answer_json(as_sarif(&facts, &findings))?,
        _ => console::answer_in_style(&as_text(&facts, &findings, arguments.strict))?,
    }
    let is_refused = active(&findings).any(|finding| arguments.strict || finding.severity == Severity::Refusal);
    Ok(is_refused.then_some(Ending::Refused))
}

fn nothing_found(checkout: &Checkout) -> Failure {
    let searched: Vec<String> = checkout.roots().searched.iter().map(|directory| directory.display().to_string()).collect();
    Failure::new(format!("there is no environment in {}", searched.join(", ")))
        .details(["looked for: directories with Terraform code that has a backend, a provider or variable files"])
        .details(not_looked_at(checkout))
        .hint("name the directory that holds the root modules: `environments` in infra.toml, or `infra check --path DIR`")
}

/// Directories whose code is not complete until another program has generated the rest.
fn not_looked_at(checkout: &Checkout) -> Option<String> {
    let shown = |directory: &PathBuf| directory.strip_prefix(checkout.root()).unwrap_or(directory).display().to_string();
    let names: Vec<String> = checkout.roots().terragrunt.iter().map(shown).collect();
    (!names.is_empty()).then(|| format!("not looked at, because Terragrunt generates their code: {}", names.join(", ")))
}

/// Findings that the repository has not accepted.
fn active(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.accepted.is_none())
}

/// Findings that it has accepted, with the reason and its place.
fn accepted(findings: &[Finding]) -> impl Iterator<Item = (&Finding, &Accepted)> {
    findings.iter().filter_map(|finding| Some((finding, finding.accepted.as_ref()?)))
}

fn at(facts: &Facts, place: &Place) -> String {
    format!("{}:{}", facts.shown(&place.file), place.line)
}

fn as_text(facts: &Facts, findings: &[Finding], strict: bool) -> String {
    let mut text = String::new();
    for guard in guards::listed(facts) {
        let found: Vec<&Finding> = active(findings).filter(|finding| finding.guard == guard).collect();
        let sign = match found.iter().map(|finding| finding.severity).min() {
            None => Style::Good.paint("ok  "),
            Some(Severity::Refusal) => Style::Error.paint("no  "),
            Some(_) => Style::Warning.paint("warn"),
        };
        text += &format!("{sign} {:<20} {}\n", guard.name, guard.looks_at);
        for finding in found {
            text += &format!("     {}: {}\n", at(facts, &finding.place), finding.what);
            for (_, place) in finding.places().filter(|(_, place)| **place != finding.place).take(SHOWN_PLACES) {
                text += &format!("       also {}\n", at(facts, place));
            }
            text += &format!("       {}\n       hint: {}\n", finding.guard.danger, finding.hint);
        }
        for (finding, accepted) in accepted(findings).filter(|(finding, _)| finding.guard == guard) {
            text += &format!("     accepted: {}: {}\n", at(facts, &finding.place), finding.what);
            text += &format!("       {} ({})\n", accepted.reason, at(facts, &accepted.place));
        }
    }
    text + &format!("{} environments: {}\n", facts.environments.len(), verdict(findings, strict))
}

/// So many places of one cause are named to people; machines get all.
const SHOWN_PLACES: usize = 5;

/// The last line: what was found in one breath.
fn verdict(findings: &[Finding], strict: bool) -> String {
    let (refusals, suspicions): (Vec<_>, Vec<_>) = active(findings).partition(|finding| finding.severity == Severity::Refusal);
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let warnings = counted(suspicions.len(), "warning");
    let refused = warnings.is_some() && strict;
    let first = counted(refusals.len(), "refusal").or_else(|| (!refused).then(|| "apart from each other".to_owned()));
    let warnings = warnings.map(|text| if refused { format!("{text}, refused by --strict") } else { text });
    let accepted = Some(accepted(findings).count()).filter(|count| *count > 0).map(|count| format!("{count} accepted"));
    [first, warnings, accepted].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn severity(finding: &Finding) -> &'static str {
    if finding.severity == Severity::Refusal { "refusal" } else { "warning" }
}

fn as_json(facts: &Facts, findings: &[Finding]) -> Value {
    let guards: Vec<Value> = guards::listed(facts).map(|guard| json!({"name": guard.name, "looks_at": guard.looks_at})).collect();
    let place = |place: &Place| json!({"file": facts.shown(&place.file), "line": place.line});
    let as_value = |finding: &Finding| {
        let places = finding.places().map(|(environment, at)| {
            let mut shown = place(at);
            shown["environment"] = json!(environment);
            shown
        });
        json!({
            "guard": finding.guard.name,
            "severity": severity(finding),
            "environments": finding.environments,
            "file": facts.shown(&finding.place.file),
            "line": finding.place.line,
            "places": places.collect::<Vec<_>>(),
            "what": finding.what,
            "danger": finding.guard.danger,
            "hint": finding.hint,
        })
    };
    let active: Vec<Value> = active(findings).map(as_value).collect();
    let accepted = accepted(findings).map(|(finding, accepted)| {
        let mut value = as_value(finding);
        value["reason"] = json!(accepted.reason);
        value["accepted_at"] = place(&accepted.place);
        value
    });
    let environments: Vec<&str> = facts.environments.iter().map(|environment| environment.name.as_str()).collect();
    json!({"environments": environments, "guards": guards, "findings": active, "accepted": accepted.collect::<Vec<_>>()})
}

/// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
fn as_sarif(facts: &Facts, findings: &[Finding]) -> Value {
    let rules: Vec<Value> = guards::listed(facts)
        .map(|guard| json!({"id": guard.name, "shortDescription": {"text": guard.looks_at}, "fullDescription": {"text": guard.danger}}))
        .collect();
    let location = |place: &Place| {
        json!({"physicalLocation": {
            "artifactLocation": {"uri": facts.shown(&place.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line},
        }})
    };
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let others = finding.places().filter(|(_, place)| **place != finding.place).map(|(_, place)| location(place));
            // For all results or for none: otherwise it is unknown which are suppressed (3.27.23).
            let suppressions = finding.accepted.iter().map(|accepted| {
                let kind = if matches!(accepted.scope, Scope::Line(_)) { "inSource" } else { "external" };
                json!({"kind": kind, "justification": accepted.reason, "location": location(&accepted.place)})
            });
            json!({
                "ruleId": finding.guard.name,
                "level": if finding.severity == Severity::Refusal { "error" } else { "warning" },
                "message": {"text": format!("{}: {}. {}", finding.what, finding.guard.danger, finding.hint)},
                "locations": [location(&finding.place)],
                "relatedLocations": others.collect::<Vec<_>>(),
                "suppressions": suppressions.collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "cargo xtask infra check", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use crate::guards::checkout::{fixed_name, unparsable};
    use crate::guards::facts::accepted::{Accepted, Scope};
    use crate::guards::finding::Finding;
    use terraform_config::Place;

    #[test]
    fn the_last_line_counts_what_was_found() {
        let place = || Place { file: "main.tf".into(), line: 1 };
        let refusal = || unparsable::CODE.refusal(&["a"], place(), "x", "h");
        let warning = || fixed_name::GUARD.warning(&["a"], place(), "x", "h");
        let accepted = || {
            let accepted = Accepted { guard: "fixed-name".to_owned(), reason: "r".to_owned(), place: place(), scope: Scope::Line(1) };
            Finding { accepted: Some(accepted), ..warning() }
        };
        for (findings, strict, expected) in [
            (vec![], true, "apart from each other"),
            (vec![warning()], false, "apart from each other, 1 warning"),
            (vec![warning(), warning()], true, "2 warnings, refused by --strict"),
            (vec![refusal(), warning(), accepted()], false, "1 refusal, 1 warning, 1 accepted"),
            (vec![refusal(), warning()], true, "1 refusal, 1 warning, refused by --strict"),
            (vec![accepted()], true, "apart from each other, 1 accepted"),
        ] {
            assert_eq!(verdict(&findings, strict), expected);
        }
    }
}
