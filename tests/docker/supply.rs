//! Images that are missing or cannot be built.

use infra_tests::checkout::Checkout;
use infra_tests::docker::{self, Foreign};
use infra_tests::process::{Call, is_installed};
use infra_tests::small_disk::SmallDisk;
use infra_tests::stack::{ONLY_REDIS, Stack, unique};

#[test]
fn a_build_that_fails_says_where_its_log_is_and_what_it_said_last() {
    let checkout = Checkout::new();
    let place = tempfile::tempdir().unwrap();
    let image = format!("localhost/infra-tests/redis:{}", unique("failing"));
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    checkout.replace("images/images.toml", "image  = \"localhost/tracker/redis:8.0.2-debian\"", &format!("image  = \"{image}\""));
    checkout.replace("images/images.toml", "\"redis-server\", \"redis-tools\"", "\"no-such-package-of-debian\"");
    let xtask = checkout.xtask().env("XDG_CACHE_HOME", place.path().join("cache")).env("XDG_STATE_HOME", place.path().join("state"));

    let outcome = xtask.infra(&["supply", "redis"]).exits(1);
    assert_eq!(docker::run(&["image", "inspect", &image]).code, Some(1), "no half image");
    if !is_installed("mmdebstrap") {
        outcome.says("--bootstrap");
        return;
    }
    let log = place.path().join("cache/tracker-infra/logs/redis.log");
    outcome.clone().says(log.to_str().unwrap()).says("Unable to locate package no-such-package-of-debian").says("hint: ");
    assert!(std::fs::read_to_string(log).unwrap().contains("no-such-package-of-debian"));

    let missing = xtask.infra(&["supply", "--check", "redis"]).exits(1);
    assert!(missing.stdout.lines().any(|line| line.contains(&image) && line.contains("missing")), "{}", missing.stdout);
    assert_eq!(missing.hinted(), ["cargo xtask infra supply redis"]);
}

#[test]
fn a_program_that_finds_no_space_is_not_half_there() {
    if !is_installed("mmdebstrap") || !is_installed("go") {
        return;
    }
    let checkout = Checkout::new();
    checkout.write("images/redis/go/go.mod", "module example.com/small\n\ngo 1.24\n");
    checkout.write("images/redis/go/main.go", "package main\n\nfunc main() { println(\"small\") }\n");
    let manifest = std::fs::read_to_string(checkout.infrastructure("images/images.toml")).unwrap();
    let manifest = manifest.replace("localhost/tracker/redis:8.0.2-debian", &format!("localhost/infra-tests/redis:{}", unique("small")));
    let program = "[[redis.packages.go]]\nmodule = \"go\"\npackage = \"example.com/small\"\noutput = \"small\"\n";
    checkout.write("images/images.toml", &format!("{manifest}\n{program}"));
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");

    let place = tempfile::tempdir().unwrap();
    let cache = place.path().join("cache");
    std::fs::create_dir(&cache).unwrap();
    let Some(disk) = SmallDisk::over(&cache, 8) else { return };
    disk.fill(512);
    let xtask = checkout.xtask().env("XDG_CACHE_HOME", &cache).env("XDG_STATE_HOME", place.path().join("state"));
    let failed = xtask.infra(&["supply", "redis"]).exits(1);
    let complaint = failed.complaint();
    assert!(complaint.starts_with("error: compiling example.com/small ended with exit status 1; its log is "), "{}", failed.stderr);
    assert!(complaint.contains("no space left on device") && complaint.contains("\nhint: make room"), "{complaint}");
    let left = Call::new("find").args([cache.join("tracker-infra/go")]).args(["-type", "f"]).run().success();
    assert_eq!(left.stdout, "", "nothing that could be taken for the program");
}

#[test]
fn an_image_that_the_manifest_does_not_have_is_named() {
    Checkout::new().xtask().infra(&["supply", "mongodb"]).exits(64).says("the manifest has no image `mongodb`").says("hint: it has ");
}

/// A stack whose Redis is built for it alone.
fn built_here(theme: &str) -> (Stack, Foreign) {
    let stack = Stack::with_settings(theme, ONLY_REDIS);
    let image = Foreign::image_to_be(&format!("localhost/infra-tests/redis:{}", unique(theme)));
    stack.checkout().replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    let built = "image  = \"localhost/tracker/redis:8.0.2-debian\"";
    stack.checkout().replace("images/images.toml", built, &format!("image  = \"{}\"", image.name));
    (stack, image)
}

#[test]
fn an_image_whose_recipe_changes_while_all_is_down_is_built_anew_and_runs() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let (stack, image) = built_here("recipe");
    stack.up();
    let id = || docker::read(&["image", "inspect", "--format", "{{.Id}}", &image.name]);
    let before = id();
    stack.infra("down", &[]).success();
    let recipe = stack.checkout().infrastructure("images/redis/customize.sh");
    let edited = std::fs::read_to_string(&recipe).unwrap() + "# edited\n";
    std::fs::write(recipe, edited).unwrap();
    stack.up();
    assert_ne!(id(), before, "built anew");
    let running = docker::read(&["container", "inspect", "--format", "{{.Image}}", &stack.docker_name("redis")]);
    assert_eq!(running, id());
    // The image can go when no container needs it any more.
    drop(stack);
}

#[test]
#[ignore = "thorough: builds an image twice, as the test before does"]
fn an_image_removed_behind_our_back_is_missed_and_got_again() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let (stack, image) = built_here("removed");
    stack.up();
    let before = stack.containers();
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ maxmemory = \"100mb\" }}\n"));
    stack.infra("plan", &["--detailed-exitcode"]).exits(2);
    docker::read(&["image", "rm", "--force", &image.name]);
    stack.infra("apply", &[]).exits(3).complains(&format!(
        "error: images that the plan names are not there as they were when it was made\n\
         hint: plan again: cargo xtask infra plan local --instance {}\n",
        stack.name()
    ));
    assert_eq!(stack.containers(), before, "nothing was touched");

    stack.infra("down", &[]).success();
    docker::run(&["image", "prune", "--force", "--filter", &format!("label=io.tracker.image={}", image.name)]);
    stack.up().says(&format!("image {} built from packages", image.name));
    stack.infra("plan", &["--detailed-exitcode"]).success();
    stack.infra("destroy", &["--yes"]).success();
}

#[test]
fn an_image_that_cannot_be_got_again_takes_nothing_away() {
    let stack = Stack::with_settings("lost", ONLY_REDIS);
    stack.infra("init", &[]).success();
    let supplied = stack.instance_file()["images"]["redis"]["reference"].as_str().unwrap().to_owned();
    let image = Foreign::image(&supplied, &format!("localhost/infra-tests/redis:{}", unique("lost")));
    stack.checkout().settings(&format!("{ONLY_REDIS}redis = {{ image = \"{}\" }}\n", image.name));
    stack.up();
    let before = stack.containers();
    docker::read(&["image", "rm", "--force", &image.name]);
    let failed = stack.infra("up", &[]).exits(1);
    assert!(failed.complaint().starts_with(&format!("error: {}: ", image.name)), "{}", failed.stderr);
    assert!(failed.complaint().contains("\nhint: "), "{}", failed.stderr);
    assert_eq!(stack.containers(), before);
}
