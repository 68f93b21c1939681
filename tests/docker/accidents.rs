//! A run that is killed before everything is removed, a volume whose making was broken off, and containers that cannot come up.

use std::fs;

use infra_tests::clients::redis;
use infra_tests::docker::Foreign;
use infra_tests::poll;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};
use serde_json::Value;

#[test]
fn after_a_kill_destroy_leaves_nothing() {
    let stack = Stack::new("gone");
    let mut running = stack.checkout().xtask().start(&stack.arguments("up", &[]));
    poll::until("a container", || match stack.containers().len() {
        0 if running.has_ended() => panic!("it ended before it was cut off"),
        0 => Err("none yet".to_owned()),
        _ => Ok(()),
    });
    running.signal("KILL");
    running.finish();
    stack.infra("destroy", &["--yes"]).success();
    poll::until("the end of everything", || match stack.remains() {
        remains if remains.is_empty() => Ok(()),
        remains => Err(remains.join("\n")),
    });
}

/// Terraform, stopped between making a volume and reading it back, writes down that it is tainted: to be replaced, data and all.
#[test]
fn a_volume_whose_making_was_broken_off_keeps_what_is_in_it() {
    let stack = Stack::with_settings("broken-off", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let file = stack.state_file();
    let mut state: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let volumes = state["resources"].as_array_mut().unwrap().iter_mut().find(|resource| resource["type"] == "docker_volume").unwrap();
    let name = stack.docker_name("redis");
    let mut instances = volumes["instances"].as_array_mut().unwrap().iter_mut();
    let volume = instances.find(|instance| instance["attributes"]["name"] == *name).unwrap();
    volume["status"] = "tainted".into();
    for unknown in ["mountpoint", "driver", "driver_opts"] {
        volume["attributes"][unknown] = Value::Null;
    }
    state["serial"] = (state["serial"].as_u64().unwrap() + 1).into();
    fs::write(&file, state.to_string()).unwrap();

    stack.up().says(&format!("kept volumes that an interrupted run had not seen finished: {name}\n"));
    redis::check(&url);
    stack.infra("plan", &["--detailed-exitcode"]).success();
}

/// Terraform empties the file before it writes its state anew: killed meanwhile, it leaves nothing in it, or the beginning.
#[test]
fn a_state_that_was_cut_off_by_a_kill_is_the_one_before_again_or_a_new_one() {
    let stack = Stack::with_settings("emptied", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let state = stack.state_file();
    for (is_empty, how, has_backup, hint) in [
        (true, "empty", true, "puts the one before it in its place"),
        (false, "cut off", true, "puts the one before it in its place"),
        (false, "cut off", false, "begins a new one"),
    ] {
        stack.infra("down", &[]).success();
        // The xtask would have written down that it was done.
        stack.terraform("apply -auto-approve -input=false -no-color").success();
        let whole = fs::read(&state).unwrap();
        fs::write(&state, if is_empty { &[] } else { &whole[..whole.len() / 2] }).unwrap();
        if !has_backup {
            fs::remove_file(state.with_extension("tfstate.backup")).unwrap();
        }
        stack.infra("env", &[]).exits(1).says(&format!("hint: `cargo xtask infra up local --instance {}` {hint}", stack.name()));
        let again = stack.up().says(&format!("the state is {how}: a Terraform was killed while it wrote it"));
        assert!(again.stderr.contains("found containers of an interrupted run"), "{}", again.stderr);
        redis::check(&url);
        stack.infra("plan", &["--detailed-exitcode"]).success();
    }
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_container_that_ends_at_once_is_shown_with_its_last_words() {
    let stack = Stack::with_settings("crash", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let image = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let name = unique("infra-tests-crash");
    let container = Foreign::container("create", &name, &[&image]);
    let entrypoint = r#"ENTRYPOINT ["sh", "-c", "for line in $(seq 40); do echo word $line; done; exit 7"]"#;
    let crashing = Foreign::commit(&container.name, &format!("localhost/infra-tests/crash:{name}"), entrypoint);
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"{}\" }}\n", crashing.name));

    let outcome = stack.infra("up", &[]).exits(1);
    let complaint = outcome.complaint();
    let shown = complaint.lines().filter(|line| line.trim().starts_with("word ")).count();
    assert!(complaint.contains("redis cannot come up") && complaint.contains("status 7"), "{complaint}");
    assert!(shown == 30 && complaint.contains("word 40"), "{shown} lines of\n{complaint}");
}
