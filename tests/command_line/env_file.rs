//! `.env` files of roots that say more than the containers' do, such as AWS' with commands in it.

use std::collections::BTreeMap;
use std::fs;

use infra_tests::clients::Variables;
use infra_tests::env_file::is_read_alike;

use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

fn applied(env: &str) -> Plain {
    let plain = Plain::new(POLICY, &format!("output \"services\" {{\n  value = {{}}\n}}\noutput \"env\" {{\n  value = {env}\n}}\n"));
    plain.xtask().infra(&["up", NAME]).success();
    plain
}

#[test]
fn a_command_stands_between_quotes_and_docker_is_warned_of() {
    let plain = applied("{ URL = \"https://a/?b=c\", TOKEN_COMMAND = \"A_B=http://127.0.0.1:1 aws rds --port 5432\" }");
    let written = plain.xtask().infra(&["env", NAME, "--write", "application.env"]).success();
    let warned = "warning: TOKEN_COMMAND stands between quotes, which `docker --env-file` keeps as a part of the value (`--format json` has it without)\n";
    assert_eq!(written.stderr, format!("{warned}wrote 2 variables to application.env\n"));
    let printed = plain.xtask().infra(&["env", NAME, "--format", "json"]).success();
    let variables = Variables::new(serde_json::from_str::<BTreeMap<String, String>>(&printed.stdout).unwrap());
    is_read_alike(&plain.checkout.root().join("application.env"), None, &variables);
}

#[test]
fn what_readers_would_not_read_alike_is_refused_by_name_and_the_hint_has_it() {
    let plain = applied(r#"{ FINE = "a", KEY = "a$${b}&c", NOTE = "two\nlines", "no-name" = "a" }"#);
    plain.xtask().infra(&["env", NAME, "--write", "application.env"]).exits(1).complains(
        "error: `KEY`, `NOTE`, `no-name` cannot be written to a .env file: sh, python-dotenv, node, docker and systemd would not read the same\n\
         hint: `cargo xtask infra env plain --format json` prints every value as it is; letters and digits can always be written\n",
    );
    assert!(fs::metadata(plain.checkout.root().join("application.env")).is_err(), "nothing is written");
    let printed = plain.xtask().infra(&["env", NAME, "--format", "json"]).success();
    let variables: BTreeMap<String, String> = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!((variables["KEY"].as_str(), variables["NOTE"].as_str()), ("a${b}&c", "two\nlines"));
}
