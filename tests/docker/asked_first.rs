//! Whatever can refuse is asked before anything is removed, in every verb that removes something.

use std::fs;
use std::net::TcpListener;

use infra_tests::clients::redis;
use infra_tests::docker::{self, Foreign};
use infra_tests::poll;
use infra_tests::small_disk::SmallDisk;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use serde_json::Value;

fn edit(path: &std::path::Path, change: impl FnOnce(&mut Value)) {
    let mut content: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    change(&mut content);
    fs::write(path, content.to_string()).unwrap();
}

#[test]
fn what_keeps_up_from_making_it_again_keeps_reset_from_wiping() {
    let stack = Stack::with_settings("asked", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let before = (stack.containers(), docker::volumes(stack.name()));
    let refused = |verb: &str, options: &[&str], code: i32, words: &str| {
        let outcome = stack.infra(verb, options).exits(code).says(words);
        assert!(!outcome.stderr.contains("wiped"), "{}", outcome.stderr);
        assert_eq!((stack.containers(), docker::volumes(stack.name())), before, "{words}");
        redis::check(&url);
    };

    // A reset of one service and of all are refused in one place: they take turns.
    let (all, only_redis) = (&["--yes"], &["redis", "--yes"]);
    let state = stack.state_file();
    let version = "terraform_version";
    edit(&state, |state| state[version] = "1.99.0".into());
    refused("reset", all, 3, "1.99.0");
    refused("reset", only_redis, 3, "1.99.0");
    refused("destroy", all, 3, "1.99.0");
    edit(&state, |state| state[version] = "1.11.0".into());

    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ maxmemory = \"plenty\" }}\n"));
    refused("reset", only_redis, 1, "maxmemory");
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"localhost/infra-tests/none:1\" }}\n"));
    refused("reset", all, 1, "localhost/infra-tests/none:1");
    stack.checkout().settings(ONLY_REDIS);

    let file = stack.directory().join(".instances").join(format!("{}.json", stack.name()));
    let (listener, port) = (TcpListener::bind("127.0.0.1:0").unwrap(), stack.port("redis"));
    edit(&file, |instance| instance["ports"]["redis"] = listener.local_addr().unwrap().port().into());
    refused("reset", only_redis, 3, "is taken by");
    edit(&file, |instance| instance["ports"]["redis"] = port.into());

    let image = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let volume = format!("{}:/data", stack.docker_name("redis"));
    let user = Foreign::container("create", &unique("infra-tests-user"), &["--volume", &volume, &image]);
    for verb in ["reset", "destroy"] {
        refused(verb, all, 3, &format!("container `{}` ({image}, created)", user.name));
    }
    // As its hint says.
    docker::read(&["rm", "--force", &user.name]);

    // Killed when all is wiped: it was on purpose, and is not asked about again.
    let mut running = stack.xtask().start(&stack.arguments("reset", &["--yes"]));
    poll::until("the wipe", || if running.said().contains("wiped ") || running.has_ended() { Ok(()) } else { Err(running.said()) });
    running.signal("KILL");
    running.finish();
    poll::until("the end of what it had started", || if stack.processes().is_empty() { Ok(()) } else { Err(stack.processes().join("\n")) });
    stack.up();
    assert_eq!(redis::read(&url), None);
    stack.infra("plan", &["--detailed-exitcode"]).success();
}

#[test]
fn reset_of_what_is_protected_asks_for_its_name() {
    let stack = Stack::with_settings("protected", ONLY_REDIS);
    stack.checkout().replace("infra.toml", "protected = false", "protected = true");
    stack.infra("up", &["--yes"]).success();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let answered = |typed: &str| stack.checkout().xtask().infra_in_terminal(&stack.arguments("reset", &[]), typed);
    assert!(answered("y\n").exits(3).stdout.contains("nothing was changed"));
    redis::check(&url);
    let typed = answered(&format!("local/{}\n", stack.name())).success().stdout;
    assert!(!typed.contains("apply this to"), "asked once: {typed}");
    assert_eq!(redis::read(&url), None);
}

#[test]
fn a_volume_that_is_gone_is_said_and_asked_for() {
    let stack = Stack::with_settings("pruned", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    // The volume of an engine that never ran held nothing.
    docker::read(&["volume", "rm", &stack.docker_name("qdrant")]);
    stack.up();
    redis::check(&url);

    let complaint = format!(
        "error: this change to `local/{}` puts data at risk:\n  volume `{}` is gone, and an empty one would be made in its place\n\
         hint: nobody is here to ask: run it in a terminal, or add --yes if that is what you want\n",
        stack.name(),
        stack.docker_name("redis")
    );
    stack.infra("down", &[]).success();
    docker::read(&[&["volume", "rm"][..], &docker::volumes(stack.name()).iter().map(String::as_str).collect::<Vec<_>>()].concat());
    stack.infra("up", &[]).exits(3).complains(&complaint);
    stack.infra("plan", &[]).success().says(&format!("volume `{}` is gone", stack.docker_name("redis")));
    stack.infra("apply", &[]).exits(3).says("is gone");
    let answered = stack.checkout().xtask().infra_in_terminal(&stack.arguments("up", &[]), "n\n");
    assert!(answered.exits(3).stdout.contains("stopped, as you answered"));
    // Without the state, what was applied is remembered.
    fs::remove_dir_all(stack.directory().join("terraform.tfstate.d")).unwrap();
    stack.infra("up", &[]).exits(3).complains(&complaint);
    assert_eq!(docker::everything(stack.name()), Vec::<String>::new());
    stack.infra("up", &["--yes"]).success();
    assert_eq!(redis::read(&url), None);
    stack.up().says("nothing changed");

    // Removed by plain Terraform: on purpose.
    stack.terraform("destroy -auto-approve -input=false -no-color").success();
    stack.up();
}

#[test]
fn without_room_for_the_state_nothing_is_cleared_away() {
    let stack = Stack::with_settings("no-room", ONLY_REDIS);
    stack.up();
    fs::remove_dir_all(stack.directory().join("terraform.tfstate.d")).unwrap();
    let before = stack.containers();
    let Some(disk) = SmallDisk::over(&stack.directory(), 16) else { return };
    disk.fill(1500);
    stack.infra("up", &[]).exits(1).says("there is no room for the state");
    assert_eq!(stack.containers(), before, "a container that the state does not know stays");
    disk.free();
    stack.up().says("interrupted run");
}
