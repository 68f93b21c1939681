//! Each engine by the client that its makers publish, in a named instance, from what `env` prints and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use infra_tests::docker;
use infra_tests::process::Call;
use infra_tests::stack::Stack;
use infra_tests::xtask::repository;

use super::env_file::READABLE;

/// A region that no client takes by itself: it has to come from the variables.
const SETTINGS: &str = "objectstore = { region = \"eu-central-1\" }\n";

fn choose(stack: &Stack, engine: &str) {
    stack.checkout().settings(&format!("{SETTINGS}vectorstore = {{ engine = \"{engine}\" }}\n"));
    stack.up();
}

#[test]
#[ignore = "thorough: downloads 100 MB of Python packages, and has three stores of vectors one after the other"]
fn official_clients_connect_with_what_env_prints() {
    let packages = packages();
    let stack = Stack::with_settings("official", SETTINGS);
    let run = |script: &str| run(&stack, &packages, script);

    // With credentials in which every character occurs that may.
    stack.infra("init", &[]).success();
    stack.choose_credential("postgres_password", "a$HOME\"b'c`d#e\\n=/@:?%1");
    stack.choose_credential("objectstore_secret_key", READABLE);
    stack.up();
    ["dotenv", "redis", "psycopg", "boto3", "weaviate_client"].into_iter().for_each(run);
    choose(&stack, "milvus");
    run("pymilvus");
    choose(&stack, "pgvector");
    run("psycopg");

    // Its image can be had from a registry only.
    let supplied = stack.checkout().xtask().infra(&["supply", "qdrant"]);
    let reference = stack.instance_file()["images"]["qdrant"]["reference"].as_str().unwrap().to_owned();
    if docker::run(&["image", "inspect", &reference]).code == Some(0) {
        choose(&stack, "qdrant");
        run("qdrant_client");
    } else {
        eprintln!("qdrant-client is left out, because there is no image of Qdrant here: {}", supplied.complaint());
    }
}

/// Runs a script with the variables of a `.env` file, read by a shell, in a directory of its own.
fn run(stack: &Stack, packages: &Path, script: &str) {
    stack.infra("env", &["--write", "application.env"]).success();
    let file = stack.checkout().root().join("application.env");
    let script = repository().join(format!("tests/official_clients/with_{script}.py"));
    let place = tempfile::tempdir().unwrap();
    let inside = ["-euc", "set -a; . \"$1\"; exec python3 \"$2\" \"$1\"", "sh"];
    let call = Call::new("sh").args(inside).args([&file, &script]).directory(place.path());
    call.env("PYTHONPATH", packages).env("PYTHONWARNINGS", "ignore").run().success();
}

/// The directory with the pinned clients, installed below `target/` unless an earlier run did.
fn packages() -> PathBuf {
    let requirements = repository().join("tests/official_clients/requirements.txt");
    let place = repository().join("target/official-clients");
    let (packages, pinned) = (place.join("packages"), place.join("requirements.txt"));
    if fs::read(&pinned).ok() != fs::read(&requirements).ok() {
        let _ = fs::remove_dir_all(&place);
        let install =
            ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
        Call::new("python3")
            .args(install)
            .args(["--target".as_ref(), packages.as_os_str(), "--requirement".as_ref(), requirements.as_os_str()])
            .run()
            .success();
        fs::copy(&requirements, &pinned).unwrap();
    }
    packages
}
