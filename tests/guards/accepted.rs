//! Certain or only suspected, and what a repository accepts for good, with a reason.

use std::fs;

use serde_json::Value;

use super::layout::{Layout, thing};

const ALPHA: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";

/// `alpha` works in another region than infra.toml allows.
fn elsewhere(provider: &str) -> Layout {
    let layout = Layout::new();
    layout
        .policy("[environments.alpha]\nprotected = false\naws = true\nregion = \"eu-central-1\"\n[environments.beta]\nprotected = false\n");
    layout.write("alpha", "providers.tf", provider);
    layout
}

fn accept(layout: &Layout, tables: &str) {
    let config = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
    layout.checkout().write("infra.toml", &config.replacen("[environments.", &format!("{tables}\n[environments."), 1));
}

fn json(layout: &Layout) -> Value {
    serde_json::from_str(&layout.infra(&["check", "--json"]).stdout).unwrap()
}

#[test]
fn what_is_suspected_is_refused_by_strict_alone() {
    let layout = Layout::new();
    layout.infra(&["check", "--strict"]).success();
    layout.write("alpha", "mine.tfvars", "");
    let checked = layout.infra(&["check"]).success();
    assert!(checked.stdout.ends_with("2 environments: apart from each other, 1 warning\n"), "{}", checked.stdout);
    let checked = layout.infra(&["check", "--strict"]).exits(3);
    assert!(checked.stdout.ends_with("2 environments: 1 warning, refused by --strict\n"), "{}", checked.stdout);
    layout.infra(&["check", "--strict", "--sarif"]).exits(3);
    layout.infra(&["plan", "alpha"]).success();
}

#[test]
fn a_comment_at_the_line_accepts_what_is_found_there_also_in_runs() {
    let layout = elsewhere(ALPHA);
    layout.refuses("alpha", "provider-world", "alpha/providers.tf:2", "the provider of `alpha` works in us-east-1");
    for provider in [
        "provider \"aws\" {\n  # infra-check: allow provider-world certificates of CloudFront are there\n  region = \"us-east-1\"\n}\n",
        "provider \"aws\" {\n  region = \"us-east-1\" // infra-check: allow provider-world certificates of CloudFront are there\n}\n",
    ] {
        let layout = elsewhere(provider);
        layout.is_healthy(provider);
        let checked = layout.infra(&["check", "--strict"]).success().stdout;
        assert!(checked.contains("accepted: ") && checked.contains("certificates of CloudFront are there ("), "{checked}");
        let accepted = &json(&layout)["accepted"][0];
        assert_eq!((accepted["guard"].as_str(), accepted["severity"].as_str()), (Some("provider-world"), Some("refusal")));
        assert_eq!(accepted["reason"], "certificates of CloudFront are there");
        assert_eq!(accepted["accepted_at"]["file"], "infrastructure/environments/alpha/providers.tf");
        let sarif: Value = serde_json::from_str(&layout.infra(&["check", "--sarif"]).success().stdout).unwrap();
        let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
        assert_eq!((suppression["kind"].as_str(), suppression["justification"].as_str()), (Some("inSource"), accepted["reason"].as_str()));
        // The run is stopped by what comes next, the credentials, and no more by the guard.
        let planned = layout.infra(&["plan", "alpha"]);
        assert!(!planned.stderr.contains("works in us-east-1"), "{}", planned.stderr);
    }
}

#[test]
fn a_table_in_infra_toml_accepts_by_environment_or_path() {
    for (table, accepts) in [
        ("environments = [\"alpha\"]", true),
        ("environments = [\"beta\"]", false),
        ("path = \"infrastructure/environments/alpha\"", true),
        ("path = \"infrastructure/environments/alpha/providers.tf\"", true),
        ("path = \"infrastructure/environments/al\"", false),
    ] {
        let layout = elsewhere(ALPHA);
        accept(&layout, &format!("[[accept]]\nguard = \"provider-world\"\n{table}\nreason = \"CloudFront\""));
        let found: Vec<String> = layout.found().into_iter().map(|found| found.guard).collect();
        let expected: &[&str] = if accepts { &[] } else { &["provider-world", "acceptance"] };
        assert_eq!(found, expected, "{table}");
        let sarif: Value = serde_json::from_str(&layout.infra(&["check", "--sarif"]).stdout).unwrap();
        assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["kind"] == "external", accepts, "{table}");
        let planned = layout.infra(&["plan", "alpha"]);
        assert_ne!(planned.stderr.contains("works in us-east-1"), accepts, "{table}\n{}", planned.stderr);
    }
}

#[test]
fn an_acceptance_that_accepts_nothing_is_a_warning_at_its_line() {
    for (comment, what) in [
        ("# infra-check: allow provider-world why", "this accepts nothing any more: `provider-world` finds nothing here"),
        ("# infra-check: allow provider-word why", "this accepts nothing: there is no guard `provider-word`"),
        ("# infra-check: allow provider-world", "this accepts nothing: `infra-check: allow provider-world` gives no reason"),
        ("# infra-check: ignore provider-world why", "this accepts nothing: `infra-check: ignore provider-world why` is not"),
    ] {
        let layout = Layout::new();
        layout.write("alpha", "main.tf", &format!("{}{comment}\nlocals {{}}\n", thing("alpha")));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "acceptance" && found[0].severity == "warning", "{comment}: {found:#?}");
        assert!(found[0].place == "alpha/main.tf:4" && found[0].what.starts_with(what), "{found:#?}");
        layout.infra(&["check"]).success();
        layout.infra(&["check", "--strict"]).exits(3);
    }
    let layout = Layout::new();
    accept(&layout, "[[accept]]\nguard = \"fixed-name\"\nenvironments = [\"gamma\"]\nreason = \"its own engine\"");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].what.contains("finds nothing here"), "{found:#?}");
    let config = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
    let line = config.lines().position(|line| line.starts_with("guard = ")).unwrap() + 1;
    assert_eq!(found[0].place, format!("infrastructure/infra.toml:{line}"));
}

#[test]
fn what_would_lose_data_cannot_be_accepted_and_says_so() {
    let layout = Layout::new();
    let comment = "# infra-check: allow shared-address we know";
    layout.backend("beta", &format!("{comment}\n  backend \"local\" {{ path = \"../alpha/terraform.tfstate\" }}"));
    layout.refuses("beta", "shared-address", "beta/backend.tf:3", "`alpha` and `beta` have one state");
    let refused = layout.infra(&["plan", "beta"]).exits(3);
    assert!(refused.stderr.contains("beta/backend.tf:2: what `shared-address` refuses cannot be accepted"), "{}", refused.stderr);
    let found = layout.found();
    assert!(found.len() == 2 && found[1].guard == "acceptance" && found[1].place == "beta/backend.tf:2", "{found:#?}");
}

#[test]
fn one_line_of_a_file_that_all_link_to_is_one_finding_accepted_in_one_place() {
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    let common = |line: &str| fs::write(layout.environments().join("../common.tfvars"), format!("{line}\n")).unwrap();
    for name in ["alpha", "beta", "gamma"] {
        layout.link("../../common.tfvars", &format!("{name}/common.auto.tfvars"));
        layout.declare(name, &["size"]);
    }
    common("sise = \"small\"");
    let found = &json(&layout)["findings"];
    assert_eq!(found.as_array().unwrap().len(), 1, "{found:#}");
    assert_eq!(found[0]["environments"].as_array().unwrap().len(), 3, "{found:#}");
    assert_eq!((found[0]["file"].as_str(), found[0]["line"].as_u64()), (Some("infrastructure/common.tfvars"), Some(1)));
    common("sise = \"small\" # infra-check: allow undeclared-variable read by a script of ours");
    layout.infra(&["check", "--strict"]).success();
}
