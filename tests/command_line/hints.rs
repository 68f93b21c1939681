//! Hints, followed as they stand: what is typed, what the hint says, and that it then works.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use infra_tests::checkout::Checkout;
use infra_tests::process::Call;
use infra_tests::xtask::{self, Xtask};

use super::fake_terraform::FakeTerraform;
use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

/// A variable, an output, and nothing that needs a provider.
const CODE: &str = r#"
variable "word" {
  default = "one"
}

resource "terraform_data" "one" {
  input = var.word
}

output "services" {
  value = {}
}

output "env" {
  sensitive = true
  value     = { WORD = terraform_data.one.output }
}
"#;

/// Types something that fails with this code, does what the first command of the hint says, or all of them, and types the next.
#[track_caller]
fn follow(xtask: &Xtask, typed: &[&str], code: i32, then: &[&str]) {
    let failed = xtask.infra(typed).exits(code);
    let hinted = failed.hinted();
    assert!(!hinted.is_empty(), "{}\nhas no command in its hint:\n{}", failed.shown, failed.stderr);
    xtask.infra_after(&hinted.join(" && "), then).success();
}

#[test]
fn what_was_not_made_yet_is_made_by_the_hint() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask();
    for instance in [&[][..], &["--instance", "t1"]] {
        let typed = |verb: &'static str| [&[verb, NAME], instance].concat();
        follow(&xtask, &typed("env"), 1, &typed("env"));
        follow(&xtask, &typed("apply"), 1, &typed("apply"));
        // A plan of something that has changed since.
        xtask.infra(&typed("plan")).success();
        plain.checkout.write("environments/plain/main.tf", &CODE.replace("\"one\"\n}", &format!("\"{}\"\n}}", instance.len())));
        follow(&xtask, &typed("apply"), 3, &typed("apply"));
        xtask.infra(&[&typed("destroy")[..], &["--yes"]].concat()).success();
    }
}

/// A provider listens on a socket there, and Terraform takes one that cannot for a program of another architecture.
#[test]
fn a_directory_for_temporary_files_that_no_provider_can_listen_in_is_named() {
    let plain = Plain::new(POLICY, CODE);
    let long = plain.home.path().join("x".repeat(90));
    fs::create_dir(&long).unwrap();
    for directory in [plain.home.path().join("missing"), long] {
        let xtask = plain.xtask().env("TMPDIR", &directory);
        let message = format!("the directory for temporary files, {}, ", directory.display());
        xtask.infra(&["plan", NAME]).exits(1).says(&format!("error: {message}"));
        let listed = xtask.infra(&["doctor"]).exits(1).stdout;
        assert!(listed.lines().any(|line| line.starts_with("temporary files  missing") && line.contains(&message)), "{listed}");
        follow(&xtask, &["plan", NAME], 1, &["plan", NAME]);
    }
}

/// Version managers put a program in Terraform's place that says which version it has chosen.
#[test]
fn a_terraform_that_is_announced_works_and_one_that_is_not_terraform_is_shown() {
    let plain = Plain::new(POLICY, CODE);
    let row = |xtask: &Xtask| {
        let listed = xtask.infra(&["doctor"]).stdout;
        listed.lines().find(|line| line.starts_with("terraform ")).unwrap().to_owned()
    };
    let real = infra_tests::process::which("terraform");
    let announced = FakeTerraform::instead(&format!("echo 'using the version of .terraform-version'\nexec '{}' \"$@\"", real.display()));
    let xtask = plain.xtask().env("PATH", announced.path());
    assert!(row(&xtask).contains(" ok "), "{}", row(&xtask));
    for verb in ["validate", "up", "up", "env"] {
        xtask.infra(&[verb, NAME]).success();
    }
    let other = FakeTerraform::instead("echo 'no version is set: run tfenv use' >&2; exit 1");
    let row = row(&plain.xtask().env("PATH", other.path()));
    assert!(row.contains("does not say its version, but: no version is set: run tfenv use"), "{row}");
    assert!(row.contains("terraform version -json` has to print"), "{row}");
}

/// No engine, no context, an engine that does not answer: a row each, and all the others.
#[test]
fn doctor_prints_its_table_whatever_is_missing() {
    let checkout = Checkout::new();
    for (name, value, expected) in [
        ("DOCKER_HOST", "unix:///nonexistent/docker.sock", "`unset DOCKER_HOST`"),
        ("DOCKER_HOST", "tcp://127.0.0.1:1", "`unset DOCKER_HOST`"),
        ("DOCKER_CONTEXT", "nonexistent", "`docker context ls`"),
    ] {
        // It counts for more than a context.
        let outcome = checkout.xtask().env("DOCKER_HOST", "").env(name, value).infra(&["doctor"]).exits(1);
        for item in ["terraform ", "temporary files ", "disk ", "docker engine "] {
            assert!(outcome.stdout.lines().any(|line| line.starts_with(item)), "{item}: {}", outcome.stdout);
        }
        let engine = outcome.stdout.lines().find(|line| line.starts_with("docker engine ")).unwrap();
        assert!(engine.contains(expected), "{engine}");
    }
}

/// As Notepad and PowerShell's `>` write them.
#[test]
fn a_file_in_utf_16_is_converted_by_the_hint() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask();
    for (file, text) in [
        ("environments/plain/terraform.tfvars", "word = \"two\"\n"),
        ("environments/plain/more.tf", "locals {}\n"),
        ("environments/plain/lineage.toml", "other = \"x\"\n"),
        ("infra.toml", ""),
        ("images/images.toml", ""),
    ] {
        let path = plain.checkout.infrastructure(file);
        let text = if text.is_empty() { fs::read_to_string(&path).unwrap() } else { text.to_owned() };
        let bytes: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        fs::write(&path, bytes).unwrap();
        let (typed, code) = match file {
            "infra.toml" => (&["plan", NAME][..], 1),
            "images/images.toml" => (&["supply", "--check", "redis"][..], 1),
            _ => (&["plan", NAME][..], 3),
        };
        assert!(xtask.infra(typed).exits(code).stderr.contains("it is UTF-16, and has to be UTF-8"), "{file}");
        follow(&xtask, typed, code, typed);
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{file}");
    }
}

/// A first run with sudo leaves files of root's where one's own run has to write.
#[test]
fn what_another_user_left_is_taken_over_by_the_hint() {
    let plain = Plain::new(POLICY, CODE);
    if Call::new("id").args(["-u"]).run().success().stdout.trim() != "0" {
        return;
    }
    let home = plain.home.path();
    let binary = home.join("xtask");
    xtask::copy_binary(&binary);
    let own = plain.checkout.root().parent().unwrap();
    Call::new("chown").args(["-R", "65534:65534"]).args([home, own]).run().success();
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(own, fs::Permissions::from_mode(0o755)).unwrap();
    let as_oneself = || {
        let call = Call::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups"]).args([&binary]);
        let call = call.args(["infra", "up", NAME]).directory(plain.checkout.root()).env("HOME", home);
        call.env("XDG_CACHE_HOME", home.join("cache")).env("XDG_STATE_HOME", home.join("state")).run()
    };
    // As root, with the user's HOME: as sudo does it where HOME is kept.
    plain.xtask().infra(&["up", NAME]).success();
    let mut outcome = as_oneself();
    let mut rounds = 0;
    while outcome.code != Some(0) {
        assert!(outcome.stderr.contains("hint: it belongs to root: `sudo chown -R 65534:65534 '"), "{}", outcome.stderr);
        let hinted = outcome.hinted().concat();
        Call::new("sh").args(["-ec", &format!("sudo() {{ \"$@\"; }}\n{hinted}")]).run().success();
        rounds += 1;
        assert!(rounds <= 3, "it is never enough: {}", outcome.stderr);
        outcome = as_oneself();
    }
    assert!(rounds > 0, "nothing was in the way");
}

/// The directory has a blank and a quote in its name.
#[test]
fn what_stands_in_the_way_of_a_state_is_put_right_by_the_hint() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask();
    let directory = plain.checkout.environment(NAME);
    for (instance, state) in [(&[][..], "terraform.tfstate"), (&["--instance", "t1"], "terraform.tfstate.d/t1/terraform.tfstate")] {
        let up = [&["up", NAME], instance].concat();
        xtask.infra(&up).success();
        plain.checkout.write("environments/plain/terraform.tfvars", &format!("word = \"{}\"\n", instance.len() + 2));
        xtask.infra(&up).success();
        let state = directory.join(state);

        // Cut off in the middle; the one before lies beside it.
        let whole = fs::read(&state).unwrap();
        fs::write(&state, &whole[..whole.len() / 2]).unwrap();
        let damaged = xtask.infra(&up).exits(1).says("is damaged");
        xtask.infra_after(&format!("{} --yes", damaged.hinted().join(" && ")), &up).success();

        // Left by plain Terraform, which could not write it in its place.
        let mut newer: serde_json::Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
        newer["serial"] = (newer["serial"].as_u64().unwrap() + 1).into();
        fs::write(directory.join("errored.tfstate"), serde_json::to_vec(&newer).unwrap()).unwrap();
        follow(&xtask, &up, 3, &up);
        assert!(!directory.join("errored.tfstate").exists());
    }

    plain.checkout.write("environments/plain/.terraform/environment", "gone");
    follow(&xtask, &["up", NAME], 3, &["up", NAME]);

    let git = |arguments: &[&str]| Call::new("git").args(arguments).directory(plain.checkout.root()).run().success();
    git(&["init", "--quiet"]);
    git(&["add", "--force", "infrastructure/environments/plain/terraform.tfstate"]);
    follow(&xtask, &["up", NAME], 3, &["up", NAME]);
    assert!(directory.join("terraform.tfstate").exists(), "it is taken out of git alone");
}
