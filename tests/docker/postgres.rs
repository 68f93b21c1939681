//! Postgres beyond what every service has: a first start that is cut off, in any image, and what builds of indexes need.

use std::time::Duration;

use infra_tests::docker;
use infra_tests::official;
use infra_tests::poll;
use infra_tests::stack::{Stack, unique};
use postgres::{Client, NoTls};

const ALONE: &str = "redis = { enabled = false }\nvectorstore = { enabled = false }\nobjectstore = { enabled = false }\n";

#[track_caller]
fn connect(stack: &Stack) -> Client {
    Client::connect(stack.variables().get("DATABASE_URL"), NoTls).unwrap()
}

/// SIGKILL, and a `down` whose patience ends, in the middle of an init file: with the official entry point the second table is missing
/// for ever. The image is as the public one; then the same volume is the built one's.
#[test]
fn a_first_start_that_is_cut_off_begins_again_in_the_public_image_too() {
    let image = official::stand_in("postgres", &format!("infra-tests/postgres:{}", unique("public")));
    let stack = Stack::new("cut");
    stack.checkout().write("../sql/1.sql", "CREATE TABLE one ();\nSELECT pg_sleep(3);\nCREATE TABLE two ();\n");
    let settings = format!("{ALONE}postgres = {{ image = \"{}\", init_sql_directory = \"../../../sql\" }}\n", image.name);
    stack.checkout().settings(&settings);
    let up = stack.xtask().start(&stack.arguments("up", &[]));
    let name = stack.docker_name("postgres");
    poll::until("the init file", || {
        let says = docker::run(&["container", "logs", &name]);
        (says.stdout.contains("running /init-sql/1.sql") || says.stderr.contains("running /init-sql/1.sql"))
            .then_some(())
            .ok_or(says.stderr)
    });
    std::thread::sleep(Duration::from_secs(1));
    docker::read(&["container", "kill", "--signal", "KILL", &name]);
    up.signal("INT");
    up.finish();
    stack.infra("down", &[]).success();

    stack.up();
    let tables = |stack: &Stack| -> Vec<String> {
        let rows = connect(stack).query("SELECT relname::text FROM pg_stat_user_tables ORDER BY relname", &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    assert_eq!(tables(&stack), ["one", "two"]);
}

/// As pgvector's own documentation advises, in a default instance: `maintenance_work_mem = '256MB'` and parallel workers, which share it.
/// Dumps of databases from elsewhere name the locale of the public image.
#[test]
fn an_hnsw_index_is_built_in_parallel_and_a_foreign_locale_is_known() {
    let stack = Stack::with_settings("hnsw", ALONE);
    stack.up();
    let mut client = connect(&stack);
    client
        .batch_execute(
            "SET maintenance_work_mem = '256MB';
             SET max_parallel_maintenance_workers = 2;
             CREATE TABLE items (id int, embedding vector(3));
             INSERT INTO items SELECT i, ARRAY[random(), random(), random()]::vector FROM generate_series(1, 5000) i;
             ALTER TABLE items SET (parallel_workers = 2);
             CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)",
        )
        .unwrap();
    client.batch_execute("CREATE DATABASE moved TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'en_US.utf8'").unwrap();
}
