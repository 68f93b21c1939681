//! Ready means that what `env` prints logs in; what keeps a service from that, and how long it is waited for.

use std::fs;

use infra_tests::clients::postgres;
use infra_tests::docker;
use infra_tests::process::{self, Call};
use infra_tests::stack::Stack;
use serde_json::json;

const ALONE: &str = "redis = { enabled = false }\nobjectstore = { enabled = false }\nvectorstore = { engine = \"pgvector\" }\n";

/// Postgres alone, which pgvector makes two services, with files that its first start runs and with settings.
fn settings(postgres: &str) -> String {
    format!("{ALONE}postgres = {{ init_sql_directory = \"../../../sql\"{postgres} }}\n")
}

#[test]
fn a_first_start_is_waited_for_as_long_as_it_loads_and_its_mistakes_are_its_own() {
    let stack = Stack::with_settings("loading", &settings(""));
    let sql = stack.checkout().root().join("sql");
    fs::create_dir(&sql).unwrap();
    let init = |text: &str| fs::write(sql.join("10.sql"), text).unwrap();

    init("SELEC 1;");
    let failed = stack.infra("up", &[]).exits(1).says("postgres cannot come up: container").says("was restarted 3 times");
    assert!(failed.complaint().contains("syntax error at or near \"SELEC\""), "{}", failed.stderr);
    assert_eq!(failed.stderr.matches("cannot come up").count(), 1, "pgvector is in the same container\n{}", failed.stderr);

    // What failed before counts no more, and neither does its log. Within the limit this first start does not come up.
    init("SELECT pg_sleep(20);");
    let limited = "ready_timeout = \"4s\"\n\n# Generated once for each instance";
    stack.checkout().replace("infra.toml", "# Generated once for each instance", limited);
    let failed = stack.infra("up", &[]).exits(1).says("did not answer within 4 s");
    assert!(failed.complaint().contains("`ready_timeout = \"2m\"`") && !failed.stderr.contains("SELEC "), "{}", failed.stderr);

    // As the hint says.
    stack.checkout().replace("infra.toml", "ready_timeout = \"4s\"", "ready_timeout = \"2m\"");
    stack.up();
    postgres::write(stack.variables().get("DATABASE_URL"));

    // Three crashes of before, and then a quiet run: the fourth `up` does not count them.
    for _ in 0..3 {
        let before = stack.container("postgres").started_at;
        let pid = docker::read(&["inspect", "--format", "{{.State.Pid}}", &stack.docker_name("postgres")]);
        process::signal("KILL", &[pid.trim().parse().unwrap()]);
        infra_tests::poll::until("Postgres starts again", || match stack.container("postgres") {
            again
                if again.started_at != before
                    && docker::read(&["inspect", "--format", "{{.State.Running}}", &again.id]).trim() == "true" =>
            {
                Ok(())
            }
            _ => Err("it does not".to_owned()),
        });
    }
    stack.up();
    postgres::check(stack.variables().get("DATABASE_URL"));
}

/// Longer than the health check's patience: the container is unhealthy, and comes up.
#[test]
#[ignore = "thorough: takes as long as a container needs to be unhealthy"]
fn a_first_start_of_minutes_comes_up() {
    let stack = Stack::with_settings("minutes", &settings(""));
    let sql = stack.checkout().root().join("sql");
    fs::create_dir(&sql).unwrap();
    fs::write(sql.join("10.sql"), "SELECT pg_sleep(150);").unwrap();
    stack.up().says("postgres is still starting after 30").says("its log ends with `");
}

#[test]
fn an_edit_that_a_volume_cannot_take_is_refused_until_it_can() {
    let stack = Stack::with_settings("edited", ALONE);
    stack.up();
    postgres::write(stack.variables().get("DATABASE_URL"));
    let container = stack.container("postgres").id;

    stack.checkout().settings(&format!("{ALONE}postgres = {{ database = \"other\" }}\n"));
    let refused = stack.infra("up", &[]).exits(3).complains(&format!(
        "error: the database of postgres cannot be changed by configuration: volume `{0}` keeps what it was made with; \
         it refuses the new: database \"other\" does not exist\n\
         hint: set the database back, or make it by hand (`docker exec {0} createdb other`) and run this again; \
         or begin anew without its data: `cargo xtask infra reset local --instance {1} postgres`\n",
        stack.docker_name("postgres"),
        stack.name()
    ));
    assert_eq!(stack.container("postgres").id, container, "nothing was replaced");
    let by_hand = refused.complaint().split('`').find(|part| part.starts_with("docker exec")).unwrap().to_owned();
    Call::new("sh").args(["-c", &by_hand]).run().success();
    stack.up();
    assert!(stack.variables().get("DATABASE_URL").ends_with("/other"));

    // Back to where the data is, which was there all the time.
    stack.checkout().settings(ALONE);
    stack.up();
    postgres::check(stack.variables().get("DATABASE_URL"));

    // A password of a person's own in the instance file; it does not run, so nobody can be asked.
    stack.infra("down", &[]).success();
    let file = stack.directory().join(".instances").join(format!("{}.json", stack.name()));
    let before = fs::read_to_string(&file).unwrap();
    let mut edited = stack.instance_file();
    edited["credentials"]["postgres_password"] = json!("another-password-of-mine");
    fs::write(&file, edited.to_string()).unwrap();
    let refused = stack.infra("up", &[]).exits(3).says("the password of postgres cannot be changed by configuration");
    assert!(!refused.stderr.contains("another-password-of-mine"), "{}", refused.stderr);
    fs::write(&file, before).unwrap();
    stack.up();

    // Changed in the engine alone: a quiet run asks only what was started since the last success.
    let name = stack.docker_name("postgres");
    let password = stack.instance_file()["credentials"]["postgres_password"].as_str().unwrap().to_owned();
    let alter = |from: &str, to: &str| {
        let (password, command) = (format!("PGPASSWORD={from}"), format!("ALTER ROLE tracker PASSWORD '{to}'"));
        docker::read(&["exec", "--env", &password, &name, "psql", "--quiet", "--command", &command])
    };
    alter(&password, "changed-by-hand");
    stack.up().says("nothing changed");
    docker::read(&["restart", &name]);
    let failed = stack.infra("up", &[]).exits(1);
    assert!(failed.complaint().contains("does not let in what `env` prints: password authentication failed"), "{}", failed.stderr);
    alter("changed-by-hand", &password);
    stack.up();

    // Beginning anew takes what is said then.
    stack.checkout().settings(&format!("{ALONE}postgres = {{ user = \"ann\", database = \"third\" }}\n"));
    stack.infra("up", &[]).exits(3).says(" of postgres cannot be changed by configuration");
    stack.infra("reset", &["postgres", "--yes"]).success();
    assert!(stack.variables().get("DATABASE_URL").starts_with("postgres://ann:"));
}
