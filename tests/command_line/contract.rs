//! What the tool promises of itself.

use std::collections::BTreeSet;

use infra_tests::xtask::cargo;

#[test]
fn the_xtask_is_built_from_fewer_than_60_crates() {
    let tree =
        cargo().args(["tree", "--package", "xtask", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]).run().success();
    let crates: BTreeSet<&str> = tree.stdout.lines().filter_map(|line| line.strip_suffix(" (*)").or(Some(line))).collect();
    assert!(crates.len() > 1 && crates.len() < 60, "{} crates: everybody waits for them", crates.len());
}
