//! Runs that are asked to stop, in an environment without containers: what they say, and what the next run finds.

use infra_tests::poll;
use infra_tests::proc::{self, Process};
use infra_tests::process::{Call, Outcome, Running, signal};
use infra_tests::screen::{self, Screen};
use infra_tests::small_disk::SmallDisk;

use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

/// One resource that is made at once, one that takes as long as a file is there, and one that waits for that.
const CODE: &str = r#"
resource "terraform_data" "first" {}

resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  # 16 KiB of state.
  input      = join("", [for n in range(1000) : "0123456789abcdef"])
  provisioner "local-exec" {
    command = ": > begun; while [ -e hold ]; do sleep 0.05; done"
  }
}

resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}

output "services" {
  value = {}
}

output "env" {
  sensitive = true
  value     = {}
}
"#;

/// Waits until the run has said this.
fn until_said(running: &Running, text: &str) {
    poll::until(text, || if running.said().contains(text) { Ok(()) } else { Err(running.said()) });
}

/// Waits until the slow resource is under way.
fn until_begun(plain: &Plain, running: &mut Running) {
    poll::until("the slow resource", || match plain.checkout.environment(NAME).join("begun").exists() {
        true => Ok(()),
        false if running.has_ended() => panic!("it ended before: {}", running.said()),
        false => Err(running.said()),
    });
}

fn hold(plain: &Plain) {
    plain.checkout.write(&format!("environments/{NAME}/hold"), "");
}

fn release(plain: &Plain) {
    std::fs::remove_file(plain.checkout.environment(NAME).join("hold")).unwrap();
}

/// What the person sees at the end: all of it in whole lines, and the cursor.
fn screen(outcome: &Outcome) -> Screen {
    let screen = screen::shown(&outcome.stdout);
    assert!(screen.column == 0 && screen.cursor, "the shell's prompt would follow half a line, or nothing is seen:\n{screen:#?}");
    screen
}

#[test]
fn ctrl_c_at_a_question_changes_nothing() {
    let plain = Plain::new("", CODE);
    let (running, terminal) = plain.xtask().start_in_terminal(&["up", NAME]);
    until_said(&running, "go on? [y/N]");
    terminal.press_ctrl_c();
    let outcome = running.finish().exits(130);
    let lines = screen(&outcome).lines;
    let expected = [
        "error: interrupted at a question; nothing was changed",
        "hint: `cargo xtask infra up plain` goes on from here and repairs what is half done",
        "",
    ];
    assert!(lines.ends_with(&expected.map(ToOwned::to_owned)), "{lines:#?}");
    assert!(!plain.checkout.environment(NAME).join("terraform.tfstate").exists());
}

#[test]
fn who_waits_for_a_lock_can_be_stopped() {
    let plain = Plain::new("", CODE);
    let (holder, terminal) = plain.xtask().start_in_terminal(&["up", NAME]);
    until_said(&holder, "go on? [y/N]");

    let waiting = plain.xtask().start(&["plan", NAME]);
    until_said(&waiting, "is in use by another run");
    waiting.signal("TERM");
    let pid = holder.id();
    waiting.finish().exits(130).complains(&format!(
        "error: interrupted while waiting for `plain`, which another run (pid {pid}) uses\nhint: `cargo xtask infra plan plain` begins again\n"
    ));

    // The window is closed, and with it goes the question.
    terminal.close();
    holder.finish();
    plain.xtask().infra(&["up", NAME, "--yes"]).success();
}

#[test]
fn an_interrupted_apply_says_what_became_of_each_change() {
    let plain = Plain::new(POLICY, CODE);
    hold(&plain);
    let (mut running, terminal) = plain.xtask().start_in_terminal(&["up", NAME]);
    until_begun(&plain, &mut running);
    terminal.press_ctrl_c();
    let outcome = running.finish().exits(130);
    let lines = screen(&outcome).lines;
    let expected = [
        "error: interrupted: 1 of 3 changes to `plain` were made",
        "  made        terraform_data.first",
        "  broken off  terraform_data.slow",
        "  not begun   terraform_data.last",
        "hint: `cargo xtask infra up plain` goes on from here and repairs what is half done",
        "",
    ];
    assert!(lines.ends_with(&expected.map(ToOwned::to_owned)), "{lines:#?}");
    assert!(lines.iter().any(|line| line == "interrupted: waiting for Terraform to finish; press Ctrl-C again to stop now"), "{lines:#?}");
    release(&plain);
    plain.xtask().infra(&["up", NAME]).success().says("plain: 1 to create, 1 to replace");
    plain.xtask().infra(&["plan", NAME, "--detailed-exitcode"]).success();
}

/// Terraform stopped in its tracks, as on a machine that is too busy, until this is dropped.
struct Frozen(u32);

impl Frozen {
    fn terraform_of(plain: &Plain) -> Self {
        let terraform = proc::of(plain.checkout.root()).into_iter().find(|process| process.is_terraform("apply")).unwrap();
        signal("STOP", &[terraform.pid]);
        Self(terraform.pid)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("CONT", &[self.0]);
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_the_next_run_repairs() {
    let plain = Plain::new(POLICY, CODE);
    hold(&plain);
    let (mut running, terminal) = plain.xtask().start_in_terminal(&["up", NAME]);
    until_begun(&plain, &mut running);
    let frozen = Frozen::terraform_of(&plain);
    terminal.press_ctrl_c();
    until_said(&running, "press Ctrl-C again to stop now");
    assert!(!running.has_ended(), "it waits for Terraform");
    terminal.press_ctrl_c();
    let outcome = running.finish().exits(130);
    let lines = screen(&outcome).lines;
    let expected = [
        "error: ended at once: what was under way may be half done",
        "hint: `cargo xtask infra up plain` goes on from here and repairs what is half done",
        "",
    ];
    assert!(lines.ends_with(&expected.map(ToOwned::to_owned)), "{lines:#?}");

    // Its Terraform ends as soon as it can, and meanwhile the next run waits for it.
    release(&plain);
    let next = plain.xtask().start(&["up", NAME]);
    drop(frozen);
    next.finish().success();
    plain.xtask().infra(&["plan", NAME, "--detailed-exitcode"]).success();
    poll::until("the end of all that was started", || match proc::of(plain.checkout.root()) {
        processes if processes.is_empty() => Ok(()),
        processes => Err(format!("{processes:?}")),
    });
}

/// `timeout` sends two SIGTERM, and a window that is closed two SIGHUP: neither is somebody's impatience.
#[test]
fn only_ctrl_c_is_impatient() {
    let plain = Plain::new(POLICY, CODE);
    hold(&plain);
    let mut running = plain.xtask().start(&["up", NAME]);
    until_begun(&plain, &mut running);
    let frozen = Frozen::terraform_of(&plain);
    for name in ["HUP", "TERM", "HUP", "TERM"] {
        running.signal(name);
    }
    until_said(&running, "press Ctrl-C again to stop now");
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!running.has_ended(), "it waits for Terraform");
    drop(frozen);
    let outcome = running.finish().exits(130);
    assert!(outcome.complaint().starts_with("error: interrupted: 1 of 3 changes"), "{}", outcome.stderr);
    release(&plain);
    plain.xtask().infra(&["up", NAME]).success();
}

/// `nohup` ignores SIGHUP for what it starts.
#[test]
fn what_the_parent_ignores_is_ignored() {
    let plain = Plain::new(POLICY, CODE);
    hold(&plain);
    let call = plain.xtask().call(&["up", NAME]).after(&["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"]);
    let mut running = call.start();
    until_begun(&plain, &mut running);
    running.signal_group("HUP");
    release(&plain);
    running.finish().success();
}

#[test]
fn a_window_that_is_closed_lets_terraform_end_in_order() {
    let plain = Plain::new(POLICY, CODE);
    hold(&plain);
    let (mut running, terminal) = plain.xtask().start_in_terminal(&["up", NAME]);
    until_begun(&plain, &mut running);
    terminal.close();
    running.finish().exits(130);
    release(&plain);
    // What was made is in the state, which a Terraform that had died of the hang-up would not have written.
    plain.xtask().infra(&["up", NAME]).success().says("plain: 1 to create, 1 to replace");
}

#[test]
fn an_interrupted_run_whose_state_finds_no_space_says_both() {
    let plain = Plain::new(POLICY, CODE);
    let Some(disk) = SmallDisk::over(&plain.checkout.environment(NAME), 12) else { return };
    hold(&plain);
    let mut running = plain.xtask().start(&["up", NAME]);
    until_begun(&plain, &mut running);
    disk.fill(0);
    running.signal("TERM");
    let outcome = running.finish().exits(130);
    let complaint = outcome.complaint();
    let kept = plain.checkout.environment(NAME).join(".instances/default.unsaved.tfstate");
    let expected = format!(
        "error: interrupted: 1 of 3 changes to `plain` were made\n  \
         made        terraform_data.first\n  \
         broken off  terraform_data.slow\n  \
         not begun   terraform_data.last\n  \
         nothing is lost: the state, which could not be written, is kept in {}\n\
         hint: free some space",
        kept.display()
    );
    assert!(complaint.starts_with(&expected), "{complaint}");
    disk.free();
    release(&plain);
    plain.xtask().infra(&["up", NAME]).success().says("plain: 1 to create, 1 to replace");
    plain.xtask().infra(&["destroy", NAME, "--yes"]).success();
}

/// Their Terraform has no chance to end them, and they would stay for ever.
#[test]
fn the_next_run_ends_what_works_for_no_terraform_any_more() {
    let plain = Plain::new(POLICY, CODE);
    let directory = plain.checkout.environment(NAME);
    plain.xtask().infra(&["up", NAME]).success();
    // Only what lies there is a provider: this one waits as they do.
    let provider = directory.join(".terraform/providers/waiting");
    std::fs::create_dir_all(provider.parent().unwrap()).unwrap();
    std::fs::copy("/bin/sleep", &provider).unwrap();
    let leave =
        format!("cd '{}'; .terraform/providers/waiting 60 > provider.log 2>&1 &", directory.display().to_string().replace('\'', r"'\''"));
    Call::new("sh").args(["-c", &leave]).run().success();
    let orphans = || proc::of(&directory).into_iter().filter(Process::is_provider).count();
    poll::until("the provider", || if orphans() == 1 { Ok(()) } else { Err("none".to_owned()) });
    plain.xtask().infra(&["up", NAME]).success().says("found providers of a Terraform that was killed, and ended them: 1");
    poll::until("its end", || if orphans() == 0 { Ok(()) } else { Err("it runs".to_owned()) });
}
