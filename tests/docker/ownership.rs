//! Whose an instance is: a checkout that was duplicated has the original's owner id and must not touch what is the original's; one
//! that was moved, or is seen under two paths, goes on.

use std::fs;
use std::path::PathBuf;

use infra_tests::bind_mount::BindMount;
use infra_tests::checkout::Checkout;
use infra_tests::clients::redis;
use infra_tests::docker;
use infra_tests::process::Call;

use infra_tests::stack::{ONLY_REDIS, Stack};
use infra_tests::temporary;
use infra_tests::xtask::Xtask;
use serde_json::Value;

/// A place beside the stack's checkout, which goes with it.
fn beside(stack: &Stack, name: &str) -> PathBuf {
    stack.checkout().root().with_file_name(name)
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) {
    Call::new(program).args(arguments).run().success();
}

/// The part of a hint between two pieces of it.
#[track_caller]
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).unwrap_or_else(|| panic!("no {before:?} in {text}")).0
}

#[test]
fn a_copied_checkout_touches_nothing_of_the_original_s_and_its_hints_work() {
    let stack = Stack::with_settings("copied", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    stack.infra("plan", &["--out", "saved.tfplan"]).success();
    let place = beside(&stack, "the copy");
    run("cp", &["-r", stack.checkout().root().to_str().unwrap(), place.to_str().unwrap()]);
    let copy = Xtask::in_directory(&place);
    let before = (
        stack.containers(),
        docker::volumes(stack.name()),
        fs::read(stack.directory().join(".instances").join(format!("{}.json", stack.name()))).unwrap(),
    );

    let title = format!("local/{}", stack.name());
    let message = format!(
        "error: this checkout is a copy, and `{title}` belongs to the one it was copied from: {}\n  \
         its containers and its data are the original's: what is done here would be done to them\nhint: bring up one of its own",
        stack.directory().display()
    );
    let mut hint = String::new();
    for (verb, options) in [
        ("destroy", &["--yes"][..]),
        ("destroy", &[]),
        ("down", &[]),
        ("reset", &["--yes"]),
        ("reset", &["redis", "--yes"]),
        ("up", &["--yes"]),
        ("plan", &[]),
        ("apply", &["saved.tfplan", "--yes"]),
    ] {
        let refused = stack.with(&copy, verb, options).exits(3);
        assert!(refused.stderr.starts_with(&message), "{verb}: {}", refused.stderr);
        hint = refused.stderr;
    }
    let checked = copy.infra(&["check"]).exits(3);
    assert!(checked.stdout.contains("no   copied-checkout") && !checked.stdout.contains("apart from each other"), "{}", checked.stdout);
    stack.xtask().infra(&["check"]).success();
    stack.up().says("nothing changed");
    let now = (
        stack.containers(),
        docker::volumes(stack.name()),
        fs::read(stack.directory().join(".instances").join(format!("{}.json", stack.name()))).unwrap(),
    );
    assert_eq!(now, before);
    redis::check(&url);

    // The first way on: an instance of its own.
    let typed = between(&hint, "cargo xtask infra ", "; or");
    copy.infra(&typed.split(' ').collect::<Vec<_>>()).success().says("is up");
    copy.infra(&[&["destroy"], &typed.split(' ').collect::<Vec<_>>()[1..], &["--yes"]].concat()).success().says("is destroyed");
    redis::check(&url);

    // Copied without its hidden directories, it has the original's state and another owner id.
    fs::remove_file(place.join("infrastructure/environments/local/.instances").join(format!("{}.json", stack.name()))).unwrap();
    for (verb, options) in [("up", &["--yes"][..]), ("destroy", &["--yes"]), ("reset", &["--yes"])] {
        stack.with(&copy, verb, options).exits(3).says("was made with another instance file").says("infra adopt local");
    }
    assert_eq!((stack.containers(), docker::volumes(stack.name())), (before.0, before.1));

    // The second: a new identity, which can have the names when the original is gone.
    run("sh", &["-ec", between(&hint, "what was copied: ", " (Docker")]);
    copy.infra(&["check"]).success();
    stack.with(&copy, "up", &[]).exits(3).says("of another checkout of this project");
    let nothing = stack.with(&copy, "destroy", &["--yes"]).success().says(&format!("{title} had nothing"));
    assert!(!nothing.stderr.contains("is destroyed"), "{}", nothing.stderr);
    assert!(
        nothing.stderr.contains(&format!("not touched, because another checkout owns them: container `{}`", stack.docker_name("redis")))
    );
    redis::check(&url);
    stack.infra("destroy", &["--yes"]).success().says(&format!("{title} is destroyed"));
    stack.with(&copy, "up", &[]).success();
    stack.with(&copy, "destroy", &["--yes"]).success().says(&format!("{title} is destroyed"));
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_moved_checkout_goes_on_with_its_data_and_what_is_remembered_of_it() {
    let stack = Stack::with_settings("moved", ONLY_REDIS);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    let (here, there) = (stack.checkout().root().to_owned(), beside(&stack, "elsewhere"));
    let moved = Xtask::in_directory(&there);
    let applied = |kind: &str| stack.filed().iter().filter(|path| path.extension().is_some_and(|found| found == kind)).count();

    fs::rename(&here, &there).unwrap();
    let told = format!("`local/{}` was in {} before", stack.name(), stack.directory().display());
    stack.with(&moved, "up", &[]).success().says(&told);
    redis::check(&url);
    assert_eq!((applied("json"), applied("applied")), (1, 1), "carried over, not made anew");
    let again = stack.with(&moved, "up", &[]).success();
    assert!(!again.stderr.contains(" before: "), "{}", again.stderr);
    stack.with(&moved, "plan", &["--detailed-exitcode"]).success();

    // A dev container and its host take turns like this, and neither hears of it again.
    fs::rename(&there, &here).unwrap();
    for _ in 0..2 {
        let back = stack.infra("down", &[]).success();
        assert!(!back.stderr.contains(" before: "), "{}", back.stderr);
        stack.up();
    }
    redis::check(&url);

    // An earlier version did not write down the place.
    let copy = stack.filed().into_iter().find(|path| path.extension().is_some_and(|found| found == "json")).unwrap();
    let mut filed: Value = serde_json::from_str(&fs::read_to_string(&copy).unwrap()).unwrap();
    filed.as_object_mut().unwrap().remove("places").unwrap();
    fs::write(&copy, filed.to_string()).unwrap();
    stack.up().says("nothing changed");
    fs::write(&copy, filed.to_string()).unwrap();
    fs::rename(&here, &there).unwrap();
    let refused = stack.with(&moved, "destroy", &["--yes"]).exits(3);
    let typed = between(&refused.stderr, "cargo xtask infra ", " --reason TEXT");
    let typed: Vec<&str> = typed.split(' ').chain(["--yes"]).collect();
    moved.infra(&typed).exits(64).says("adopt needs a reason");
    moved.infra(&[&typed[..], &["--reason", "moved"]].concat()).success().says("adopted");
    stack.with(&moved, "up", &[]).success();
    redis::check(&url);

    stack.with(&moved, "destroy", &["--yes"]).success();
    fs::rename(&there, &here).unwrap();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_checkout_that_is_seen_under_two_paths_goes_on_under_both() {
    let stack = Stack::with_settings("seen-twice", ONLY_REDIS);
    let other = beside(&stack, "mounted");
    let Some(_mount) = BindMount::new(stack.checkout().root(), &other) else {
        return;
    };
    let mounted = Xtask::in_directory(&other);
    stack.up();
    let url = stack.variables().get("REDIS_URL").to_owned();
    redis::write(&url);
    for _ in 0..2 {
        let up = stack.with(&mounted, "up", &[]).success();
        assert!(!up.stderr.contains(" before: "), "{}", up.stderr);
        mounted.infra(&["check"]).success();
        stack.xtask().infra(&["check"]).success();
        stack.with(&mounted, "down", &[]).success();
        stack.up();
        redis::check(&url);
    }
    // With a state directory of its own, as in a container with another home.
    let home = temporary::directory();
    let elsewhere = mounted.env("XDG_STATE_HOME", home.path());
    stack.with(&elsewhere, "up", &[]).success();
    redis::check(&url);
    stack.infra("destroy", &["--yes"]).success();
    assert_eq!(stack.remains(), Vec::<String>::new());
}

#[test]
fn a_name_of_another_checkout_s_has_nothing_to_destroy() {
    let stack = Stack::with_settings("others", ONLY_REDIS);
    stack.up();
    let before = (stack.containers(), docker::volumes(stack.name()));
    let other = Checkout::new();
    let told = stack.with(&other.xtask(), "destroy", &["--yes"]).success();
    let expected =
        format!("nothing to destroy; not touched, because another checkout owns them: container `{}`", stack.docker_name("redis"));
    assert!(told.stderr.contains(&expected) && !told.stderr.contains("is destroyed"), "{}", told.stderr);
    assert_eq!((stack.containers(), docker::volumes(stack.name())), before);
}
