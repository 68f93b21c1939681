//! A module that gives something a fixed name, used by two environments.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::facts::code::{Block, Value};
use super::finding::{Finding, Guard};

pub(crate) const GUARD: Guard = Guard {
    name: "fixed-name",
    looks_at: "resources with a name written out, in code that two environments share or repeat",
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
    let mut first_user: BTreeMap<(&str, &str), (&str, &Block)> = BTreeMap::new();
    let mut findings = Vec::new();
    for environment in &facts.environments {
        for block in environment.blocks().filter(|block| block.kind == "resource") {
            let Some((kind, attribute)) = NAMED.iter().find(|(kind, _)| block.labels.first().is_some_and(|label| label == kind)) else {
                continue;
            };
            let Some(name) = block.attributes.get(*attribute).and_then(|(value, _)| fixed(value)) else {
                continue;
            };
            match first_user.get(&(*kind, name)) {
                Some((other, _)) if *other == environment.name => {}
                Some((other, their)) => {
                    let what = format!(
                        "`{other}` and `{}` both make {kind} \"{name}\" ({}:{})",
                        environment.name,
                        facts.shown(&their.place.file),
                        their.place.line
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
    findings
}

/// The name as it is written, when nothing in it tells environments apart: the workspace alone does not, because every
/// environment has one that is called `default`.
fn fixed(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Expression(text) => {
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            let is_workspace = |part: &str| part.split('}').next().is_some_and(|inner| inner.trim() == "terraform.workspace");
            let mut parts = text.split("${").skip(1).peekable();
            let is_template = parts.peek().is_some() && parts.all(is_workspace);
            (is_template || text == "terraform.workspace").then_some(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixed;
    use crate::guard::facts::code::Value;

    #[test]
    fn only_what_tells_environments_apart_is_no_fixed_name() {
        for (value, expected) in [
            (Value::Text("data".to_owned()), Some("data")),
            (Value::Expression("\"data-${terraform.workspace}\"".to_owned()), Some("data-${terraform.workspace}")),
            (Value::Expression("terraform.workspace".to_owned()), Some("terraform.workspace")),
            (Value::Expression("\"${var.name}-${terraform.workspace}\"".to_owned()), None),
            (Value::Expression("var.name".to_owned()), None),
            (Value::Expression("local.x[\"a\"]".to_owned()), None),
        ] {
            assert_eq!(fixed(&value), expected, "{value:?}");
        }
    }
}
