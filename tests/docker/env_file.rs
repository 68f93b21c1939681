//! `.env` files with credentials that somebody has chosen: every program that reads one finds the same in it, or it is not written.

use std::fs;

use infra_tests::clients::object_storage;
use infra_tests::env_file::is_read_alike;
use infra_tests::stack::Stack;

/// A secret key of every character that all readers take as it is.
pub(crate) const READABLE: &str = "=a_-./:@%+=,?!*^[b]{c}~d1";

const ONLY_MINIO: &str = "redis = { enabled = false }\npostgres = { enabled = false }\nvectorstore = { enabled = false }\n";

#[test]
fn every_reader_finds_the_same_in_a_dotenv_or_it_is_refused() {
    let stack = Stack::with_settings("dotenv", ONLY_MINIO);
    stack.infra("init", &[]).success();
    stack.choose_credential("objectstore_secret_key", READABLE);
    stack.up();
    let variables = stack.variables();
    object_storage::write(&variables);
    let path = stack.checkout().root().join(".env");
    stack.infra("env", &["--write", ".env"]).success();
    is_read_alike(&path, stack.instance_file()["images"]["minio"]["reference"].as_str(), &variables);

    let secret = "a$HOME\"b'c`d#e\\n=16chars";
    stack.choose_credential("objectstore_secret_key", secret);
    stack.up();
    let written = fs::read(&path).unwrap();
    for options in [&[][..], &["--write", ".env"]] {
        let refused = stack.infra("env", options).exits(1);
        refused.clone().complains(&format!(
            "error: `S3_SECRET_ACCESS_KEY` cannot be written to a .env file: sh, python-dotenv, node, docker and systemd would not read the same\n\
             hint: `cargo xtask infra env local --instance {} --format json` prints every value as it is; letters and digits can always be written\n",
            stack.name()
        ));
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(fs::read(&path).unwrap(), written, "what was there is left alone");
    // As the hint says.
    let variables = stack.variables();
    assert_eq!(variables.get("S3_SECRET_ACCESS_KEY"), secret);
    object_storage::check(&variables);
}
