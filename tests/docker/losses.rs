//! A lost state, lost files, and plans that would lose data.

use std::fs;

use infra_tests::clients::{postgres, redis};
use infra_tests::docker::Foreign;
use infra_tests::process::Call;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};

const REDIS_AND_POSTGRES: &str = "vectorstore = { enabled = false }\nobjectstore = { enabled = false }\n";

#[test]
fn a_lost_state_loses_no_data() {
    let stack = Stack::with_settings("state", REDIS_AND_POSTGRES);
    stack.up();
    let variables = stack.variables();
    redis::write(variables.get("REDIS_URL"));
    postgres::write(variables.get("DATABASE_URL"));

    fs::remove_dir_all(stack.directory().join("terraform.tfstate.d").join(stack.name())).unwrap();
    stack.up().says("interrupted run");
    redis::check(variables.get("REDIS_URL"));
    postgres::check(variables.get("DATABASE_URL"));
    stack.infra("plan", &["--detailed-exitcode"]).success();

    // What `git clean -dfx` takes: the state, the providers, and the credentials too.
    for left in ["terraform.tfstate.d", ".instances", ".terraform"] {
        fs::remove_dir_all(stack.directory().join(left)).unwrap();
    }
    stack.up().says("its copy in your state directory");
    assert_eq!(stack.variables(), variables);
    redis::check(variables.get("REDIS_URL"));
    postgres::check(variables.get("DATABASE_URL"));
    stack.infra("plan", &["--detailed-exitcode"]).success();
}

#[test]
fn a_stack_without_its_state_is_destroyed_by_its_labels() {
    let stack = Stack::with_settings("labels", ONLY_REDIS);
    stack.up();
    fs::remove_dir_all(stack.directory().join("terraform.tfstate.d")).unwrap();
    stack.infra("destroy", &["--yes"]).success().says("no state knew");
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_stack_without_its_state_and_its_instance_file_is_destroyed_all_the_same() {
    let stack = Stack::with_settings("cleaned", ONLY_REDIS);
    stack.up();
    // What `git clean -dfx` takes: the copy in the user's state directory still knows whose the containers are.
    for left in ["terraform.tfstate.d", ".instances", ".terraform"] {
        fs::remove_dir_all(stack.directory().join(left)).unwrap();
    }
    assert_eq!(stack.containers().len(), 1);
    stack.infra("destroy", &["--yes"]).success().says("no state knew").says("is destroyed");
    assert_eq!(stack.remains(), Vec::<String>::new());
    stack.infra("destroy", &["--yes"]).success().says("nothing to destroy");
}

#[test]
fn a_container_that_no_state_knows_does_not_hold_its_volume() {
    let stack = Stack::with_settings("held", ONLY_REDIS);
    stack.up();
    stack.terraform("state rm 'module.docker.module.redis[0].module.container.docker_container.this'").success();
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_plan_that_loses_a_volume_is_refused_where_nobody_can_answer() {
    let stack = Stack::with_settings("volume", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    stack.terraform("taint -no-color 'module.docker.docker_volume.data[\"redis\"]'").success();

    let volume = stack.docker_name("redis");
    stack.infra("up", &[]).exits(3).complains(&format!(
        "error: this change to `local/{}` puts data at risk:\n  \
         volume `{volume}` would be replaced by an empty one, and its data lost\n\
         hint: nobody is here to ask: run it in a terminal, or add --yes if that is what you want\n",
        stack.name()
    ));
    redis::check(&url);
    let answered = stack.checkout().xtask().infra_in_terminal(&stack.arguments("up", &[]), "n\n");
    assert!(answered.exits(3).stdout.contains("stopped, as you answered"));
    redis::check(&url);

    stack.infra("up", &["--yes"]).success();
    assert_eq!(redis::read(&url), None, "asked for, and done");
}

#[test]
fn another_version_on_the_same_data_is_asked_for() {
    let stack = Stack::with_settings("version", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let images = &stack.instance_file()["images"]["redis"];
    let (reference, version) = (images["reference"].as_str().unwrap(), images["version"].as_str().unwrap());
    let other = Foreign::image(reference, &format!("localhost/infra-tests/redis:{}", unique("other")));
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"{}\" }}\n", other.name));

    let tag = other.name.rsplit(':').next().unwrap();
    stack.infra("up", &[]).exits(3).complains(&format!(
        "error: this change to `local/{}` puts data at risk:\n  \
         redis would go from version {version} to {tag} on the data in `{}`\n\
         hint: nobody is here to ask: run it in a terminal, or add --yes if that is what you want\n",
        stack.name(),
        stack.docker_name("redis")
    ));
    redis::check(&url);
    stack.infra("up", &["--yes"]).success();
    redis::check(&url);
    stack.checkout().settings(ONLY_REDIS);
    stack.infra("up", &["--yes"]).success();
}

#[test]
fn a_saved_plan_is_applied_once_and_only_if_it_still_holds() {
    let stack = Stack::with_settings("plan", ONLY_REDIS);
    stack.infra("plan", &["--detailed-exitcode", "--out", "early.tfplan"]).exits(2);
    let mode = Call::new("stat").args(["--format", "%a", "early.tfplan"]).directory(stack.checkout().root()).run().success();
    assert_eq!(mode.stdout, "600\n", "a plan holds secrets");
    stack.infra("apply", &[]).success();
    stack.infra("apply", &[]).exits(1).says("there is no plan").says("hint: make one: ");
    stack.infra("plan", &["--detailed-exitcode"]).success();
    let before = stack.containers();
    stack.infra("apply", &["early.tfplan"]).exits(3).says("stale").says("hint: ");
    assert_eq!(stack.containers(), before, "nothing was touched");
}
