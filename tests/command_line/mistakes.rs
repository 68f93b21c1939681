//! Mistakes of people: arguments and files, each answered with one message and nothing done.

use infra_tests::checkout::Checkout;
use infra_tests::xtask::Xtask;

#[test]
fn an_unknown_environment_is_answered_with_the_nearest() {
    let checkout = Checkout::new();
    checkout.write("environments/staging/main.tf", "terraform {\n  backend \"local\" {}\n}\n");
    let known = "known environments: aws, hybrid, local, staging\n";
    for (typed, hint) in [("locla", "did you mean `local`? "), ("stag", "did you mean `staging`? "), ("production", "")] {
        let expected = format!("error: there is no environment `{typed}`\nhint: {hint}{known}");
        let outcome = checkout.xtask().infra(&["up", typed]).exits(64);
        assert_eq!((outcome.stderr, outcome.stdout), (expected, String::new()));
    }
}

#[test]
fn an_unknown_verb_is_answered_with_the_nearest() {
    let checkout = Checkout::new();
    let outcome = checkout.xtask().infra(&["destory", "local"]).exits(64);
    assert!(outcome.stderr.contains("unrecognized subcommand 'destory'") && outcome.stderr.contains("'destroy'"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_name_that_cannot_be_an_instance_is_refused_before_anything_is_made() {
    let checkout = Checkout::new();
    for name in ["Feature", "a_b", "../x", "1st", "a-", "", "a-name-of-more-than-thirty-two-characters"] {
        checkout.xtask().infra(&["up", "local", "--instance", name]).exits(64).complains(&format!(
            "error: `{name}` cannot be the name of an instance\n\
             hint: use at most 32 lower-case letters, digits and hyphens, beginning with a letter and ending with a letter or a digit\n"
        ));
    }
    assert!(!checkout.environment("local").join(".instances").exists());
}

#[test]
fn help_goes_to_standard_output_and_a_missing_argument_does_not() {
    let checkout = Checkout::new();
    let xtask = checkout.xtask();
    let help = xtask.infra(&["up", "--help"]).success();
    assert!(help.stdout.contains("Usage: cargo xtask infra up") && help.stderr.is_empty(), "{}{}", help.stdout, help.stderr);
    let missing = xtask.infra(&["up"]).exits(64);
    assert!(missing.stderr.contains("<ENV>") && missing.stdout.is_empty(), "{}", missing.stderr);
}

#[test]
fn a_mistake_in_infra_toml_is_named_with_its_line() {
    let checkout = Checkout::new();
    let line = checkout.replace("infra.toml", "images = \"auto\"", "images = \"sometimes\"");
    let path = checkout.infrastructure("infra.toml");
    checkout.xtask().infra(&["list"]).exits(1).complains(&format!(
        "error: {}:{line}:10: unknown variant `sometimes`, expected one of `registry`, `packages`, `auto`\n  images = \"sometimes\"\n\
         hint: correct that line; the comments in the file say what each key means\n",
        path.display()
    ));
}

#[test]
fn a_policy_for_no_environment_is_not_passed_over() {
    let checkout = Checkout::new();
    checkout.replace("infra.toml", "[environments.local]", "[environments.locl]");
    let what = "infra.toml has a table for `locl`, and there is no such environment; is [environments.local] meant?";
    checkout.xtask().infra(&["list"]).success().says(what);
}

#[test]
fn a_mistake_in_images_toml_is_named_with_its_line() {
    let checkout = Checkout::new();
    let line = checkout.replace("images/images.toml", "registry = \"redis:8.0.2-bookworm\"", "registry = \"redis:latest\"");
    let path = checkout.infrastructure("images/images.toml");
    checkout.xtask().infra(&["supply", "--check"]).exits(1).complains(&format!(
        "error: {}:{line}:12: \"redis:latest\" can mean another image tomorrow, expected one with an exact tag, or with a digest\n  \
         registry = \"redis:latest\"\n\
         hint: correct that line; the comments in the file say what each key means\n",
        path.display()
    ));
}

#[test]
fn it_works_in_every_directory_of_the_checkout() {
    let checkout = Checkout::new();
    let listed = checkout.xtask().infra(&["list"]).success().stdout;
    for below in ["", "modules/redis", "environments/local"] {
        let xtask = Xtask::in_directory(checkout.infrastructure(below));
        assert_eq!(xtask.infra(&["list"]).success().stdout, listed, "in infrastructure/{below}");
    }
}

#[test]
fn what_was_never_brought_up_has_nothing_to_show() {
    let checkout = Checkout::new();
    for verb in ["env", "output", "status", "down"] {
        checkout
            .xtask()
            .infra(&[verb, "local", "--instance", "never"])
            .exits(1)
            .complains("error: `local/never` has not been brought up here\nhint: cargo xtask infra up local --instance never\n");
    }
    checkout.xtask().infra(&["destroy", "local", "--instance", "never", "--yes"]).success().says("local/never: nothing to destroy");
    assert!(!checkout.environment("local").join(".instances").exists(), "a look leaves nothing behind");
}
