//! A module that gives something a fixed name, used by two environments.

use std::collections::BTreeMap;

use terraform_config::Block;

use crate::guards::facts::literals::texts;
use crate::guards::facts::{EnvironmentFacts, Facts};
use crate::guards::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "fixed-name",
    looks_at: "resources whose name the code alone decides, in what two environments share or repeat",
    danger: "the second environment takes over, or destroys, what the first one made under that name",
    can_be_allowed: true,
    only_in_check: false,
    find,
};

/// Names that are unique in an engine, an account or the world, by type.
const NAMED: [(&str, &str); 34] = [
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
    ("docker_secret", "name"),
    ("docker_config", "name"),
    ("docker_service", "name"),
    ("aws_rds_cluster", "cluster_identifier"),
    ("aws_db_option_group", "name"),
    ("aws_elasticache_cluster", "cluster_id"),
    ("aws_elasticache_serverless_cache", "name"),
    ("aws_elasticache_parameter_group", "name"),
    ("aws_elasticache_user", "user_id"),
    ("aws_elasticache_user_group", "user_group_id"),
    ("aws_opensearchserverless_collection", "name"),
    ("aws_iam_user", "name"),
    ("aws_iam_group", "name"),
    ("aws_iam_instance_profile", "name"),
    ("aws_kms_alias", "name"),
    ("aws_cloudwatch_log_group", "name"),
    ("aws_dynamodb_table", "name"),
    ("aws_sqs_queue", "name"),
    ("aws_sns_topic", "name"),
    ("aws_ecr_repository", "name"),
];

fn find(guard: &Guard, facts: &Facts) -> Vec<Finding> {
    let mut users: BTreeMap<(&str, String), Vec<(&EnvironmentFacts, &Block)>> = BTreeMap::new();
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
                let users = users.entry((*kind, name.clone())).or_default();
                let meets = |other: &EnvironmentFacts| other.name != environment.name && !other.is_elsewhere(environment, kind);
                if let Some((other, theirs)) = users.iter().find(|(other, _)| meets(other)) {
                    let what = format!(
                        "`{}` and `{}` both make {kind} \"{name}\" ({}:{})",
                        other.name,
                        environment.name,
                        facts.shown(&theirs.place_of(attribute).file),
                        theirs.place_of(attribute).line
                    );
                    let hint = "build the name from the environment's and the workspace's, as a variable of the module";
                    findings.push(guard.refusal(&[&other.name, &environment.name], block.place_of(attribute), what, hint));
                } else {
                    users.push((environment, block));
                }
            }
        }
    }
    findings
}
