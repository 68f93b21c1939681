//! An engine of the test's own: it dies, it is full, and it is named in every way that there is.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use std::thread;
use std::time::Duration;

use infra_tests::checkout::Checkout;
use infra_tests::clients::redis;

use infra_tests::docker;
use infra_tests::own_engine::OwnEngine;
use infra_tests::process::{Call, Outcome, is_installed};
use infra_tests::small_disk::SmallDisk;
use infra_tests::stack::{ONLY_REDIS, Stack};
use infra_tests::xtask::{self, Xtask};

/// The image that a stack on the machine's engine would take.
fn redis_image() -> String {
    let manifest = fs::read_to_string(Checkout::new().infrastructure("images/images.toml")).unwrap();
    let line = manifest.lines().find(|line| line.contains("localhost/tracker/redis:")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

fn names(directory: &std::path::Path) -> Vec<std::ffi::OsString> {
    fs::read_dir(directory).into_iter().flatten().map(|entry| entry.unwrap().file_name()).collect()
}

/// Starts `up`, and kills the engine when it has begun to make one of these (`containers`, `volumes`) that was not there before.
fn up_without_an_end(engine: &mut OwnEngine, stack: &Stack, kind: &str) -> Outcome {
    let made = engine.data().join(kind);
    let before = names(&made);
    let mut running = stack.xtask().start(&stack.arguments("up", &[]));
    while names(&made).iter().all(|name| before.contains(name)) {
        assert!(!running.has_ended(), "it ended before it made one: {}", running.finish().stderr);
        thread::sleep(Duration::from_millis(1));
    }
    engine.kill();
    running.finish()
}

#[test]
fn an_engine_that_dies_in_the_middle_is_named_and_nothing_is_lost() {
    let Some(mut engine) = OwnEngine::start(&[]) else { return };
    engine.give(&redis_image());
    let stack = Stack::on_engine(&engine, "dies", ONLY_REDIS);
    // Volumes at first, then the container, then a container in place of another one that has data.
    for kind in ["volumes", "containers", "containers"] {
        let outcome = up_without_an_end(&mut engine, &stack, kind).exits(1);
        let complaint = outcome.complaint();
        assert!(complaint.starts_with(&format!("error: the Docker engine on {} went away in the middle\n", engine.host())), "{complaint}");
        assert!(complaint.contains("\nhint: start it; `up` then goes on"), "{complaint}");
        let stopped = format!("error: nothing listens on {}, which DOCKER_HOST names\n", engine.host());
        for verb in ["up", "status", "down"] {
            let outcome = stack.infra(verb, &[]).exits(1);
            assert!(outcome.complaint().starts_with(&stopped), "{verb}: {}", outcome.stderr);
        }

        engine.start_again();
        if kind == "volumes" {
            continue;
        }
        stack.up();
        stack.infra("plan", &["--detailed-exitcode"]).success();
        assert_eq!(engine.containers(stack.name()), [stack.docker_name("redis")]);
        let url = stack.variables().get("REDIS_URL").to_owned();
        if redis::read(&url).is_none() {
            redis::write(&url);
            stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ maxmemory = \"100mb\" }}\n"));
        }
        redis::check(&url);
    }
    // What was only begun goes too.
    stack.infra("destroy", &["--yes"]).success();
    up_without_an_end(&mut engine, &stack, "volumes").exits(1);
    engine.start_again();
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(engine.containers(stack.name()), Vec::<String>::new());
    assert_eq!(engine.docker(&["volume", "ls", "--quiet"]).success().stdout, "");
}

#[test]
fn a_full_engine_is_said_to_be_and_goes_on_when_it_has_space_again() {
    let Some(engine) = OwnEngine::start_on_small_disk(160) else { return };
    engine.give(&redis_image());
    let stack = Stack::on_engine(&engine, "full", ONLY_REDIS);
    stack.infra("plan", &[]).success();
    engine.disk().fill(0);
    let failed = stack.infra("up", &[]).exits(1);
    assert!(failed.complaint().contains("no space left on device"), "{}", failed.stderr);
    assert!(failed.complaint().contains("\nhint: free some space (`docker system df`"), "{}", failed.stderr);
    engine.disk().free();
    stack.up();
    assert_eq!(engine.containers(stack.name()), [stack.docker_name("redis")]);
}

#[test]
#[ignore = "thorough: builds an image three times; `supply` has a program that finds no space"]
fn an_image_that_finds_no_space_leaves_none_behind() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let Some(engine) = OwnEngine::start_on_small_disk(160) else { return };
    let checkout = Checkout::new();
    let home = tempfile::tempdir().unwrap();
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    let xtask = checkout.xtask().env("DOCKER_HOST", engine.host()).env("XDG_CACHE_HOME", home.path().join("cache"));
    let xtask = xtask.env("XDG_STATE_HOME", home.path().join("state"));
    let images = || engine.docker(&["image", "ls", "--all", "--quiet"]).success().stdout;

    engine.disk().fill(8 << 10);
    let failed = xtask.infra(&["supply", "redis"]).exits(1);
    assert!(failed.complaint().contains("no space left on device"), "{}", failed.stderr);
    assert!(failed.complaint().contains("\nhint: make room"), "{}", failed.stderr);
    assert_eq!(images(), "");
    engine.disk().free();

    fs::create_dir(home.path().join("small")).unwrap();
    let Some(temporary) = SmallDisk::over(&home.path().join("small"), 24) else { return };
    let failed = xtask.clone().env("TMPDIR", home.path().join("small")).infra(&["supply", "redis"]).exits(1);
    assert!(failed.complaint().to_lowercase().contains("no space left on device"), "{}", failed.stderr);
    assert!(failed.complaint().contains("\nhint: make room"), "{}", failed.stderr);
    assert_eq!(images(), "");
    drop(temporary);

    xtask.infra(&["supply", "redis"]).success();
    assert_ne!(images(), "");
}

/// Everything there is to name an engine by, as the xtask of a stack's checkout.
fn ways(engine: &OwnEngine, stack: &Stack, place: &Path) -> Vec<(&'static str, Xtask)> {
    let client = |directory: &Path, arguments: &[&str]| {
        let call = Call::new("docker").env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT").args(["--config"]).args([directory]);
        call.args(arguments).run().success();
    };
    let (named, used) = (place.join("named"), place.join("used"));
    for directory in [&named, &used] {
        client(directory, &["context", "create", "own", "--docker", &format!("host={}", engine.host())]);
    }
    client(&used, &["context", "use", "own"]);
    // The tests themselves may have been told which engine to use.
    let xtask = || stack.checkout().xtask().env("DOCKER_HOST", "").env("DOCKER_CONTEXT", "");
    vec![
        ("DOCKER_HOST", xtask().env("DOCKER_HOST", engine.host())),
        ("DOCKER_HOST before DOCKER_CONTEXT", xtask().env("DOCKER_HOST", engine.host()).env("DOCKER_CONTEXT", "nowhere")),
        ("DOCKER_CONTEXT", xtask().env("DOCKER_CONFIG", &named).env("DOCKER_CONTEXT", "own")),
        ("docker context use", xtask().env("DOCKER_CONFIG", &used)),
    ]
}

#[test]
fn an_engine_is_the_same_one_by_whatever_it_is_named() {
    let Some(engine) = OwnEngine::start(&[]) else { return };
    engine.give(&redis_image());
    let stack = Stack::on_engine(&engine, "named", ONLY_REDIS);
    let place = tempfile::tempdir().unwrap();
    let container = stack.docker_name("redis");
    stack.up();
    for (way, xtask) in ways(&engine, &stack, place.path()) {
        // On another engine there would be everything to create.
        assert_eq!(stack.with(&xtask, "plan", &["--detailed-exitcode"]).code, Some(0), "{way}");
        assert!(stack.with(&xtask, "status", &[]).success().stdout.contains("running"), "{way}");
    }
    stack.terraform("plan -no-color -input=false -detailed-exitcode").success();
    stack.infra("down", &[]).success();

    // Without root, and without the system's engine: its socket is covered.
    symlink(engine.socket(), place.path().join("docker.sock")).unwrap();
    let cover = "[ ! -e /var/run/docker.sock ] || mount --bind /dev/null /var/run/docker.sock; exec \"$@\"";
    let arguments = stack.arguments("up", &[]);
    let call = Call::new("unshare").args(["--mount", "sh", "-ec", cover, "sh", xtask::binary().to_str().unwrap(), "infra"]).args(arguments);
    let call = call.directory(stack.checkout().root()).env("DOCKER_HOST", "").env("DOCKER_CONTEXT", "");
    call.env("XDG_RUNTIME_DIR", place.path()).run().success();
    assert_eq!(engine.containers(stack.name()), [container.as_str()], "XDG_RUNTIME_DIR");
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new(), "XDG_RUNTIME_DIR: in the machine's engine");
}

#[test]
fn a_context_that_does_not_exist_is_named() {
    let checkout = Checkout::new();
    let xtask = checkout.xtask().env("DOCKER_HOST", "").env("DOCKER_CONTEXT", "nowhere");
    let refused = xtask.infra(&["up", "local", "--instance", "nowhere"]).exits(1);
    assert!(refused.complaint().starts_with("error: the Docker context `nowhere` cannot be used\n"), "{}", refused.stderr);
    assert!(refused.complaint().contains("\nhint: `docker context ls` lists"), "{}", refused.stderr);
}

#[test]
fn the_tests_use_the_same_engine() {
    let place = tempfile::tempdir().unwrap();
    let cargo = place.path().join("cargo");
    fs::write(&cargo, "#!/bin/sh\nprintf %s \"$DOCKER_HOST\" > \"${0%/*}/host\"\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()).unwrap_or("unix:///var/run/docker.sock".to_owned());
    let config = place.path().join("config");
    let create = ["context", "create", "here", "--docker", &format!("host={host}")];
    Call::new("docker").args(["--config"]).args([&config]).args(create).run().success();
    let call = Call::new(xtask::binary()).args(["test-infra", "--only", "integration"]).directory(xtask::repository());
    let call = call.env("DOCKER_HOST", "").env("DOCKER_CONFIG", &config).env("DOCKER_CONTEXT", "here");
    call.env("CARGO", &cargo).run().success();
    assert_eq!(fs::read_to_string(place.path().join("host")).unwrap(), host);
}
