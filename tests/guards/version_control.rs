//! What must not be in git, and files that others can read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use infra_tests::process::{Call, Outcome};

use super::layout::{Layout, thing};

pub(crate) fn git(layout: &Layout, arguments: &[&str]) -> Outcome {
    let call = Call::new("git").args(["-c", "user.name=Tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]);
    call.args(arguments).directory(layout.checkout().root()).run().success()
}

/// A checkout in which everything is committed.
pub(crate) fn committed() -> Layout {
    let layout = Layout::new();
    git(&layout, &["init", "--quiet"]);
    commit(&layout, "A checkout");
    layout
}

pub(crate) fn commit(layout: &Layout, message: &str) -> String {
    git(layout, &["add", "--force", "--", "infrastructure"]);
    git(layout, &["commit", "--quiet", "--allow-empty", "--message", message]);
    git(layout, &["rev-parse", "HEAD"]).stdout.trim().to_owned()
}

#[test]
fn what_is_private_is_refused_in_gits_index() {
    for file in [
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "terraform.tfstate.d/t1/terraform.tfstate",
        "before.tfstate.1234.backup",
        "errored.tfstate.old",
        ".terraform/terraform.tfstate.old",
        ".terraform/modules/modules.json",
        ".instances/default.json.bak",
        ".emulated/default.json.bak",
        "my.tfplan",
        "my.tfplan.provenance",
    ] {
        let layout = committed();
        layout.is_healthy(file);
        let text = if file.ends_with(".tfstate") { r#"{"version": 4, "lineage": "l"}"# } else { "{}" };
        layout.write("alpha", file, text);
        git(&layout, &["add", "--force", &format!("infrastructure/environments/alpha/{file}")]);
        let what = format!("git tracks infrastructure/environments/alpha/{file}");
        layout.refuses("alpha", "state-in-git", &format!("alpha/{file}:1"), &what);
        layout.infra(&["plan", "beta"]).success();
    }
}

#[test]
fn a_secret_in_a_committed_variable_file_is_refused() {
    for (line, name) in [
        ("db_password = \"hunter2hunter2\"", "db_password"),
        ("api_token   = \"abcdef0123456789\"", "api_token"),
        ("anything    = \"AKIAIOSFODNN7EXAMPLE\"", "anything"),
        ("database    = { user = \"u\", password = \"hunter2hunter2\" }", "password"),
    ] {
        let layout = committed();
        layout.declare("alpha", &["size", "db_password", "api_token", "anything", "database"]);
        let text = format!("size = \"small\"\n{line}\n");
        layout.write("alpha", "terraform.tfvars", &text);
        layout.is_healthy("it is a person's own as long as git does not track it");
        git(&layout, &["add", "--", "infrastructure/environments/alpha/terraform.tfvars"]);
        let what = format!("`{name}` in infrastructure/environments/alpha/terraform.tfvars looks like a secret");
        layout.refuses("alpha", "secret-in-variables", "alpha/terraform.tfvars:2", &what);
        let shown = layout.infra(&["check", "--sarif"]).exits(3).stdout;
        assert!(!shown.contains("hunter2") && !shown.contains("AKIA") && !shown.contains("abcdef"), "{shown}");
    }
}

#[test]
fn a_secret_in_a_json_variable_file_is_refused_too() {
    let layout = committed();
    layout.write("alpha", "terraform.tfvars.json", "{\n  \"size\": \"small\",\n  \"db_password\": \"hunter2hunter2\"\n}\n");
    commit(&layout, "JSON");
    let what = "`db_password` in infrastructure/environments/alpha/terraform.tfvars.json looks like a secret";
    layout.refuses("alpha", "secret-in-variables", "alpha/terraform.tfvars.json:3", what);
}

#[test]
fn a_state_that_history_keeps_is_refused_unless_the_baseline_is_later() {
    let layout = committed();
    layout.write("alpha", "terraform.tfstate", r#"{"version": 4, "lineage": "l"}"#);
    let with_state = commit(&layout, "Oops");
    fs::remove_file(layout.path("alpha", "terraform.tfstate")).unwrap();
    let after = commit(&layout, "Take it out");
    let tables = "[environments.alpha]\nprotected = false\n[environments.beta]\nprotected = false\n";
    let gone = "infrastructure/environments/alpha/terraform.tfstate";
    let found = layout.found();
    let what = format!("git's history has {gone} (commit {})", &with_state[..12]);
    assert!(found.len() == 1 && found[0].severity == "refusal" && found[0].what == what, "{found:#?}");
    layout.infra(&["plan", "alpha"]).success();
    let accepted = format!("[[accept]]\nguard = \"state-in-history\"\npath = \"{gone}\"\nreason = \"its passwords are changed\"\n");
    layout.policy(&format!("{tables}{accepted}"));
    layout.is_healthy("accepted");
    let set = |baseline: &str| {
        layout.policy(tables);
        let config = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
        let config: String = config.lines().filter(|line| !line.starts_with("history_since")).map(|line| format!("{line}\n")).collect();
        layout
            .checkout()
            .write("infra.toml", &config.replacen("[environments.", &format!("history_since = \"{baseline}\"\n[environments."), 1));
    };
    set(&format!("{with_state}~1"));
    let what =
        format!("git's history since {with_state}~1 has infrastructure/environments/alpha/terraform.tfstate (commit {}", &with_state[..7]);
    layout.refuses("alpha", "state-in-history", "alpha/terraform.tfstate:1", &what);
    set(&after);
    layout.is_healthy("a later baseline");
    set("0000000000000000000000000000000000000000");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "state-in-history" && found[0].what.contains("does not know"), "{found:#?}");
}

#[test]
fn a_state_that_others_can_read_is_repaired_with_a_line_and_not_refused() {
    let layout = Layout::new();
    layout.apply("alpha");
    layout.write("alpha", "main.tf", &thing("other"));
    layout.apply("alpha");
    let files = ["terraform.tfstate", "terraform.tfstate.backup", "old.tfplan"];
    layout.write("alpha", "old.tfplan", "");
    let mode = |file: &str| layout.path("alpha", file).metadata().unwrap().permissions().mode() & 0o777;
    for file in files {
        fs::set_permissions(layout.path("alpha", file), Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(layout.found(), []);
    assert_eq!(mode("terraform.tfstate"), 0o644, "a look changes nothing");
    let planned = layout.infra(&["plan", "alpha"]).success();
    for file in files {
        planned.clone().says(&format!("infrastructure/environments/alpha/{file}"));
        assert_eq!(mode(file), 0o600, "{file}");
    }
    let again = layout.infra(&["plan", "alpha"]).success();
    assert!(!again.stderr.contains("terraform.tfstate"), "{}", again.stderr);
}

#[test]
fn plans_and_states_are_refused_by_every_name_and_wherever_they_lie() {
    for (file, shown) in [
        ("infrastructure/environments/alpha/tfplan", "alpha/tfplan"),
        ("infrastructure/environments/alpha/plan.out", "alpha/plan.out"),
        ("infrastructure/environments/alpha/release.plan", "alpha/release.plan"),
        ("infrastructure/environments/alpha/tfplan.json", "alpha/tfplan.json"),
        ("saved.tfplan", "saved.tfplan"),
        ("backups/terraform.tfstate", "backups/terraform.tfstate"),
    ] {
        let layout = committed();
        layout.is_healthy(file);
        let path = layout.checkout().root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "PK").unwrap();
        git(&layout, &["add", "--force", file]);
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "state-in-git" && found[0].place == format!("{shown}:1"), "{file}: {found:#?}");
        let set = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
        git(&layout, &["commit", "--quiet", "--message", "Oops"]);
        git(&layout, &["rm", "--quiet", file]);
        layout.checkout().write("infra.toml", &set.replacen("[environments.", "history_since = \"HEAD~1\"\n[environments.", 1));
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "state-in-history" && found[0].place == format!("{shown}:1"), "{file}: {found:#?}");
    }
}

#[test]
fn a_checkout_inside_another_repository_is_looked_through_too() {
    let layout = Layout::new();
    let above = layout.checkout().root().parent().unwrap();
    let git = |arguments: &[&str]| {
        let call = Call::new("git").args(["-c", "user.name=Tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]);
        call.args(arguments).directory(above).run().success()
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "one"]);
    layout.write("alpha", "x.tfplan", "PK");
    git(&["add", "--force", "."]);
    git(&["commit", "--quiet", "--message", "two"]);
    layout.refuses("alpha", "state-in-git", "alpha/x.tfplan:1", "git tracks infrastructure/environments/alpha/x.tfplan");
    git(&["rm", "--quiet", "-r", "--cached", "."]);
    let set = fs::read_to_string(layout.checkout().infrastructure("infra.toml")).unwrap();
    layout.checkout().write("infra.toml", &set.replacen("[environments.", "history_since = \"HEAD~1\"\n[environments.", 1));
    layout.refuses(
        "alpha",
        "state-in-history",
        "alpha/x.tfplan:1",
        "git's history since HEAD~1 has infrastructure/environments/alpha/x.tfplan",
    );
}

#[test]
fn a_git_that_does_not_answer_is_said_to_be_and_not_taken_for_fine() {
    let layout = committed();
    fs::write(layout.checkout().root().join(".git/config"), "[core\n").unwrap();
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "state-in-git", "{found:#?}");
    assert!(found[0].what.starts_with("git does not say what it tracks: "), "{found:#?}");
    layout.infra(&["plan", "alpha"]).success();
}

#[test]
fn a_secret_is_known_by_every_name_and_in_every_committed_variable_file() {
    for (file, line, name) in [
        ("terraform.tfvars", "DB_PASSWORD = \"hunter2hunter2\"", "DB_PASSWORD"),
        ("terraform.tfvars", "adminPassword = \"hunter2hunter2\"", "adminPassword"),
        ("terraform.tfvars", "db_pwd = \"hunter2hunter2\"", "db_pwd"),
        ("terraform.tfvars", "database_url = \"postgres://app:hunter2hunter2@db/app\"", "database_url"),
        ("terraform.tfvars", "ci = \"ghp_abcdefghijklmnopqrstuvwxyz0123456789\"", "ci"),
        ("terraform.tfvars", "db_password = <<-EOT\n  hunter2hunter2\n  EOT", "db_password"),
        ("sizes/large.tfvars", "db_password = \"hunter2hunter2\"", "db_password"),
        ("../../common.tfvars", "db_password = \"hunter2hunter2\"", "db_password"),
    ] {
        let layout = committed();
        layout.declare("alpha", &["size", "DB_PASSWORD", "adminPassword", "db_pwd", "database_url", "ci", "db_password"]);
        layout.write("alpha", file, &format!("size = \"small\"\n{line}\n"));
        layout.is_healthy(line);
        commit(&layout, "Oops");
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "secret-in-variables", "{file} {line}: {found:#?}");
        assert!(found[0].what.starts_with(&format!("`{name}` in ")) && found[0].place.ends_with(":2"), "{found:#?}");
    }
}

#[test]
fn secrets_in_files_of_backend_settings_and_in_scripts_are_refused() {
    let layout = committed();
    layout.backend("alpha", "backend \"s3\" {}");
    let script = |password: &str| format!("locals {{\n  user_data = <<-E\n    #!/bin/sh\n    export DB_PASSWORD={password}\n    E\n}}\n");
    let files = ["alpha/backend.hcl", "../backends/nobodys.tfbackend"];
    let write = |keys: &str, password: &str| {
        for (file, key) in files.into_iter().zip(["one", "two"]) {
            let text = format!("bucket = \"states\"\nkey    = \"{key}\"\nregion = \"r\"\n{keys}");
            layout.checkout().write(&format!("environments/{file}"), &text);
        }
        layout.write("alpha", "script.tf", &script(password));
        commit(&layout, "Settings");
    };
    write("profile = \"states\"\n", "$(cat /run/password1)");
    layout.is_healthy("no secrets");
    write("access_key = \"AKIA4QX7TZ2MPLWN6RVD\"\nsecret_key = \"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\"\n", "hunter2hunter2");
    let found: Vec<String> =
        layout.found().into_iter().map(|found| format!("{} {} {}", found.severity, found.guard, found.place)).collect();
    let places = [
        "alpha/backend.hcl:4",
        "alpha/backend.hcl:5",
        "alpha/script.tf:2",
        "infrastructure/backends/nobodys.tfbackend:4",
        "infrastructure/backends/nobodys.tfbackend:5",
    ];
    assert_eq!(found, places.map(|place| format!("refusal secret-in-variables {place}")));
}

#[test]
fn what_is_said_of_a_secret_is_none_and_a_word_for_one_is_a_warning() {
    let layout = committed();
    let values = [
        ("PASSWORD_RESET_URL", "https://password.example.com/reset"),
        ("OAUTH_TOKEN_VERIFICATION_URL", "https://auth.example.com/verify"),
        ("CONFIRM_TOKEN_TIMEOUT", "90 seconds"),
        ("jwt_token_exchange_duration", "PT15M"),
        ("db_password_parameter", "/prod/db/password"),
        ("db_password", "arn:aws:secretsmanager:eu-central-1:111111111111:secret:db-AbCdEf"),
        ("secret_key", "registry-credentials"),
        ("api_token", "REPLACE_ME"),
        ("token_issuer", "https://token.actions.githubusercontent.com"),
    ];
    layout.declare("alpha", &values.map(|(name, _)| name));
    let text: String = values.iter().map(|(name, value)| format!("{name} = \"{value}\"\n")).collect();
    layout.write("alpha", "terraform.tfvars", &text);
    commit(&layout, "Settings");
    layout.is_healthy("settings about secrets");
    layout.write("alpha", "terraform.tfvars", "db_password = \"postgres\"\n");
    let found = layout.found();
    assert!(found.len() == 1 && found[0].guard == "secret-in-variables" && found[0].severity == "warning", "{found:#?}");
    layout.write("alpha", "terraform.tfvars", "db_password = \"Passw0rd!\"\n");
    layout.refuses("alpha", "secret-in-variables", "alpha/terraform.tfvars:1", "`db_password` in ");
}

#[test]
fn a_secret_in_committed_code_is_refused_where_it_stands() {
    for (file, code, line, name) in [
        ("variables.tf", "variable \"db_pass\" {\n  default = \"hunter2hunter2\"\n}\n", 2, "db_pass"),
        ("variables.tf", "variable \"db\" {\n  default = {\n    user = \"u\"\n    pwd  = \"Passw0rd!\"\n  }\n}\n", 4, "pwd"),
        ("locals.tf", "locals {\n  keys = [{\n    apikey = \"9f8e7d6c5b4a39281706\"\n  }]\n}\n", 3, "apikey"),
        ("provider.tf", "provider \"p\" {\n  token = \"9f8e7d6c5b4a39281706\"\n}\n", 2, "token"),
        ("main.tf.json", "{\n  \"locals\": {\n    \"db_pass\": \"hunter2hunter2\"\n  }\n}\n", 3, "db_pass"),
    ] {
        let layout = committed();
        layout.write("alpha", file, code);
        layout.is_healthy("not committed yet");
        commit(&layout, "Oops");
        let found = layout.found();
        assert!(found.len() == 1 && found[0].guard == "secret-in-variables", "{code} {found:#?}");
        assert_eq!(found[0].place, format!("alpha/{file}:{line}"), "{code}");
        assert!(found[0].what.starts_with(&format!("`{name}` in ")), "{found:#?}");
        layout.write(
            "alpha",
            file,
            &code.replace("hunter2hunter2", "CHANGE_ME").replace("9f8e7d6c5b4a39281706", "").replace("Passw0rd!", ""),
        );
        commit(&layout, "Take it out");
        layout.is_healthy(code);
    }
    // In a module that both use it is one finding.
    let layout = committed();
    layout.checkout().write("modules/m/main.tf", "locals {\n  db_pass = \"hunter2hunter2\"\n}\n");
    for name in ["alpha", "beta"] {
        layout.write(name, "calls.tf", "module \"m\" {\n  source = \"../../modules/m\"\n}\n");
    }
    commit(&layout, "Oops");
    assert_eq!(layout.found().len(), 1, "{:#?}", layout.found());
}
