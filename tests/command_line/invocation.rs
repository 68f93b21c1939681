//! How Terraform is started: its exact arguments, and what reaches it of the caller's environment.

use infra_tests::checkout::Checkout;
use infra_tests::process::Call as Shell;
use infra_tests::temporary;
use infra_tests::xtask::{self, Xtask};

use super::fake_terraform::{Call, FakeTerraform};
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\ncredentials = [\"password\"]\n";

/// Plans have changes, and the outputs are empty.
const ANSWERS: &str = "init) mkdir -p \"${1#-chdir=}/.terraform\" ;;\nplan) out \"$@\"; complete plan; exit 2 ;;\napply) complete apply ;;\nshow) echo '{\"format_version\": \"1.2\"}' ;;\n\
     output) echo '{}' ;;";

struct Prepared {
    plain: Plain,
    terraform: FakeTerraform,
}

impl Prepared {
    fn new() -> Self {
        Self { plain: Plain::new(POLICY, "variable \"wanted\" {\n  default = \"\"\n}\n"), terraform: FakeTerraform::new(ANSWERS) }
    }

    fn xtask(&self) -> Xtask {
        self.plain.xtask().env("PATH", self.terraform.path())
    }

    /// The arguments of every call, after the directory, which is the same in all of them.
    fn arguments(&self, calls: &[Call]) -> Vec<String> {
        let directory = format!("-chdir={}", self.plain.checkout.environment(NAME).display());
        let after = |call: &Call| {
            assert_eq!(call.arguments[0], directory);
            call.arguments[1..].join(" ")
        };
        calls.iter().map(after).collect()
    }

    fn plan_file(&self, instance: &str) -> String {
        self.plain.checkout.environment(NAME).join(format!(".instances/{instance}.tfplan")).display().to_string()
    }
}

#[test]
fn every_command_line_is_exact() {
    let prepared = Prepared::new();
    let xtask = prepared.xtask();
    let plan = prepared.plan_file("t1");
    let planned = format!("plan -json -input=false -detailed-exitcode -lock-timeout=60s -out={plan}");
    let show = format!("show -json -no-color {plan}");
    let apply = format!("apply -json -input=false -lock-timeout=60s {plan}");
    let destroy = format!("plan -json -input=false -detailed-exitcode -lock-timeout=60s -destroy -out={plan}");
    let output = "output -json -no-color";
    for (verb, options, expected) in [
        ("init", &[][..], vec!["init -json -input=false"]),
        ("plan", &[], vec![&planned]),
        ("apply", &[], vec![&show, &apply]),
        ("up", &[], vec![&planned, &apply, output]),
        ("destroy", &["--yes"], vec![&destroy, &apply, "workspace delete -no-color t1"]),
    ] {
        xtask.infra(&[&[verb, NAME, "--instance", "t1"], options].concat()).success();
        assert_eq!(prepared.arguments(&prepared.terraform.take()), expected, "{verb}");
    }
}

/// As by the policy that `create-backend` prints: everything is gone, and only the empty state has to stay.
#[test]
fn a_state_that_nobody_may_delete_is_no_reason_to_keep_the_rest() {
    let denied = "User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: s3:DeleteObject on resource: arn:aws:s3:::b/k";
    let answers =
        format!("{ANSWERS}\nworkspace) echo 'Error: operation error S3: DeleteObject, api error AccessDenied: {denied}' >&2; exit 1 ;;");
    let elsewhere = "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key    = \"k\"\n  }\n}\n";
    for (code, exit) in [(elsewhere, 0), ("", 1)] {
        let (plain, terraform) = (Plain::new(POLICY, code), FakeTerraform::new(&answers));
        let xtask = plain.xtask().env("PATH", terraform.path());
        xtask.infra(&["init", NAME, "--instance", "t1"]).success();
        let outcome = xtask.infra(&["destroy", NAME, "--instance", "t1", "--yes"]).exits(exit);
        let file = plain.checkout.environment(NAME).join(".instances/t1.json");
        assert_eq!(file.exists(), exit != 0, "{}", outcome.stderr);
        if exit == 0 {
            outcome
                .says("warning: the state of `plain/t1` is empty and stays where it is: ")
                .says("AWS denies S3 DeleteObject")
                .says(denied);
        }
    }
}

#[test]
fn a_plugin_cache_is_written_by_one_at_a_time() {
    let cache = temporary::directory();
    let log = cache.path().join("log");
    let init = format!("init) echo begin >> '{0}'; sleep 0.5; echo end >> '{0}' ;;", log.display());
    let terraform = FakeTerraform::new(&init);
    let checkouts = [Plain::new(POLICY, ""), Plain::new(POLICY, "")];
    let xtasks = checkouts
        .each_ref()
        .map(|plain| plain.xtask().env("PATH", terraform.path()).env("TF_PLUGIN_CACHE_DIR", cache.path()).start(&["init", NAME]));
    xtasks.into_iter().for_each(|xtask| drop(xtask.finish().success()));
    assert_eq!(std::fs::read_to_string(log).unwrap(), "begin\nend\nbegin\nend\n");
}

#[test]
fn the_callers_environment_cannot_lead_terraform_elsewhere() {
    let prepared = Prepared::new();
    let xtask = [
        ("TF_WORKSPACE", "evil"),
        ("TF_DATA_DIR", "/evil"),
        ("TF_CLI_ARGS", "-lock=false"),
        ("TF_CLI_ARGS_plan", "-destroy"),
        ("TF_CLI_ARGS_apply", "-auto-approve"),
        ("TF_CLI_CONFIG_FILE", "/evil"),
        ("TERRAFORM_CONFIG", "/evil"),
        ("TF_INPUT", "1"),
        ("TF_REATTACH_PROVIDERS", "{}"),
        // An input that the environment declares is the caller's to give, and another one is a mistake.
        ("TF_VAR_wanted", "kept"),
        ("TF_VAR_unknown", "evil"),
    ]
    .into_iter()
    .fold(prepared.xtask(), |xtask, (name, value)| xtask.env(name, value));
    let config = prepared.plain.home.path().join("cache/tracker-infra/terraform.rc");
    for (instance, workspace) in [(&[][..], "default"), (&["--instance", "t1"], "t1")] {
        const WITHHELD: &str = "warning: set in your shell and withheld from Terraform: TF_CLI_ARGS, TF_CLI_ARGS_apply, TF_CLI_ARGS_plan, \
                                TF_DATA_DIR, TF_REATTACH_PROVIDERS, TF_VAR_unknown, TF_WORKSPACE\n";
        let told = xtask.infra(&[&["plan", NAME], instance].concat()).success();
        assert!(told.stderr.starts_with(&format!("{WITHHELD}from your shell: TF_VAR_wanted\n")), "{}", told.stderr);
        assert_eq!(told.stderr.matches("TF_").count(), WITHHELD.matches("TF_").count() + 1, "each is named once: {}", told.stderr);
        // A look takes no inputs.
        let looked = xtask.infra(&[&["output", NAME], instance].concat()).exits(1);
        assert!(looked.stderr.starts_with(&format!("{WITHHELD}error: ")), "{}", looked.stderr);
        for call in prepared.terraform.take() {
            let expected = [
                "CHECKPOINT_DISABLE=1".to_owned(),
                format!("TF_CLI_CONFIG_FILE={}", config.display()),
                "TF_IN_AUTOMATION=1".to_owned(),
                "TF_VAR_wanted=kept".to_owned(),
                format!("TF_WORKSPACE={workspace}"),
            ];
            assert_eq!(call.variables, expected, "{:?}", call.arguments);
            assert!(!call.environment.contains("evil"), "{}", call.environment);
        }
    }
}

#[test]
fn no_secret_is_an_argument_or_in_the_environment() {
    let prepared = Prepared::new();
    let told = prepared.xtask().infra(&["up", NAME, "--verbose"]).success();
    let file = prepared.plain.checkout.environment(NAME).join(".instances/default.json");
    let instance: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let secret = instance["credentials"]["password"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    let calls = prepared.terraform.take();
    assert_eq!(calls.len(), 4);
    for call in calls {
        assert!(!call.arguments.join(" ").contains(secret) && !call.environment.contains(secret));
    }
    assert!(told.stderr.contains("terraform") && !told.stderr.contains(secret), "{}", told.stderr);
}

#[test]
fn init_runs_again_only_when_what_it_reads_has_changed() {
    let prepared = Prepared::new();
    let xtask = prepared.xtask();
    let init = "init -json -input=false";
    let is_initialised = || prepared.arguments(&prepared.terraform.take()).iter().any(|arguments| arguments == init);
    xtask.infra(&["plan", NAME]).success();
    assert!(is_initialised(), "the first time");
    xtask.infra(&["plan", NAME]).success();
    assert!(!is_initialised(), "nothing has changed");
    prepared.plain.checkout.write(&format!("environments/{NAME}/main.tf"), "# another comment\n");
    xtask.infra(&["plan", NAME]).success();
    assert!(is_initialised(), "the code has changed");
}

#[test]
fn the_checks_of_the_code_are_not_led_elsewhere_either() {
    let (checkout, terraform) = (Checkout::new(), FakeTerraform::new("validate) echo '{\"valid\": true}' ;;"));
    let call = Shell::new(xtask::binary()).args(["test-infra", "--only", "static"]).directory(checkout.root()).env("CARGO", "true");
    let call = call.env("PATH", terraform.path()).env("TF_CLI_ARGS", "-evil").env("TF_DATA_DIR", "/evil").env("TF_VAR_redis", "evil");
    let told = call.env("TF_WORKSPACE", "evil").run().success();
    assert_eq!(
        told.stderr.matches("withheld from Terraform: TF_CLI_ARGS, TF_DATA_DIR, TF_VAR_redis, TF_WORKSPACE\n").count(),
        1,
        "{}",
        told.stderr
    );
    let calls = terraform.take();
    assert!(calls.len() > 10, "{calls:?}");
    for call in calls {
        assert!(!call.environment.contains("evil"), "{:?}: {}", call.arguments, call.environment);
    }
}
