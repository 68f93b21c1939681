//! A checkout as Git makes it with core.autocrlf: every line ends in CRLF, also of what runs in containers.

use std::sync::Arc;

use infra_tests::checkout::Checkout;
use infra_tests::clients::{postgres, redis};
use infra_tests::docker::Foreign;
use infra_tests::process::is_installed;
use infra_tests::stack::{Stack, unique};

#[test]
#[ignore = "thorough: builds images anew; that all hashes stay the same is a unit test"]
fn a_checkout_with_windows_line_ends_builds_images_and_serves() {
    if !is_installed("mmdebstrap") {
        return;
    }
    let checkout = Arc::new(Checkout::new().with_windows_line_ends());
    let image = Foreign::image_to_be(&format!("localhost/infra-tests/redis:{}", unique("crlf")));
    checkout.replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    checkout.replace("images/images.toml", "localhost/tracker/redis:8.0.2-debian", &image.name);
    checkout.write("../sql/1.sql", "CREATE TABLE one ();\r\n");
    checkout.settings(
        "vectorstore = { enabled = false }\r\nobjectstore = { enabled = false }\r\npostgres = { init_sql_directory = \"../../../sql\" }\r\n",
    );
    checkout.xtask().infra(&["check"]).success();
    let stack = Stack::in_checkout(&checkout, "crlf");
    let up = stack.up().says(&format!("image {} built from packages", image.name));
    assert_eq!(up.stderr.matches("built from packages").count(), 1, "the other was there: {}", up.stderr);
    let variables = stack.variables();
    redis::write(variables.get("REDIS_URL"));
    postgres::write(variables.get("DATABASE_URL"));
    stack.infra("plan", &["--detailed-exitcode"]).success();
    assert_eq!(stack.status()["postgres"]["matches"], true);
    stack.infra("destroy", &["--yes"]).success();
}
