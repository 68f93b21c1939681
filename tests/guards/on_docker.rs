//! Accidents with things that are there: volumes and networks of a real engine.

use std::fs;
use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::docker;
use infra_tests::own_engine::OwnEngine;
use infra_tests::process::{Call, Outcome};
use infra_tests::snapshot;
use infra_tests::stack::{ONLY_REDIS, Stack};

const ROOT: &str = "terraform {\n  required_providers {\n    docker = {\n      source  = \"kreuzwerker/docker\"\n      version = \"4.6.0\"\n    }\n  }\n}\n";

/// A stack of `local`, and an environment `second` beside it with code of its own; both known to infra.toml.
struct Beside {
    stack: Stack,
    /// The shell's lines with which plain Terraform finds the provider.
    exports: String,
}

impl Beside {
    fn new(theme: &str, settings: &str, code: impl Fn(&Stack) -> String) -> Self {
        let checkout = Arc::new(Checkout::new());
        checkout.settings(&format!("{ONLY_REDIS}{settings}"));
        let config = fs::read_to_string(checkout.infrastructure("infra.toml")).unwrap();
        checkout.write("infra.toml", &format!("{config}\n[environments.second]\nprotected = false\ndocker = true\n"));
        let stack = Stack::in_checkout(&checkout, theme);
        stack.up();
        let printed = stack.infra("init", &[]).success().stderr;
        let is_wanted = |line: &&str| line.starts_with("export ") && !line.contains("TF_WORKSPACE");
        let exports = printed.lines().map(str::trim).filter(is_wanted).collect::<Vec<_>>().join("\n");
        let beside = Self { stack, exports };
        beside.write(&code(&beside.stack));
        beside
    }

    /// Replaces the code of `second`.
    fn write(&self, code: &str) {
        self.stack.checkout().write("environments/second/main.tf", &format!("{ROOT}{code}"));
    }

    /// Bare Terraform in `second`.
    fn terraform(&self, arguments: &str) -> Outcome {
        let script = format!("{}\ncd \"$SECOND\"\nterraform {arguments}", self.exports);
        let directory = self.stack.checkout().environment("second");
        let call = Call::new("sh").args(["-ec", &script]).env("SECOND", directory).env("TF_CLI_ARGS", "-no-color").env("GOGC", "off");
        call.env_remove("TF_WORKSPACE").run()
    }
}

/// Expects that a plan of `second` and `check` refuse with this, and that nothing has changed.
#[track_caller]
fn refused(stack: &Stack, place: &str, what: &str) {
    let mine = |stack: &Stack| (docker::everything(stack.name()), stack.containers());
    let files = |stack: &Stack| {
        let mut files = snapshot::of(&[stack.checkout().root()]);
        files.retain(|path, _| path.extension().is_none_or(|extension| extension != "lock"));
        files
    };
    let before = (mine(stack), files(stack));
    let expected = format!("infrastructure/environments/{place}: {what}");
    stack.checkout().xtask().infra(&["plan", "second"]).exits(3).says(&expected).says("hint: ");
    let listed = stack.checkout().xtask().infra(&["check"]).exits(3).stdout;
    assert!(listed.contains(&expected), "{listed}");
    snapshot::assert_same(&before.1, &files(stack));
    assert_eq!(before.0, mine(stack));
}

#[test]
fn what_another_environment_owns_is_not_imported_and_not_looked_up_undeclared() {
    // Left to itself, bare Terraform would import the volume only to replace it, over its labels.
    let volume =
        |name: &str| format!("resource \"docker_volume\" \"theirs\" {{\n  name = \"{name}\"\n  lifecycle {{ ignore_changes = all }}\n}}\n");
    let beside = Beside::new("import", "network = true\n", |stack| {
        let name = stack.docker_name("redis");
        format!("{}\nimport {{\n  to = docker_volume.theirs\n  id = \"{name}\"\n}}\n", volume(&name))
    });
    let stack = &beside.stack;
    let (name, title) = (stack.docker_name("redis"), format!("local/{}", stack.name()));
    let what = format!("`second` would import docker_volume.theirs `{name}`, which the state of `{title}` owns");
    refused(stack, "second/main.tf:16", &what);
    stack.infra("plan", &["--detailed-exitcode"]).success();

    // An id that only a plan can know: `check` does not know every function.
    let computed =
        format!("{}\nimport {{\n  to = docker_volume.theirs\n  id = base64decode(base64encode(\"{name}\"))\n}}\n", volume(&name));
    beside.write(&computed);
    let refusal = stack.checkout().xtask().infra(&["plan", "second"]).exits(3);
    refusal.says(&format!("error: {what}")).says("hint: remove the import block");

    // Bare Terraform takes it, and from then on both own it.
    beside.terraform("init -input=false").success();
    beside.terraform("apply -auto-approve -input=false").success();
    beside.write(&volume(&name));
    refused(stack, "second/terraform.tfstate:1", &format!("`{title}` and `second` both own docker_volume `{name}`"));
    stack.infra("plan", &[]).exits(3).says("both own docker_volume");
    beside.terraform("state rm docker_volume.theirs").success();

    beside.write(&format!("data \"docker_network\" \"theirs\" {{\n  name = \"tracker-local-{}\"\n}}\n", stack.name()));
    let what = format!("`second` looks up docker_network `tracker-local-{}`, which the state of `local` owns", stack.name());
    refused(stack, "second/main.tf:10", &what);
    beside.terraform("plan -input=false").success();
    let config = fs::read_to_string(stack.checkout().infrastructure("infra.toml")).unwrap();
    stack.checkout().write("infra.toml", &format!("{config}reads_state_of = [\"theirs\"]\n"));
    stack.checkout().xtask().infra(&["check"]).success();
}

#[test]
fn another_engine_than_the_one_it_was_made_on_is_refused() {
    // Up to Docker 23 it has the id of the machine's own: both make it from one key.
    let Some(other) = OwnEngine::start(&[]) else { return };
    let stack = Stack::with_settings("engine", ONLY_REDIS);
    let there = stack.xtask().env("DOCKER_HOST", other.host());
    stack.infra("plan", &["--out", "saved.tfplan"]).success();
    let refused = stack.with(&there, "apply", &["saved.tfplan"]).exits(3);
    refused.says("error: the plan is stale: it was made on the Docker engine ").says(", and this is ").says("hint: ");
    assert_eq!((stack.containers(), other.docker(&["volume", "ls", "--quiet"]).stdout.as_str()), (Vec::new(), ""));
    stack.up();
    let files = || {
        let mut files = snapshot::of(&[stack.checkout().root()]);
        // The plan that was saved last is thrown away by whatever may make another one.
        let is_kept =
            |path: &std::path::Path| !["lock", "tfplan", "provenance"].iter().any(|of| path.extension().is_some_and(|found| found == *of));
        files.retain(|path, _| is_kept(path) && !path.ends_with(".instances"));
        files
    };
    let before = (stack.containers(), files());
    for (verb, options) in
        [("plan", &[][..]), ("up", &["--yes"]), ("down", &[]), ("reset", &["--yes"]), ("destroy", &["--yes"]), ("apply", &["saved.tfplan"])]
    {
        let refused = stack.with(&there, verb, options).exits(3);
        refused.says("was made on another Docker engine: ").says(", and this is ").says("hint: ");
        assert_eq!((stack.containers(), files()), before, "{verb}");
        assert_eq!(other.docker(&["volume", "ls", "--quiet"]).stdout, "", "{verb}");
    }
    // Bare Terraform finds nothing there of what its state describes, and would make all of it again.
    let printed = stack.infra("init", &[]).success().stderr;
    let exports: String =
        printed.lines().map(str::trim).filter(|line| line.starts_with("export ")).map(|line| format!("{line}\n")).collect();
    let script = format!("{exports}cd \"$LOCAL\"\nterraform plan -no-color -input=false");
    let call = Call::new("sh").args(["-ec", &script]).env("LOCAL", stack.directory()).env("DOCKER_HOST", other.host());
    let planned = call.env_remove("TF_WORKSPACE").run().success().stdout;
    assert!(planned.contains("docker_volume") && planned.contains("will be created"), "{planned}");
    stack.infra("down", &[]).success();
}
