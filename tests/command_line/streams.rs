//! Streams that are pipes, closed or full, terminals that can do little, and homes that cannot be written to. Real Terraform.

use std::fs;

use infra_tests::process::{Call, Outcome};
use infra_tests::temporary;
use infra_tests::xtask;

use super::plain::{NAME, Plain};

const POLICY: &str = "[environments.plain]\nprotected = false\ndocker = false\n";

const CODE: &str =
    "resource \"terraform_data\" \"one\" {\n}\noutput \"services\" {\n  value = {}\n}\noutput \"env\" {\n  value = { A = \"1\" }\n}\n";

/// `infra ARGUMENTS` as a shell runs it: `redirected` is what stands after the command, which ends with the xtask's own exit code.
fn in_shell(plain: &Plain, arguments: &[&str], redirected: &str) -> Outcome {
    let place = temporary::directory();
    let code = place.path().join("code");
    let script = format!("code=$1; shift; {{ \"$@\"; echo $? >\"$code\"; }} {redirected}");
    let call = Call::new("sh").args(["-c", &script, "sh"]).args([code.as_path(), xtask::binary()]).args(["infra"]).args(arguments);
    let call = call.env("XDG_CACHE_HOME", plain.home.path().join("cache")).env("XDG_STATE_HOME", plain.home.path().join("state"));
    let outcome = call.directory(plain.checkout.root()).run();
    Outcome { code: fs::read_to_string(code).unwrap().trim().parse().ok(), ..outcome }
}

#[test]
fn a_run_goes_to_its_end_whoever_listens() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask();
    for redirected in ["2>&1 | head -n 1", "2>&1 | true", ">&-", "2>&-", "<&-", "<&- >&- 2>&-", ">/dev/null 2>/dev/full"] {
        let outcome = in_shell(&plain, &["up", NAME, "--verbose"], redirected);
        assert_eq!(outcome.code, Some(0), "{redirected}: {}{}", outcome.stdout, outcome.stderr);
        xtask.infra(&["plan", NAME, "--detailed-exitcode"]).success();
        let answered = in_shell(&plain, &["env", NAME], redirected);
        assert_eq!(answered.code, Some(0), "{redirected}: {}{}", answered.stdout, answered.stderr);
        let destroyed = in_shell(&plain, &["destroy", NAME, "--yes"], redirected);
        assert_eq!(destroyed.code, Some(0), "{redirected}: {}{}", destroyed.stdout, destroyed.stderr);
        assert!(!plain.checkout.environment(NAME).join("terraform.tfstate").exists(), "{redirected}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let plain = Plain::new(POLICY, CODE);
    for verb in ["list", "plan"] {
        let arguments: &[&str] = if verb == "list" { &["list"] } else { &["plan", NAME] };
        let outcome = in_shell(&plain, arguments, ">/dev/full").exits(1);
        assert!(outcome.complaint().starts_with("error: writing to standard output: No space left on device"), "{}", outcome.stderr);
        assert!(outcome.complaint().contains("\nhint: free some space there"), "{}", outcome.stderr);
    }
}

#[test]
fn what_is_no_screen_gets_no_control_characters() {
    let plain = Plain::new(POLICY, CODE);
    let xtask = plain.xtask();
    for arguments in [
        &["plan", NAME][..],
        &["up", NAME],
        &["up", NAME, "--verbose"],
        &["output", NAME],
        &["list"],
        &["status", "nowhere"],
        &["destroy", NAME, "--yes"],
    ] {
        let outcome = xtask.infra(arguments);
        let printed = outcome.stdout + &outcome.stderr;
        assert!(!printed.is_empty() && !printed.contains(['\u{1b}', '\r', '\u{8}']), "{arguments:?}: {printed:?}");
    }
    // A terminal ends its lines with a carriage return by itself.
    for (name, value) in [("TERM", "dumb"), ("NO_COLOR", "1")] {
        let printed = plain.xtask().env("TERM", "xterm").env(name, value).infra_in_terminal(&["status", "nowhere"], "").exits(64).stdout;
        assert!(printed.contains("error: ") && !printed.contains('\u{1b}'), "{name}: {printed:?}");
    }
    let colourful = plain.xtask().env("TERM", "xterm").infra_in_terminal(&["status", "nowhere"], "").exits(64).stdout;
    assert!(colourful.contains('\u{1b}'), "{colourful:?}");
}

/// `plan > file` in a terminal: the file is no screen.
#[test]
fn an_answer_that_goes_elsewhere_than_to_the_terminal_is_plain() {
    let plain = Plain::new(POLICY, CODE);
    for arguments in [&["plan", NAME][..], &["check"]] {
        for (options, is_painted) in [(&[][..], false), (&["--color", "always"], true)] {
            let file = plain.home.path().join("answer");
            let words = [&[xtask::binary().to_str().unwrap(), "infra"], arguments, options].concat();
            let line = format!("'{}' >'{}'", words.join("' '"), file.display());
            let call = Call::new("script").args(["--quiet", "--return", "--command", &line, "/dev/null"]).directory(plain.checkout.root());
            let call = call.env("XDG_CACHE_HOME", plain.home.path().join("cache")).env("XDG_STATE_HOME", plain.home.path().join("state"));
            call.env("TERM", "xterm").env_remove("NO_COLOR").run().success();
            let answer = fs::read_to_string(&file).unwrap();
            assert_eq!(answer.contains('\u{1b}'), is_painted, "{arguments:?} {options:?}: {answer:?}");
            assert!(!answer.is_empty());
        }
    }
}

#[test]
fn a_home_that_is_missing_or_cannot_be_written_to_is_named() {
    let plain = Plain::new(POLICY, CODE);
    let call = |home: Option<&str>| {
        let call = plain.checkout.xtask().call(&["up", NAME]).env_remove("HOME").env_remove("XDG_CACHE_HOME").env_remove("XDG_STATE_HOME");
        match home {
            Some(home) => call.env("HOME", home).run(),
            None => call.run(),
        }
    };
    call(None)
        .exits(1)
        .complains("error: neither HOME nor XDG_CACHE_HOME is set, so there is no place for this project's files\nhint: set HOME\n");
    let file = plain.home.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = call(file.to_str()).exits(1);
    assert!(refused.complaint().contains(file.to_str().unwrap()), "{}", refused.stderr);
    assert!(
        refused.complaint().contains("\nhint: make that place yours to write; HOME, XDG_STATE_HOME and XDG_CACHE_HOME say"),
        "{}",
        refused.stderr
    );
    assert!(!plain.checkout.environment(NAME).join("terraform.tfstate").exists(), "nothing was made");
}
