//! A module that gives something a fixed name, used by two environments.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::facts::code::Block;
use super::facts::literals::texts;
use super::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "fixed-name",
    looks_at: "resources whose name the code alone decides, in what two environments share or repeat",
    danger: "the second environment takes over, or destroys, what the first one made under that name",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

/// Names that are unique in an engine, an account or the world, by type.
const NAMED: [(&str, &str); 14] = [
    ("docker_container", "name"),
    ("docker_volume", "name"),
    ("docker_network", "name"),
    ("aws_s3_bucket", "bucket"),
    ("aws_db_instance", "identifier"),
    ("aws_db_subnet_group", "name"),
    ("aws_db_parameter_group", "name"),
    ("aws_elasticache_replication_group", "replication_group_id"),
    ("aws_elasticache_subnet_group", "name"),
    ("aws_opensearch_domain", "domain_name"),
    ("aws_iam_role", "name"),
    ("aws_iam_policy", "name"),
    ("aws_ssm_parameter", "name"),
    ("aws_secretsmanager_secret", "name"),
];

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut first_user: BTreeMap<(&str, String), (&str, &Block)> = BTreeMap::new();
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for block in environment.blocks().filter(|block| block.kind == "resource") {
            let Some((kind, attribute)) = NAMED.iter().find(|(kind, _)| block.labels.first().is_some_and(|label| label == kind)) else {
                continue;
            };
            let Some((value, _)) = block.attributes.get(*attribute) else {
                continue;
            };
            for name in texts(environment, block, value) {
                match first_user.get(&(*kind, name.clone())) {
                    Some((other, _)) if *other == environment.name => {}
                    Some((other, theirs)) => {
                        let what = format!(
                            "`{other}` and `{}` both make {kind} \"{name}\" ({}:{})",
                            environment.name,
                            facts.shown(&theirs.place.file),
                            theirs.place.line
                        );
                        let hint = "build the name from the environment's and the workspace's, as a variable of the module";
                        findings.push(guard.refusal(&[other, &environment.name], block.place_of(attribute), what, hint));
                    }
                    None => {
                        first_user.insert((kind, name), (&environment.name, block));
                    }
                }
            }
        }
    }
    findings
}
