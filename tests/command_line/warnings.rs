//! What Terraform warns of while it goes on, and settings that it passes over: each is shown once in a run.

use serde_json::Value;

use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

const CODE: &str = r#"variable "redis" {
  type = object({
    maxmemory = optional(string, "256mb")
    tls       = optional(object({ port = optional(number) }))
  })
  default = {}
}

resource "terraform_data" "one" {
  input = var.redis
}

check "memory" {
  assert {
    condition     = terraform_data.one.output.maxmemory == "1gb"
    error_message = "there is little memory"
  }
}

output "services" {
  value = {}
}

output "env" {
  value = {}
}
"#;

const CHECK: &str = "warning: main.tf:15: Check block assertion failed\n  there is little memory\n";

#[test]
fn a_failing_check_is_shown_once_in_each_run() {
    let plain = Plain::new(POLICY, CODE);
    for (verb, times) in [("up", 1), ("plan", 1), ("up", 1), ("validate", 0)] {
        let told = plain.xtask().infra(&[verb, NAME]).success().stderr;
        assert_eq!((told.matches(CHECK).count(), told.matches("warning: ").count()), (times, times), "{verb}\n{told}");
    }
    plain.checkout.write("environments/plain/mine.auto.tfvars", "redis = { maxmemory = \"1gb\" }\n");
    plain.xtask().infra(&["up", NAME]).success();
    let told = plain.xtask().infra(&["up", NAME]).success().stderr;
    assert!(!told.contains("warning: "), "{told}");
}

#[test]
fn settings_that_do_not_count_are_warned_of_with_file_line_and_the_nearest_name() {
    let plain = Plain::new(POLICY, CODE);
    for (file, text) in [
        ("terraform.tfvars", "# the team's\nredis = {\n  maxmemry = \"1gb\"\n  tls      = { prot = 1 }\n}\n"),
        ("z.auto.tfvars", "redsi = {}\na     = 1\nb     = 2\n"),
        ("y.auto.tfvars.json", "{\n  \"redis\": {\"memory\": \"1gb\"}\n}\n"),
        ("mine.tfvars", "redis = {}\n"),
        ("yours.tfvars.json", "{}\n"),
        // No setting yet.
        ("mine.tfvars.example", "redsi = {}\n"),
        ("mine.auto.tfvars~", "redsi = {}\n"),
    ] {
        plain.checkout.write(&format!("environments/plain/{file}"), text);
    }
    let expected = [
        ("unknown-attribute", "terraform.tfvars:3", "`redis` has no attribute `maxmemry`", "did you mean `maxmemory`?"),
        ("unknown-attribute", "terraform.tfvars:4", "`redis.tls` has no attribute `prot`", "did you mean `port`?"),
        ("undeclared-variable", "z.auto.tfvars:1", "no variable `redsi` is declared", "did you mean `redis`?"),
        ("undeclared-variable", "z.auto.tfvars:2", "no variable `a` is declared", "declare it, or remove the line; there is redis"),
        ("undeclared-variable", "z.auto.tfvars:3", "no variable `b` is declared", "declare it, or remove the line; there is redis"),
        ("unknown-attribute", "y.auto.tfvars.json:2", "`redis` has no attribute `memory`", "remove it; there is maxmemory, tls"),
        ("unread-variables", "mine.tfvars:1", "Terraform does not load mine.tfvars by itself", "rename it to mine.auto.tfvars, if"),
        (
            "unread-variables",
            "yours.tfvars.json:1",
            "Terraform does not load yours.tfvars.json by itself",
            "rename it to yours.auto.tfvars.json, if",
        ),
    ];
    for verb in ["plan", "up", "up", "validate"] {
        let told = plain.xtask().infra(&[verb, NAME]).success();
        for (_, place, what, hint) in expected {
            let line = format!("warning: infrastructure/environments/plain/{place}: {what}\n");
            assert_eq!(told.stderr.matches(&line).count(), 1, "{verb}: {line}{}", told.stderr);
            let after = told.stderr.split(&line).nth(1).unwrap();
            assert!(after.lines().nth(1).unwrap().starts_with(&format!("hint: {hint}")), "{verb}: {hint}\n{after}");
        }
        let others = usize::from(verb == "up");
        assert_eq!(told.stderr.matches("warning: ").count(), expected.len() + others, "{}", told.stderr);
    }
    let checked = plain.xtask().infra(&["check", "--json"]).success();
    let findings = serde_json::from_str::<Value>(&checked.stdout).unwrap()["findings"].clone();
    for (guard, place, what, _) in expected {
        let is_it = |finding: &&Value| {
            let at = format!("{}:{}", finding["file"].as_str().unwrap().rsplit('/').next().unwrap(), finding["line"]);
            (finding["guard"].as_str().unwrap(), at.as_str(), finding["what"].as_str().unwrap()) == (guard, place, what)
        };
        assert_eq!(findings.as_array().unwrap().iter().filter(is_it).count(), 1, "{guard} {place}\n{findings:#}");
    }
}

#[test]
fn an_attribute_that_a_variable_of_the_shell_misspells_is_warned_of() {
    let plain = Plain::new(POLICY, CODE);
    let told = plain.xtask().env("TF_VAR_redis", "{ maxmemry = \"1gb\" }").infra(&["plan", NAME]).success();
    told.says("warning: TF_VAR_redis: `redis` has no attribute `maxmemry`\nhint: did you mean `maxmemory`?\n");
}
