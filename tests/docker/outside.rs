//! What the proof that nothing changed is made from outside `infrastructure/`, what it passes over inside, and the warnings that
//! stand while it holds.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use infra_tests::docker;
use infra_tests::stack::Stack;
use infra_tests::xtask::Xtask;

use super::proof::Gate;

const ONLY_POSTGRES: &str = "redis = { enabled = false }\nvectorstore = { enabled = false }\nobjectstore = { enabled = false }\n\
                             postgres = { init_sql_directory = \"../../../sql\" }\n";

const WARNING: &str = "warning: checks.tf:3: Check block assertion failed\n  mind the step\n";

#[test]
fn a_moved_directory_is_seen_an_editors_files_are_not_and_warnings_stand() {
    let stack = Stack::with_settings("outside", ONLY_POSTGRES);
    let root = stack.checkout().root().to_owned();
    let (sql, away) = (root.join("sql"), root.join("sql.away"));
    fs::create_dir(&sql).unwrap();
    fs::write(sql.join("1.sql"), "CREATE TABLE kept (id int);\n").unwrap();
    stack.checkout().write(
        "environments/local/checks.tf",
        "check \"step\" {\n  assert {\n    condition     = var.postgres.database == \"\"\n    error_message = \"mind the step\"\n  }\n}\n",
    );
    let gate = Gate::open();
    let up = || stack.with(&gate.xtask(&stack), "up", &[]);
    let closed = || gate.closed(&stack, None);

    // What an apply was warned of may be over with it; what the plan after it was warned of stands.
    assert_eq!(up().success().stderr.matches(WARNING).count(), 1);
    up().success();
    assert_eq!(closed().success().says("nothing changed").stderr.matches(WARNING).count(), 1);

    // Two directories that lead to each other are not entered; and neither the proof nor a saved plan minds an editor.
    let local = stack.directory();
    for (at, other) in [("one", "two"), ("two", "one")] {
        fs::create_dir(local.join(at)).unwrap();
        symlink(format!("../{other}"), local.join(at).join("loop")).unwrap();
    }
    stack.infra("plan", &[]).success();
    symlink("nowhere", local.join(".#main.tf")).unwrap();
    for name in [".main.tf.swp", "main.tf~", "#main.tf#"] {
        fs::write(local.join(name), "x").unwrap();
    }
    stack.infra("apply", &[]).success();
    up().success();
    closed().success().says("nothing changed");
    for name in [".#main.tf", ".main.tf.swp", "main.tf~", "#main.tf#"] {
        fs::remove_file(local.join(name)).unwrap();
    }
    closed().success();

    // What cannot be read is left to Terraform.
    symlink("nowhere", local.join("notes")).unwrap();
    assert_ne!(closed().code, Some(0));
    up().success().says("nothing changed");
    fs::remove_file(local.join("notes")).unwrap();
    closed().success();

    // The files in a mounted directory, and where it is.
    fs::write(sql.join("1.sql"), "CREATE TABLE kept (id bigint);\n").unwrap();
    assert_ne!(closed().code, Some(0));
    up().success();
    closed().success();
    fs::rename(&sql, &away).unwrap();
    let (from_up, from_plan) = (up().exits(1), stack.infra("plan", &[]).exits(1));
    assert!(from_up.complaint().contains("postgres.init_sql_directory is"), "{}", from_up.stderr);
    assert_eq!(from_up.complaint(), from_plan.complaint());
    fs::rename(&away, &sql).unwrap();
    closed().success();

    // The checkout itself: the container is made anew, with what is mounted from the new place, and keeps its data.
    let container = stack.docker_name("postgres");
    let is_mounted_from = |place: &Path| {
        let sources = docker::read(&["container", "inspect", "--format", "{{range .Mounts}}{{.Source}}\n{{end}}", &container]);
        assert!(sources.lines().any(|source| Path::new(source) == place), "{sources}");
    };
    let moved = root.with_file_name("moved");
    fs::rename(&root, &moved).unwrap();
    let there = Xtask::in_directory(&moved);
    let told = stack.with(&there, "up", &[]).success();
    assert!(!told.stderr.contains("nothing changed"), "{}", told.stderr);
    is_mounted_from(&moved.join("sql"));
    docker::read(&["container", "restart", &container]);
    stack.with(&there, "up", &[]).success();
    let tables = docker::read(&["container", "exec", &container, "psql", "--tuples-only", "--command", "\\dt"]);
    assert!(tables.contains("kept"), "{tables}");
    fs::rename(&moved, &root).unwrap();
    stack.infra("up", &[]).success();
    is_mounted_from(&sql);
}
