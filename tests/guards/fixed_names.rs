//! Names that the code alone decides: made twice in one place, or kept apart by it.

use super::layout::Layout;

const ONE: &str = "111111111111";

fn table(name: &str, region: &str, account: &str) -> String {
    format!("[environments.{name}]\naws = true\nregion = \"{region}\"\nallowed_account_ids = [\"{account}\"]\n")
}

/// Two environments in one region of one account.
fn layout() -> Layout {
    let layout = Layout::new();
    layout.policy(&(table("alpha", "eu-central-1", ONE) + &table("beta", "eu-central-1", ONE)));
    layout
}

fn both(layout: &Layout, code: &str) {
    for name in ["alpha", "beta"] {
        layout.write(name, "named.tf", code);
    }
}

#[test]
fn what_is_not_made_or_made_elsewhere_does_not_meet() {
    let role = |more: &str| format!("resource \"aws_iam_role\" \"it\" {{\n  {more}\n  name = \"deploy\"\n}}\n");
    let queue = |more: &str| format!("resource \"aws_sqs_queue\" \"it\" {{\n  {more}\n  name = \"jobs\"\n}}\n");
    let declared = "variable \"make\" {\n  default = false\n}\n";
    for (name, alpha, beta) in [
        ("a count of none", role("count = 0"), role("")),
        ("a count that a variable makes none", declared.to_owned() + &role("count = var.make ? 1 : 0"), role("")),
        ("a set of none", role("for_each = toset([])"), role("")),
        ("regions of their own", queue("region = \"us-east-1\""), queue("")),
        (
            "a provider with an alias in another region",
            "provider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n".to_owned() + &queue("provider = aws.us"),
            queue(""),
        ),
        (
            "a provider with an alias in another account",
            "provider \"aws\" {\n  alias = \"dns\"\n  assume_role {\n    role_arn = \"arn:aws:iam::222222222222:role/dns\"\n  }\n}\n"
                .to_owned()
                + &queue("provider = aws.dns"),
            queue(""),
        ),
        (
            "names by a function, of values of their own",
            "locals {\n  env = \"a\"\n}\nresource \"aws_lambda_function\" \"f\" {\n  function_name = format(\"%s-jobs\", local.env)\n}\n"
                .to_owned(),
            "locals {\n  env = \"b\"\n}\nresource \"aws_lambda_function\" \"f\" {\n  function_name = format(\"%s-jobs\", local.env)\n}\n"
                .to_owned(),
        ),
        (
            "projects of their own",
            "provider \"google\" {\n  project = \"a\"\n}\nresource \"google_pubsub_topic\" \"t\" {\n  name = \"jobs\"\n}\n".to_owned(),
            "provider \"google\" {\n  project = \"b\"\n}\nresource \"google_pubsub_topic\" \"t\" {\n  name = \"jobs\"\n}\n".to_owned(),
        ),
    ] {
        let layout = layout();
        layout.write("alpha", "named.tf", &alpha);
        layout.write("beta", "named.tf", &beta);
        let found: Vec<_> = layout.found().into_iter().filter(|found| found.guard == "fixed-name").collect();
        assert_eq!(found, [], "{name}");
    }
}

#[test]
fn one_module_by_providers_of_two_regions_does_not_meet() {
    let layout = layout();
    layout.checkout().write("modules/queue/main.tf", "resource \"aws_sqs_queue\" \"it\" {\n  name = \"jobs\"\n}\n");
    let call = |provider: &str| {
        format!("module \"queue\" {{\n  source = \"../../modules/queue\"\n  providers = {{\n    aws = {provider}\n  }}\n}}\n")
    };
    let other = "provider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n";
    layout.write("alpha", "named.tf", &(other.to_owned() + &call("aws.us")));
    layout.write("beta", "named.tf", &call("aws"));
    layout.is_healthy("the provider that the call gives");
    layout.write("beta", "named.tf", &(other.to_owned() + &call("aws.us")));
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "fixed-name" && found[0].severity == "refusal", "{found:#?}");
}

#[test]
fn names_are_followed_through_functions_and_found_in_every_cloud() {
    for (code, name) in [
        (
            "resource \"aws_lambda_function\" \"f\" {\n  function_name = format(\"%s-%s\", \"tracker\", \"jobs\")\n}\n",
            "aws_lambda_function \"tracker-jobs\"",
        ),
        (
            "locals {\n  parts = [\"tracker\", \"jobs\"]\n}\nresource \"aws_lb\" \"l\" {\n  name = join(\"-\", local.parts)\n}\n",
            "aws_lb \"tracker-jobs\"",
        ),
        ("resource \"aws_ecs_cluster\" \"c\" {\n  name = lower(\"Tracker\")\n}\n", "aws_ecs_cluster \"tracker\""),
        ("resource \"aws_sqs_queue\" \"q\" {\n  count = true ? 1 : 0\n  name  = \"jobs\"\n}\n", "aws_sqs_queue \"jobs\""),
        ("resource \"google_storage_bucket\" \"b\" {\n  name = \"tracker\"\n}\n", "google_storage_bucket \"tracker\""),
        ("resource \"google_pubsub_topic\" \"t\" {\n  name = \"jobs\"\n  project = \"p\"\n}\n", "google_pubsub_topic \"jobs\""),
        ("resource \"azurerm_storage_account\" \"s\" {\n  name = \"tracker\"\n}\n", "azurerm_storage_account \"tracker\""),
        ("resource \"azurerm_key_vault\" \"v\" {\n  name = \"tracker\"\n}\n", "azurerm_key_vault \"tracker\""),
        (
            "module \"names\" {\n  source = \"../../modules/names\"\n}\nresource \"aws_sqs_queue\" \"q\" {\n  name = module.names.queue\n}\n",
            "aws_sqs_queue \"tracker-jobs\"",
        ),
    ] {
        let layout = layout();
        layout.checkout().write("modules/names/main.tf", "output \"queue\" {\n  value = \"tracker-jobs\"\n}\n");
        layout.write("alpha", "named.tf", code);
        layout.is_healthy(name);
        layout.write("beta", "named.tf", code);
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "fixed-name" && found[0].severity == "refusal", "{name}: {found:#?}");
        assert!(found[0].what.starts_with(&format!("`alpha` and `beta` both make {name}")), "{found:#?}");
    }
}

#[test]
fn a_name_in_something_meets_the_same_name_in_the_same() {
    let record = |name: &str, zone: &str, more: &str| {
        format!("resource \"aws_route53_record\" \"r\" {{\n  zone_id = {zone}\n  name = \"{name}\"\n  type = \"A\"\n  {more}\n}}\n")
    };
    let zone = |name: &str, more: &str| format!("data \"aws_route53_zone\" \"z\" {{\n  name = \"{name}\"\n  {more}\n}}\n");
    let looked_up = |name: &str, in_zone: &str, more: &str| zone(in_zone, more) + &record(name, "data.aws_route53_zone.z.zone_id", "");
    let aliases = |list: &str| format!("resource \"aws_cloudfront_distribution\" \"d\" {{\n  aliases = {list}\n}}\n");
    let network = |group: &str| {
        let place = format!("resource_group_name = \"{group}\"");
        format!(
            "provider \"azurerm\" {{\n  subscription_id = \"s\"\n}}\nresource \"azurerm_virtual_network\" \"v\" {{\n  name = \"net\"\n  {place}\n}}\n"
        )
    };
    for (name, alpha, beta, meets) in [
        ("a zone by its id", record("app", "\"Z1\"", ""), record("app.", "\"Z1\"", ""), true),
        ("zones by their ids", record("app", "\"Z1\"", ""), record("app", "\"Z2\"", ""), false),
        (
            "parts of the traffic",
            record("app", "\"Z1\"", "set_identifier = \"a\""),
            record("app", "\"Z1\"", "set_identifier = \"b\""),
            false,
        ),
        ("a zone by its name", looked_up("app", "x.org", ""), looked_up("app.x.org", "x.org.", ""), true),
        ("the zone's own name", looked_up("", "x.org", ""), looked_up("X.org", "x.org", ""), true),
        ("zones by their names", looked_up("app", "x.org", ""), looked_up("app", "y.org", ""), false),
        ("a public zone and a private one", looked_up("app", "x.org", ""), looked_up("app", "x.org", "private_zone = true"), false),
        ("a zone by more than its name", looked_up("app", "x.org", "vpc_id = \"a\""), looked_up("app", "x.org", "vpc_id = \"b\""), false),
        ("one of several aliases", aliases("[\"a.org\", \"b.org\"]"), aliases("[\"b.org\"]"), true),
        ("aliases", aliases("[\"a.org\"]"), aliases("[\"b.org\"]"), false),
        ("a group", network("g"), network("g"), true),
        ("groups of their own", network("g"), network("h"), false),
    ] {
        let layout = layout();
        layout.write("alpha", "named.tf", &alpha);
        layout.write("beta", "named.tf", &beta);
        let found: Vec<_> = layout.found().into_iter().filter(|found| found.guard == "fixed-name").collect();
        assert_eq!(found.len(), usize::from(meets), "{name}: {found:#?}");
        assert!(found.iter().all(|found| found.severity == "refusal"), "{name}: {found:#?}");
    }
}

#[test]
fn names_in_one_state_are_one_cause_with_it() {
    let layout = layout();
    let queue = "resource \"aws_sqs_queue\" \"q\" {\n  name = \"jobs\"\n}\n";
    let backend = |key: &str| format!("terraform {{\n  backend \"s3\" {{\n    bucket = \"b\"\n    key = \"{key}\"\n  }}\n}}\n");
    for (key, guard) in [("one", "shared-address"), ("other", "fixed-name")] {
        layout.write("alpha", "named.tf", &(backend("one") + queue));
        layout.write("beta", "named.tf", &(backend(key) + queue));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == guard && found[0].severity == "refusal", "{key}: {found:#?}");
    }
}

#[test]
fn what_may_be_in_accounts_of_its_own_or_not_be_made_is_a_warning() {
    let queue = "resource \"aws_sqs_queue\" \"q\" {\n  name = \"jobs\"\n}\n";
    let account = "variable \"account\" {}\nprovider \"aws\" {\n  allowed_account_ids = [var.account]\n}\n";
    for (name, code) in [
        ("an account that a variable names", account.to_owned() + queue),
        ("a count that a variable decides", "variable \"make\" {}\n".to_owned() + &queue.replace("{\n", "{\n  count = var.make ? 1 : 0\n")),
    ] {
        let layout = Layout::new();
        layout.policy("[environments.alpha]\naws = true\nregion = \"r\"\n[environments.beta]\naws = true\nregion = \"r\"\n");
        both(&layout, &code);
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "fixed-name" && found[0].severity == "warning", "{name}: {found:#?}");
    }
    let layout = Layout::of(&["alpha", "beta", "gamma"]);
    let names = ["alpha", "beta", "gamma"];
    layout.policy(&names.map(|name| table(name, "eu-central-1", ONE)).concat());
    names.iter().for_each(|name| layout.write(name, "named.tf", queue));
    let found = layout.found();
    assert!(found.len() == 1 && found[0].what.starts_with("`alpha`, `beta` and `gamma` all make aws_sqs_queue"), "{found:#?}");
}
