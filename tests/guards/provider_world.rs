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
        ("  endpoints {\n    rds = \"http://localhost:4566\"\n  }", 3, "sends `rds` to http://localhost:4566, which is no AWS"),
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

#[test]
fn a_provider_is_followed_through_variables_and_overrides_and_its_defaults() {
    let variables = "variable \"region\" {\n  default = \"eu-central-1\"\n}\n";
    for (name, files, place, what) in [
        ("a variable's file", vec![("terraform.tfvars", "region = \"us-east-1\"\n")], "providers.tf:2", "works in us-east-1"),
        ("a file that is loaded later", vec![("z.auto.tfvars", "region = \"us-east-1\"\n")], "providers.tf:2", "works in us-east-1"),
        (
            "an override file",
            vec![("mine_override.tf", "provider \"aws\" {\n  region = \"us-east-1\"\n}\n")],
            "mine_override.tf:2",
            "works in us-east-1",
        ),
        (
            "a second provider",
            vec![("second.tf", "provider \"aws\" {\n  alias  = \"other\"\n  region = \"us-west-2\"\n}\n")],
            "second.tf:3",
            "works in us-west-2, and infra.toml allows eu-central-1, us-east-1",
        ),
        (
            "JSON",
            vec![("second.tf.json", r#"{"provider": {"aws": [{"alias": "other", "region": "us-west-2"}]}}"#)],
            "second.tf.json:1",
            "works in us-west-2",
        ),
        (
            "a local role",
            vec![(
                "role.tf",
                "locals {\n  role = \"arn:aws:iam::222222222222:role/x\"\n}\nprovider \"aws\" {\n  alias = \"r\"\n  assume_role {\n    role_arn = local.role\n  }\n}\n",
            )],
            "role.tf:7",
            "takes a role in account 222222222222",
        ),
    ] {
        let layout = Layout::new();
        layout.policy(&POLICY.replacen("region", "regions = [\"us-east-1\"]\nregion", 1));
        layout.write("alpha", "variables.tf", variables);
        layout.write("alpha", "providers.tf", "provider \"aws\" {\n  region = var.region # where we are\n}\n");
        layout.write("alpha", "terraform.tfvars", "region = \"eu-central-1\"\n");
        layout.is_healthy(name);
        for (file, text) in files {
            layout.write("alpha", file, text);
        }
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "provider-world" && found[0].place == format!("alpha/{place}"), "{name}: {found:#?}");
        assert!(found[0].what.contains(what), "{name}: {found:#?}");
    }
}

#[test]
fn a_provider_that_goes_where_the_environment_does_not_is_refused() {
    for (policy, body, what) in [
        (
            "protected = false",
            "provider \"aws\" {\n  profile = \"prod\"\n}\n",
            "the provider of `alpha` reaches AWS by a profile of its own",
        ),
        (
            "protected = false",
            "provider \"aws\" {\n  assume_role {\n    role_arn = \"arn:aws:iam::2:role/x\"\n  }\n}\n",
            "the provider of `alpha` reaches AWS by a role of its own",
        ),
        (
            "docker = true",
            "provider \"docker\" {\n  host = \"tcp://prod.example.com:2376\"\n}\n",
            "the provider of `alpha` works on tcp://prod.example.com:2376, whatever engine the shell names",
        ),
        (
            "docker = true",
            "variable \"engine\" {\n  default = \"prod\"\n}\nprovider \"docker\" {\n  context = var.engine\n}\n",
            "the provider of `alpha` works on prod, whatever engine the shell names",
        ),
    ] {
        let layout = Layout::new();
        layout.policy(&format!("[environments.alpha]\n{policy}\n[environments.beta]\nprotected = false\n"));
        layout.is_healthy(policy);
        layout.write("alpha", "providers.tf", body);
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "provider-world" && found[0].what.starts_with(what), "{found:#?}");
        layout.infra(&["plan", "alpha"]).exits(3).says(what).says("hint: ");
        layout.infra(&["plan", "beta"]).success();
    }
}

#[test]
fn what_has_to_be_in_another_region_may_be_there_unless_the_regions_are_listed() {
    let aliased = |region: &str| format!("provider \"aws\" {{\n  alias  = \"cloudfront\"\n  region = \"{region}\"\n}}\n");
    let resource =
        |region: &str| format!("resource \"aws_acm_certificate\" \"it\" {{\n  region      = \"{region}\"\n  domain_name = \"x\"\n}}\n");
    for (name, code, what) in [
        (
            "a provider",
            &aliased as &dyn Fn(&str) -> String,
            "the provider of `alpha` works in us-west-2, and infra.toml allows eu-central-1, us-east-1",
        ),
        (
            "a resource of provider 6",
            &resource,
            "`aws_acm_certificate.it` of `alpha` is in us-west-2, and infra.toml allows eu-central-1, us-east-1",
        ),
    ] {
        let layout = Layout::new();
        layout.policy(POLICY);
        layout.write("alpha", "more.tf", &code("us-west-2"));
        layout.is_healthy(&format!("{name}, where no regions are listed"));
        layout.policy(&POLICY.replacen("region", "regions = [\"us-east-1\"]\nregion", 1));
        layout.write("alpha", "more.tf", &code("us-east-1"));
        layout.is_healthy(&format!("{name} in a region that is listed"));
        layout.write("alpha", "more.tf", &code("eu-central-1"));
        layout.is_healthy(&format!("{name} in the environment's own region"));
        layout.write("alpha", "more.tf", &code("us-west-2"));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "provider-world" && found[0].what == what, "{name}: {found:#?}");
    }
    // The account has to be an allowed one wherever it is.
    let layout = Layout::new();
    layout.policy(POLICY);
    let role = "  assume_role {\n    role_arn = \"arn:aws:iam::222222222222:role/x\"\n  }\n";
    layout.write("alpha", "more.tf", &aliased("us-west-2").replace("}\n", &format!("{role}}}\n")));
    let found = layout.found();
    assert!(found.len() == 1 && found[0].what.contains("takes a role in account 222222222222"), "{found:#?}");
    // What `region` says in a bucket of an older provider, and where a data source looks.
    layout.policy(&POLICY.replacen("region", "regions = []\nregion", 1));
    layout.write("alpha", "more.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n  region = \"us-west-2\"\n}\n");
    layout.is_healthy("an older provider's bucket");
    layout.write("alpha", "more.tf", "data \"aws_vpc\" \"v\" {\n  region = \"us-west-2\"\n}\n");
    assert!(layout.found().len() == 1, "a data source");
}

#[test]
fn one_cause_in_many_places_is_one_finding() {
    let layout = Layout::new();
    let table = |name: &str| format!("[environments.{name}]\naws = true\nregion = \"eu-central-1\"\n");
    layout.policy(&(table("alpha") + &table("beta")));
    for name in ["alpha", "beta"] {
        let url = "\"http://localhost:4566\"";
        layout.write(name, "providers.tf", &format!("provider \"aws\" {{\n  endpoints {{\n    s3  = {url}\n    sqs = {url}\n  }}\n}}\n"));
    }
    let answer: serde_json::Value = serde_json::from_str(&layout.infra(&["check", "--json"]).exits(3).stdout).unwrap();
    let found = answer["findings"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    let what = "the provider of `alpha` and `beta` sends `s3` and `sqs` to http://localhost:4566, which is no AWS";
    assert!(found[0]["what"].as_str().unwrap().starts_with(what), "{found:#?}");
    let places = found[0]["places"].as_array().unwrap();
    assert!(places.len() == 4 && places[3]["line"] == 4 && places[3]["environment"] == "beta", "{places:#?}");
    layout.infra(&["plan", "beta"]).exits(3).says("environments/beta/providers.tf:3: the provider of");
}
