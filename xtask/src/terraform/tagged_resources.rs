//! Finds what AWS has with an environment's tags, whatever a state knows.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::events;
use super::run::Terraform;
use crate::host::error::Failure;
use crate::host::{private_file, shutdown};
use crate::project::instance::Aws;

/// Types of what holds data, as the Resource Groups Tagging API calls them. Keys are left out: AWS lists one for weeks after it was
/// given up.
const STORES: [&str; 4] = ["rds:db", "elasticache:replicationgroup", "es:domain", "s3"];

impl Terraform {
    /// ARNs of databases, caches, search domains and buckets with all of these tags, in the region of `aws`. It takes as long as a
    /// start of AWS' provider, some seconds.
    ///
    /// # Errors
    /// AWS does not say.
    pub(crate) fn tagged(&self, aws: &Aws, tags: &[(&str, &str)]) -> Result<Vec<String>> {
        let place = private_file::temporary_directory(&self.environment.instances_directory(), "tagged")?;
        fs::write(place.path().join("main.tf.json"), root(aws, tags).to_string()).context("writing a root module")?;
        // The provider that this environment has, and no other.
        const LOCK_FILE: &str = ".terraform.lock.hcl";
        fs::copy(self.environment.directory.join(LOCK_FILE), place.path().join(LOCK_FILE)).context("copying the lock file")?;
        for arguments in [&["init", "-json", "-input=false"][..], &["apply", "-json", "-input=false", "-auto-approve"]] {
            let output = self.tool_in(place.path(), arguments).output()?;
            let said = String::from_utf8_lossy(&output.stdout);
            if !output.status.success() {
                return Err(self.complaint(arguments[0], &events::diagnostics(&said), &String::from_utf8_lossy(&output.stderr)).into());
            }
            if let Some(arns) = arns_in(&said) {
                return Ok(arns);
            }
        }
        // If nothing was found, there is an empty list: without a list, AWS was not asked to the end.
        Err(Failure::new("Terraform ended without saying what AWS has with this environment's tags").hint(shutdown::way_on()).into())
    }
}

/// A root that looks, and makes nothing.
fn root(aws: &Aws, tags: &[(&str, &str)]) -> Value {
    let filters: Vec<Value> = tags.iter().map(|(key, value)| json!({ "key": key, "values": [value] })).collect();
    let resources = json!({ "this": { "resource_type_filters": STORES, "tag_filter": filters } });
    json!({
        "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws" } } },
        "provider": { "aws": { "region": aws.region, "allowed_account_ids": aws.allowed_account_ids } },
        "data": { "aws_resourcegroupstaggingapi_resources": resources },
        "output": {
            "arns": { "value": "${data.aws_resourcegroupstaggingapi_resources.this.resource_tag_mapping_list[*].resource_arn}" }
        },
    })
}

/// The value of the output, from the last of the events.
fn arns_in(said: &str) -> Option<Vec<String>> {
    let events = said.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let value = events.into_iter().find_map(|event| event["outputs"]["arns"].get("value").cloned())?;
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::arns_in;

    #[test]
    fn the_arns_are_those_of_the_last_event_that_has_values() {
        let planned = r#"{"type":"outputs","outputs":{"arns":{"action":"create"}}}"#;
        let applied = r#"{"type":"outputs","outputs":{"arns":{"value":["arn:aws:s3:::b"]}}}"#;
        assert_eq!(arns_in(&format!("{planned}\n{applied}\n")), Some(vec!["arn:aws:s3:::b".to_owned()]));
        assert_eq!(arns_in(planned), None);
    }
}
