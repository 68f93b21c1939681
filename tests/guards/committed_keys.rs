//! Keys that git tracks beside the code: in files of their own, and in files of environment variables.

use super::check_path::{check, repository, s3};

const KEY: &str =
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx7Zk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5gA2eUoQm\n-----END RSA PRIVATE KEY-----\n";
const LOCKED: &str = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEpAIBAAKCAQEAx7Zk3mQ9vT2xL7pR4wN8sB1cF6hJ0dY5\n";
const ACCOUNT: &str = r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN"}"#;
const NO_ACCOUNT: &str = r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\n\n"}"#;
const SECRET: &str = "AWS_ACCESS_KEY_ID=AKIAQ2Z4M6N8P1R3T5V7\nAWS_SECRET_ACCESS_KEY=u8Jq2Zr7Lx0Vb4Nn1Kc6Ht9Wm3Pd5Sf8Ga2Ye7Qx\n";
const OWN: &str =
    "DB_PASSWORD=hunter2hunter2\nDATABASE_URL=postgres://app:hunter2hunter2@localhost/app\nAWS_SECRET_ACCESS_KEY=minioadmin\n";

#[test]
fn a_key_beside_the_code_is_refused_and_one_that_opens_nothing_is_not() {
    for (file, text, expected) in [
        ("live/dev/deploy", KEY, Some("refusal: git tracks live/dev/deploy, which holds a private key")),
        ("live/dev/files/server.key", KEY, Some("refusal: git tracks live/dev/files/server.key, which holds a private key")),
        ("live/deployer.json", ACCOUNT, Some("refusal: git tracks live/deployer.json, which holds a private key")),
        ("modules/vm/key.pem", KEY, Some("refusal: git tracks modules/vm/key.pem, which holds a private key")),
        ("live/dev/tests/server.key", KEY, Some("warning: git tracks live/dev/tests/server.key, which holds a private key")),
        ("modules/vm/test/server.key", KEY, Some("warning: git tracks modules/vm/test/server.key, which holds a private key")),
        ("live/test/server.key", KEY, Some("refusal: git tracks live/test/server.key, which holds a private key")),
        ("live/dev/.env", SECRET, Some("refusal: `AWS_SECRET_ACCESS_KEY` in live/dev/.env looks like a secret")),
        (".env.prod", SECRET, Some("refusal: `AWS_SECRET_ACCESS_KEY` in .env.prod looks like a secret")),
        ("live/dev/locked.pem", LOCKED, None),
        ("live/dev/template.json", NO_ACCOUNT, None),
        ("app/tests/server.key", KEY, None),
        ("app/.env", SECRET, None),
        ("live/dev/.env", OWN, None),
        ("live/dev/.env.example", SECRET, None),
    ] {
        let call = "module \"vm\" {\n  source = \"../../modules/vm\"\n}\n";
        let place = repository(&[
            ("live/dev/main.tf", &(s3("dev") + call)),
            ("live/test/main.tf", &s3("test")),
            ("modules/vm/main.tf", "resource \"terraform_data\" \"vm\" {}\n"),
            (file, text),
        ]);
        let answer = check(place.path(), &["--path", "live", "--json"]).stdout;
        assert!(!answer.contains("u8Jq2Zr7"), "{answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let found: Vec<String> = answer["findings"].as_array().unwrap().iter().map(shown).collect();
        assert_eq!(found, Vec::from_iter(expected.map(ToOwned::to_owned)), "{file}");
    }
}

fn shown(finding: &serde_json::Value) -> String {
    format!("{}: {}", finding["severity"].as_str().unwrap(), finding["what"].as_str().unwrap())
}
