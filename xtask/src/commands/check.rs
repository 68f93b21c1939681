//! `infra check`: the guards over every environment, without Terraform and without a network.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::CheckArgs;
use crate::failure::exit;
use crate::guards::facts::Facts;
use crate::guards::finding::{Finding, Severity};
use crate::guards::{self, ALL};
use crate::report::console::{self, Style};
use crate::session::Context;

/// Lists every guard with what it looked at and what it found; returns the exit code.
///
/// # Errors
/// The environments cannot be listed.
pub(crate) fn run(context: &Context, arguments: &CheckArgs) -> Result<u8> {
    let facts = Facts::read(&context.repository, &context.config)?;
    let findings = guards::find_all(&facts);
    match (arguments.json, arguments.sarif) {
        (true, _) => console::answer_json(as_json(&facts, &findings))?,
        (_, true) => console::answer_json(as_sarif(&facts, &findings))?,
        _ => console::answer_in_style(&as_text(&facts, &findings))?,
    }
    let is_refused = findings.iter().any(|finding| finding.severity == Severity::Refusal);
    Ok(if is_refused { exit::REFUSED } else { 0 })
}

fn as_text(facts: &Facts, findings: &[Finding]) -> String {
    let mut text = String::new();
    for guard in &ALL {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.guard == guard.name).collect();
        let sign = match found.iter().map(|finding| finding.severity).min() {
            None => Style::Good.paint("ok  "),
            Some(Severity::Warning) => Style::Warning.paint("warn"),
            Some(Severity::Refusal) => Style::Error.paint("no  "),
        };
        text += &format!("{sign} {:<20} {}\n", guard.name, guard.looks_at);
        for finding in found {
            text += &format!("     {}:{}: {}\n", facts.shown(&finding.place.file), finding.place.line, finding.what);
            text += &format!("       {}\n       hint: {}\n", finding.danger, finding.hint);
        }
    }
    let refusals = findings.iter().filter(|finding| finding.severity == Severity::Refusal).count();
    let verdict = match refusals {
        0 => "apart from each other".to_owned(),
        1 => "1 refusal".to_owned(),
        many => format!("{many} refusals"),
    };
    text + &format!("{} environments: {verdict}\n", facts.environments.len())
}

fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Refusal => "refusal",
        Severity::Warning => "warning",
    }
}

fn as_json(facts: &Facts, findings: &[Finding]) -> Value {
    let guards: Vec<Value> = ALL.iter().map(|guard| json!({"name": guard.name, "looks_at": guard.looks_at})).collect();
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "guard": finding.guard,
                "severity": severity(finding),
                "environments": finding.environments,
                "file": facts.shown(&finding.place.file),
                "line": finding.place.line,
                "what": finding.what,
                "danger": finding.danger,
                "hint": finding.hint,
            })
        })
        .collect();
    let environments: Vec<&str> = facts.environments.iter().map(|environment| environment.name.as_str()).collect();
    json!({"environments": environments, "guards": guards, "findings": findings})
}

/// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
fn as_sarif(facts: &Facts, findings: &[Finding]) -> Value {
    let rules: Vec<Value> = ALL
        .iter()
        .map(|guard| json!({"id": guard.name, "shortDescription": {"text": guard.looks_at}, "fullDescription": {"text": guard.danger}}))
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "ruleId": finding.guard,
                "level": if finding.severity == Severity::Refusal { "error" } else { "warning" },
                "message": {"text": format!("{}: {}. {}", finding.what, finding.danger, finding.hint)},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": facts.shown(&finding.place.file), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": finding.place.line},
                }}],
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
