//! A provider whose code leads to another account, region or endpoint than infra.toml allows.

use super::layout::Layout;

const POLICY: &str = "[environments.alpha]\naws = true\nregion = \"eu-central-1\"\nallowed_account_ids = [\"111111111111\"]\n\
                      [environments.beta]\nprotected = false\n";

#[test]
fn a_provider_that_leads_elsewhere_is_refused_before_anybody_is_asked_for_credentials() {
    for (body, line, what) in [
        ("  region = \"us-east-1\"", 2, "works in us-east-1, and infra.toml allows eu-central-1"),
        ("  allowed_account_ids = [\"222222222222\"]", 2, "allows account 222222222222, and infra.toml does not"),
        (
            "  assume_role {\n    role_arn = \"arn:aws:iam::222222222222:role/deploy\"\n  }",
            3,
            "takes a role in account 222222222222, which infra.toml does not allow",
        ),
        ("  endpoints {\n    rds = \"http://localhost:4566\"\n  }", 3, "sends rds to http://localhost:4566, which is no AWS"),
        ("  profile = \"other\"", 2, "uses profile other, of account 222222222222, which infra.toml does not allow"),
    ] {
        let layout = Layout::new();
        layout.policy(POLICY);
        layout.write("alpha", "providers.tf", &format!("provider \"aws\" {{\n{body}\n}}\n"));
        let profiles = layout.path("alpha", "aws-config");
        std::fs::write(&profiles, "[profile other]\nsso_account_id = 222222222222\n").unwrap();
        let xtask = layout.xtask().env("AWS_CONFIG_FILE", &profiles).env("AWS_ACCESS_KEY_ID", "x").env("AWS_SECRET_ACCESS_KEY", "y");
        let expected = format!("infrastructure/environments/alpha/providers.tf:{line}: the provider of `alpha` {what}");
        for verb in [&["plan", "alpha"][..], &["up", "alpha", "--yes"], &["init", "alpha"]] {
            xtask.infra(verb).exits(3).says(&expected).says("hint: ");
        }
        let listed = xtask.infra(&["check"]).exits(3).stdout;
        assert!(listed.contains(&expected), "{listed}");
        xtask.infra(&["plan", "beta"]).success();
    }
}
