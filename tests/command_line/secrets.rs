//! Nothing that is printed shows a secret, whoever quotes it; what was asked for does.

use infra_tests::process::Outcome;
use serde_json::{Value, json};

use super::fake_terraform::FakeTerraform;
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\ncredentials = [\"postgres_password\"]\n";

/// The error of a provider that cannot connect: it quotes its URL, in words and in an event.
const COMPLAINS: &str = r#"plan)
    password=$(sed -n 's/.*"postgres_password": "\(.*\)".*/\1/p' "${1#-chdir=}/.instances/default.json")
    url="postgres://app:Typed%40Passw0rd@db.example:5432/app?sslpassword=Par4meter"
    printf '%s\n' "{\"@level\":\"error\",\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"cannot connect\",\"detail\":\"dial \\\"$url\\\": refused; tried $password and $TF_VAR_db_password, with $AWS_SECRET_ACCESS_KEY\"}}"
    printf 'provider: %s %s\n' "$url" "$password" >&2
    exit 1 ;;"#;

#[track_caller]
fn shows_none(outcome: &Outcome, secrets: &[&str]) {
    let printed = format!("{}{}", outcome.stdout, outcome.stderr);
    for secret in secrets {
        assert!(!printed.contains(secret), "{secret} in\n{printed}");
    }
    assert!(printed.contains("********"), "{printed}");
}

#[test]
fn what_a_provider_quotes_is_masked_on_every_line() {
    let fake = FakeTerraform::new(COMPLAINS);
    let plain = Plain::new(POLICY, "");
    let xtask =
        plain.xtask().env("PATH", fake.path()).env("TF_VAR_db_password", "V4riable\"s").env("AWS_SECRET_ACCESS_KEY", "Aws/S3cret+Key");
    for options in [&[][..], &["-v"]] {
        let outcome = xtask.infra(&[&["plan", NAME], options].concat()).exits(1);
        let file = std::fs::read_to_string(plain.checkout.environment(NAME).join(".instances/default.json")).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        let password = file["credentials"]["postgres_password"].as_str().unwrap();
        shows_none(&outcome, &["Typed", "Par4meter", password, "V4riable", "Aws/S3cret+Key"]);
        outcome.says("postgres://app:********@db.example:5432/app");
    }
}

#[test]
fn what_was_asked_for_is_printed_and_nothing_else() {
    let env = json!({ "DATABASE_URL": "postgres://u:Asked4it@h/d" });
    let code = format!(
        "output \"services\" {{\n  value = {{}}\n}}\noutput \"env\" {{\n  sensitive = true\n  value = {env}\n}}\noutput \"said\" {{\n  value = \"see postgres://u:Asked4it@h/d\"\n}}\n"
    );
    let plain = Plain::new(POLICY, &code);
    let xtask = plain.xtask();
    xtask.infra(&["up", NAME]).success();
    for asked in [&["env", NAME][..], &["output", NAME, "--show-secrets"], &["output", NAME, "said", "--show-secrets"]] {
        let outcome = xtask.infra(asked).success();
        assert!(outcome.stdout.contains("postgres://u:Asked4it@h/d"), "{outcome:?}");
    }
    for other in [&["output", NAME][..], &["output", NAME, "said"], &["output", NAME, "env"]] {
        shows_none(&xtask.infra(other).success(), &["Asked4it"]);
    }
}
