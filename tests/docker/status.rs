//! What `status` says of what runs, beside what was applied: nothing while it is the same, and every change by its name.

use std::fs;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;

use infra_tests::clients::redis;
use infra_tests::docker::{self, Foreign};
use infra_tests::engine::Engine;
use infra_tests::poll;
use infra_tests::process::Outcome;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use infra_tests::temporary;
use serde_json::{Value, json};

/// A stack of Redis alone, from a tag of its own, which can be moved without harm to others.
struct OnlyRedis {
    // Dropped first: its images are free then.
    stack: Stack,
    container: String,
    image: String,
    tag: Foreign,
}

impl OnlyRedis {
    fn up(theme: &str) -> Self {
        let stack = Stack::with_settings(theme, ONLY_REDIS);
        stack.infra("init", &[]).success();
        let image = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
        let tag = Foreign::image(&image, &format!("localhost/infra-tests/status:{}", unique("t")));
        let container = stack.docker_name("redis");
        let this = Self { stack, container, image, tag };
        this.settings("");
        this.stack.up();
        this
    }

    /// The stack's settings with `more` in the object of Redis.
    fn settings(&self, more: &str) {
        self.stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"{}\"{more} }}\n", self.tag.name));
    }

    /// What differs, as `attribute: runs / is configured`.
    #[track_caller]
    fn differences(&self) -> Vec<String> {
        let redis = self.stack.status()["redis"].clone();
        let side = |side: &Value| side.as_str().unwrap_or("-").to_owned();
        let lines: Vec<String> = redis["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{}: {} / {}", it["attribute"].as_str().unwrap(), side(&it["running"]), side(&it["configured"])))
            .collect();
        assert_eq!(redis["matches"], lines.is_empty(), "{redis:#}");
        lines
    }

    /// The hint's promise: another `up`, and nothing differs any more.
    #[track_caller]
    fn is_put_right_by_up(&self) {
        self.stack.up();
        assert_eq!(self.differences(), Vec::<String>::new());
    }

    fn status(&self) -> Outcome {
        self.stack.infra("status", &[]).success()
    }
}

#[test]
fn what_was_changed_by_hand_is_named_and_put_right_by_up() {
    let redis = OnlyRedis::up("hand");
    let (stack, container) = (&redis.stack, redis.container.as_str());
    assert_eq!(redis.differences(), Vec::<String>::new());
    leaves_everything_as_it_was(stack);

    docker::read(&["container", "update", "--memory", "300m", "--memory-swap", "-1", container]);
    assert_eq!(redis.differences(), ["memory limit: 300 MiB / 512 MiB"]);
    let shown = redis.status().says(&format!("hint: `cargo xtask infra up local --instance {}` puts it right\n", stack.name()));
    let line = |start: &str| shown.stdout.lines().find(|line| line.starts_with(start)).map(ToOwned::to_owned).unwrap_or_default();
    assert!(line("redis    running").contains("differs") && line("redis    running").contains(" of 300 MiB"), "{}", shown.stdout);
    assert_eq!(line("redis    memory limit"), "redis    memory limit  300 MiB  512 MiB", "{}", shown.stdout);
    redis.is_put_right_by_up();

    docker::read(&["network", "disconnect", "bridge", container]);
    assert_eq!(redis.differences(), ["network bridge: - / joined"]);
    redis.is_put_right_by_up();

    docker::read(&["container", "exec", container, "sh", "-c", "echo '# edited' >> /usr/local/etc/redis/redis.conf"]);
    assert_eq!(redis.differences(), ["content of /usr/local/etc/redis/redis.conf: ******** / ********"]);
    redis.status().says(&format!(
        "(after `cargo xtask infra down local --instance {}`, where a file or a network was changed by hand)",
        stack.name()
    ));
    stack.infra("down", &[]).success();
    redis.is_put_right_by_up();

    // Under the same name, with a password and a label that are not ours: the state alone would not tell.
    docker::read(&["container", "rm", "--force", container]);
    let by_hand = ["--env", "REDISCLI_AUTH=made-by-hand", "--env", "MORE=made-by-hand", "--label", "by=hand", "--tmpfs", "/data"];
    docker::read(&[&["container", "run", "--detach", "--name", container], &by_hand[..], &[&redis.tag.name, "redis-server"]].concat());
    let differences = redis.differences();
    for expected in [
        r#"command: ["redis-server"] / ["redis-server","/usr/local/etc/redis/redis.conf"]"#,
        "content of /usr/local/etc/redis/redis.conf: - / ********",
        "label by: hand / -",
        "memory limit: unlimited / 512 MiB",
        &format!("mount /data: tmpfs / volume {container}"),
        &format!("port 6379/tcp: - / 127.0.0.1:{}", stack.port("redis")),
        "restart policy: no / unless-stopped",
        "variable MORE: ******** / -",
        "variable REDISCLI_AUTH: ******** / ********",
    ] {
        assert!(differences.iter().any(|difference| difference == expected), "no {expected:?} in {differences:#?}");
    }
    assert!(!differences.iter().any(|difference| difference.starts_with("image")), "{differences:#?}");
    says_no_secret(&redis);
    docker::read(&["container", "rm", "--force", container]);
    redis.is_put_right_by_up();
}

/// The state, the files beside it, and no copy of a secret where temporary files are.
fn leaves_everything_as_it_was(stack: &Stack) {
    let files = || -> Vec<(PathBuf, Vec<u8>)> {
        let directories = [format!("terraform.tfstate.d/{}", stack.name()), ".instances".to_owned(), String::new()];
        let below = |directory: String| fs::read_dir(stack.directory().join(directory)).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = directories.into_iter().flat_map(below).filter(|path| path.is_file()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    };
    let place = temporary::directory();
    let before = files();
    stack.with(&stack.checkout().xtask().env("TMPDIR", place.path()), "status", &[]).success();
    assert!(files() == before, "what is in {}", stack.directory().display());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "left among the temporary files");
}

/// Neither the instance's nor the one that was set by hand, on no stream and however much is said.
fn says_no_secret(redis: &OnlyRedis) {
    let credentials = redis.stack.instance_file()["credentials"].clone();
    let secrets = credentials.as_object().unwrap().values().filter_map(Value::as_str).chain(["made-by-hand"]);
    let said: Vec<Outcome> = [&["--verbose"][..], &["--json"]].map(|options| redis.stack.infra("status", options).success()).into();
    for secret in secrets {
        for outcome in &said {
            assert!(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret), "{}\n{}", outcome.stdout, outcome.stderr);
        }
    }
}

#[test]
fn what_was_edited_is_said_and_what_others_applied_is_not_compared() {
    let redis = OnlyRedis::up("edited");
    let stack = &redis.stack;
    let typed = format!("local --instance {}", stack.name());
    redis.settings(", memory_mb = 640");
    is_edited(&redis);
    // Both at once: what was changed by hand is not hidden by the edit.
    docker::read(&["container", "update", "--memory", "300m", "--memory-swap", "-1", &redis.container]);
    assert_eq!(redis.differences(), ["memory limit: 300 MiB / 512 MiB"]);
    // The network of a container that `up` leaves alone is not read back by Terraform, and stays what was applied.
    docker::read(&["network", "disconnect", "bridge", &redis.container]);
    assert_eq!(redis.differences(), ["memory limit: 300 MiB / 512 MiB", "network bridge: - / joined"]);
    redis.status().says(&format!("hint: `cargo xtask infra up {typed}` puts it right"));
    redis.is_put_right_by_up();

    // An image that was built anew has another id under the same tag.
    let other = Foreign::commit(
        &Foreign::container("create", &unique("infra-tests-status"), &[&redis.image]).name,
        &format!("{}-other", redis.tag.name),
        "LABEL built=anew",
    );
    docker::read(&["image", "tag", &other.name, &redis.tag.name]);
    let differences = redis.differences();
    assert!(differences.len() == 1 && differences[0].starts_with("image: ") && differences[0].contains(&redis.tag.name), "{differences:?}");
    redis.is_put_right_by_up();

    // It is no matter here whether Terraform could plan.
    redis.settings(", maxmemory = \"much\"");
    is_edited(&redis);
    redis.settings(", memory_mb = 640");
    assert_eq!(redis.differences(), Vec::<String>::new());

    // That an `up` then makes a record is in `compatibility`: the commit before made none.
    let is_record = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "containers");
    let record = stack.filed().into_iter().find(is_record).unwrap();
    let recorded = fs::read(&record).unwrap();
    fs::remove_file(&record).unwrap();
    is_not_compared(&redis, "what was applied is not on record");
    fs::write(&record, recorded).unwrap();

    stack
        .terraform("apply -auto-approve -input=false -replace='module.docker.module.redis[0].module.container.docker_container.this'")
        .success();
    is_not_compared(&redis, "the state was changed since by something else");
    redis.is_put_right_by_up();

    // What does not run is not compared either, and nothing needs to be said of that.
    stack.infra("down", &[]).success();
    let down = redis.status();
    assert!(down.stdout.contains("redis    down") && down.stderr.is_empty(), "{}\n{}", down.stdout, down.stderr);
    assert_eq!((&stack.status()["redis"]["matches"], &stack.status()["redis"]["reason"]), (&Value::Null, &Value::Null));
}

/// What runs is as it was applied, and an apply would change it: what, is a plan's to say.
#[track_caller]
fn is_edited(redis: &OnlyRedis) {
    let plan =
        format!("hint: `cargo xtask infra plan local --instance {}` says what the edited configuration would change", redis.stack.name());
    let shown = redis.status().says(&plan);
    assert!(shown.stdout.lines().any(|line| line.starts_with("redis    running") && line.contains("edited since")), "{}", shown.stdout);
    let status = redis.stack.status()["redis"].clone();
    assert_eq!((&status["matches"], &status["edited"], &status["differences"]), (&Value::Null, &json!(true), &json!([])), "{status:#}");
}

/// Everything but the comparison is there, and why not the comparison.
#[track_caller]
fn is_not_compared(redis: &OnlyRedis, because: &str) {
    let shown = redis.status().says("warning: what runs is not compared with what was applied: ").says(because);
    assert!(shown.stdout.lines().any(|line| line.starts_with("redis    running") && line.contains("not compared")), "{}", shown.stdout);
    let status = redis.stack.status()["redis"].clone();
    assert_eq!((&status["matches"], &status["edited"]), (&Value::Null, &Value::Null));
    assert!(status["reason"].as_str().unwrap().contains(because), "{status:#}");
}

/// By TCP, so that nothing of the engine's is within reach but its interface.
#[test]
fn an_engine_elsewhere_is_asked_the_same() {
    let stack = Stack::with_settings("elsewhere", ONLY_REDIS);
    stack.up();
    redis::write(stack.variables().get("REDIS_URL"));
    let address = forward_to_engine();
    let xtask = stack.checkout().xtask().env("DOCKER_HOST", format!("tcp://{address}"));
    let seen = poll::until("the sizes", || {
        let status: Value = serde_json::from_str(&stack.with(&xtask, "status", &["--json"]).success().stdout).unwrap();
        let redis = status["redis"].clone();
        // On a busy machine the engine needs longer than `status` waits.
        if redis["volume_size"].is_null() { Err(redis.to_string()) } else { Ok(redis) }
    });
    assert_eq!((&seen["matches"], &seen["memory_limit"]), (&json!(true), &json!(512 << 20)), "{seen:#}");
    assert!(seen["memory_used"].as_u64().unwrap() > 1 << 20 && seen["volume_size"].as_u64().unwrap() > 0, "{seen:#}");
}

/// A port on loopback behind which the engine's socket is; it is served until the tests end.
fn forward_to_engine() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            let engine = UnixStream::connect(Engine::of_the_tests().socket()).unwrap();
            let (client_too, engine_too): (TcpStream, UnixStream) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
            // A side that has gone takes the other with it: both ends are as they should be.
            thread::spawn(move || io::copy(&mut &client_too, &mut &engine_too).and_then(|_| engine_too.shutdown(Shutdown::Write)));
            thread::spawn(move || io::copy(&mut &engine, &mut &client).and_then(|_| client.shutdown(Shutdown::Write)));
        }
    });
    address
}
