//! Hints about containers and their data, followed as they stand.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use infra_tests::docker;
use infra_tests::process::Call;
use infra_tests::stack::{ONLY_REDIS, Stack};
use infra_tests::temporary;

/// A directory made under a umask of 077 lets its owner in, and the database's user is another.
#[test]
fn sql_files_that_a_container_may_not_read_are_opened_by_the_hint() {
    let settings = "redis = { enabled = false }\nvectorstore = { enabled = false }\nobjectstore = { enabled = false }\n\
                    postgres = { init_sql_directory = \"../../my sql\" }\n";
    let stack = Stack::with_settings("closed-sql", settings);
    stack.checkout().write("my sql/10-own.sql", "CREATE TABLE own (id int);\n");
    stack.checkout().write("my sql/README.md", "notes\n");
    let directory = stack.checkout().infrastructure("my sql");
    for (name, mode) in [("10-own.sql", 0o600), ("README.md", 0o600), (".", 0o700)] {
        fs::set_permissions(directory.join(name), Permissions::from_mode(mode)).unwrap();
    }
    let refused = stack.infra("up", &[]).exits(3).says("may not read what it is to start from");
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new(), "nothing was made");
    let hinted = refused.hinted();
    stack.xtask().infra_after(&hinted.join(" && "), &stack.arguments("up", &[])).success();
    let table = ["exec", &stack.docker_name("postgres"), "psql", "--tuples-only", "--command", "SELECT count(*) FROM own"];
    assert_eq!(docker::read(&table).trim(), "0");
}

/// After a power cut a file can be longer than what was written to it: the rest is zeros.
#[test]
fn an_append_only_file_that_redis_refuses_is_mended_by_the_hint() {
    let stack = Stack::with_settings("aof", ONLY_REDIS);
    stack.up();
    let (redis, volume) = (stack.docker_name("redis"), stack.docker_name("redis"));
    docker::run(&["exec", &redis, "redis-cli", "SET", "kept", "yes"]).success();
    docker::run(&["kill", &redis]).success();
    let image = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let spoil = "for file in /data/appendonlydir/*.incr.aof; do head -c 64 /dev/zero >> $file; done";
    docker::run(&["run", "--rm", "--volume", &format!("{volume}:/data"), "--entrypoint", "sh", &image, "-c", spoil]).success();

    let failed = stack.infra("up", &[]).exits(1).says("redis cannot come up");
    let hinted = failed.hinted().concat();
    assert!(hinted.contains("redis-check-aof"), "{}", failed.stderr);
    Call::new("sh").args(["-ec", &hinted]).input("y\n").run().success();
    stack.up();
    assert_eq!(docker::read(&["exec", &redis, "redis-cli", "GET", "kept"]).trim(), "yes");
}

/// A setting that leads to no engine, and a state that is lost: the same stack is found again by what the hint says.
#[test]
fn a_stack_is_found_again_by_the_hint() {
    let stack = Stack::with_settings("found", ONLY_REDIS);
    stack.up();
    let started = stack.container("redis").started_at;
    let status = stack.arguments("status", &[]);
    let client = temporary::directory();
    let xtask = stack.xtask().env("DOCKER_CONFIG", client.path());
    let context = ["--config", client.path().to_str().unwrap(), "context"];
    docker::run(&[&context[..], &["create", "gone", "--docker", "host=unix:///nonexistent/docker.sock"]].concat()).success();
    for (name, value) in
        [("DOCKER_HOST", "unix:///nonexistent/docker.sock"), ("DOCKER_HOST", "tcp://127.0.0.1:1"), ("DOCKER_CONTEXT", "gone")]
    {
        // It counts for more than a context.
        let xtask = xtask.clone().env("DOCKER_HOST", "").env(name, value);
        let failed = xtask.infra(&status).exits(1).says(&format!(", which {name}"));
        xtask.infra_after(&failed.hinted().concat(), &status).success();
    }
    docker::run(&[&context[..], &["use", "gone"]].concat()).success();
    let xtask = xtask.env("DOCKER_HOST", "");
    let failed = xtask.infra(&status).exits(1).says("which the client's context `gone` names");
    xtask.infra_after(failed.hinted()[0], &status).success();

    // Damaged, and nothing to put in its place: what it made is known by its labels.
    let state = stack.state_file();
    fs::write(&state, "{]").unwrap();
    let _ = fs::remove_file(state.with_extension("tfstate.backup"));
    let damaged = stack.infra("up", &[]).exits(1).says("there is no backup");
    let hinted = damaged.hinted();
    stack.xtask().infra_after(hinted[0], &stack.arguments("up", &[])).success();
    assert!(hinted[1].ends_with(stack.name()), "{hinted:?}");
    assert_ne!(stack.container("redis").started_at, started, "it was made anew, on its data");
}
