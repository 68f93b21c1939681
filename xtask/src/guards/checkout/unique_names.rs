//! Which attribute is a resource's name, and within what that has to be unique: a second resource of that name is refused there, or
//! takes the first one over.
//!
//! AWS: each type's `CreateX` in the service's API reference says that the name is unique to account and region, or to the account
//! (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html) or the world
//! (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html). Azure: the column "Scope" of
//! https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. Google: a resource's name has its project
//! in it (https://cloud.google.com/apis/design/resource_names), buckets and projects are one for all
//! (https://cloud.google.com/storage/docs/buckets#naming).

/// What a name is unique in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// A Docker engine.
    Engine,
    /// A region of an account.
    Region,
    /// An account of AWS, in all its regions.
    Account,
    /// A project of Google's, a subscription of Azure's.
    Project,
    /// All accounts together.
    World,
}

use Scope::{Account, Engine, Project, Region, World};

/// Types of resources by scope and by the attribute that is the name.
const TABLE: &[(Scope, &str, &str)] = &[
    (Engine, "name", "docker_container docker_volume docker_network docker_secret docker_config docker_service"),
    (World, "bucket", "aws_s3_bucket"),
    (World, "account_alias", "aws_iam_account_alias"),
    (
        Account,
        "name",
        "aws_iam_role aws_iam_policy aws_iam_user aws_iam_group aws_iam_instance_profile aws_iam_server_certificate aws_iam_saml_provider \
         aws_cloudfront_function aws_cloudfront_cache_policy aws_cloudfront_origin_request_policy aws_cloudfront_response_headers_policy \
         aws_cloudfront_origin_access_control aws_budgets_budget",
    ),
    (Account, "url", "aws_iam_openid_connect_provider"),
    (Account, "dashboard_name", "aws_cloudwatch_dashboard"),
    (
        Region,
        "name",
        "aws_db_subnet_group aws_db_parameter_group aws_db_option_group aws_rds_cluster_parameter_group aws_db_proxy \
         aws_elasticache_subnet_group aws_elasticache_parameter_group aws_elasticache_serverless_cache aws_memorydb_cluster \
         aws_redshift_subnet_group aws_docdb_subnet_group aws_neptune_subnet_group aws_opensearchserverless_collection aws_ssm_parameter \
         aws_ssm_document aws_secretsmanager_secret aws_kms_alias aws_cloudwatch_log_group aws_cloudwatch_event_bus aws_dynamodb_table \
         aws_sqs_queue aws_sns_topic aws_kinesis_stream aws_kinesis_firehose_delivery_stream aws_ecr_repository aws_lb aws_alb \
         aws_lb_target_group aws_alb_target_group aws_elb aws_ecs_cluster aws_eks_cluster aws_codebuild_project aws_codepipeline \
         aws_codedeploy_app aws_cloudtrail aws_autoscaling_group aws_launch_configuration aws_launch_template aws_sfn_state_machine aws_glue_job \
         aws_glue_crawler aws_glue_catalog_database aws_athena_workgroup aws_backup_vault aws_batch_job_queue aws_batch_job_definition \
         aws_wafv2_web_acl aws_wafv2_ip_set aws_scheduler_schedule_group aws_cloudformation_stack aws_elastic_beanstalk_application",
    ),
    (Region, "identifier", "aws_db_instance"),
    (Region, "cluster_identifier", "aws_rds_cluster aws_docdb_cluster aws_neptune_cluster aws_redshift_cluster"),
    (Region, "replication_group_id", "aws_elasticache_replication_group"),
    (Region, "cluster_id", "aws_elasticache_cluster"),
    (Region, "user_id", "aws_elasticache_user"),
    (Region, "user_group_id", "aws_elasticache_user_group"),
    (Region, "domain_name", "aws_opensearch_domain aws_elasticsearch_domain"),
    (Region, "function_name", "aws_lambda_function"),
    (Region, "alarm_name", "aws_cloudwatch_metric_alarm"),
    (Region, "cluster_name", "aws_msk_cluster"),
    (Region, "domain", "aws_cognito_user_pool_domain"),
    (Region, "service_name", "aws_apprunner_service"),
    (Region, "broker_name", "aws_mq_broker"),
    (Region, "key_name", "aws_key_pair"),
    (Region, "repository_name", "aws_codecommit_repository"),
    (Region, "compute_environment_name", "aws_batch_compute_environment"),
    (Region, "replication_instance_id", "aws_dms_replication_instance"),
    (World, "name", "google_storage_bucket"),
    (World, "project_id", "google_project"),
    (
        Project,
        "name",
        "google_pubsub_topic google_pubsub_subscription google_sql_database_instance google_container_cluster google_compute_network \
         google_compute_global_address google_compute_health_check google_compute_backend_service google_compute_url_map \
         google_compute_firewall google_cloud_run_service google_cloud_run_v2_service google_cloudfunctions_function \
         google_cloudfunctions2_function google_dns_managed_zone google_redis_instance google_spanner_instance \
         google_cloud_tasks_queue google_cloud_scheduler_job",
    ),
    (Project, "account_id", "google_service_account"),
    (Project, "secret_id", "google_secret_manager_secret"),
    (Project, "dataset_id", "google_bigquery_dataset"),
    (Project, "repository_id", "google_artifact_registry_repository"),
    (Project, "role_id", "google_project_iam_custom_role"),
    (Project, "name", "azurerm_resource_group"),
    (
        World,
        "name",
        "azurerm_storage_account azurerm_key_vault azurerm_container_registry azurerm_linux_web_app azurerm_windows_web_app \
         azurerm_linux_function_app azurerm_windows_function_app azurerm_app_service azurerm_function_app azurerm_cosmosdb_account \
         azurerm_mssql_server azurerm_sql_server azurerm_postgresql_server azurerm_postgresql_flexible_server azurerm_mysql_server \
         azurerm_mysql_flexible_server azurerm_mariadb_server azurerm_redis_cache azurerm_servicebus_namespace azurerm_eventhub_namespace \
         azurerm_search_service azurerm_api_management azurerm_cdn_endpoint azurerm_data_factory azurerm_app_configuration \
         azurerm_signalr_service azurerm_iothub azurerm_batch_account",
    ),
];

/// The attribute that is the name of resources of this type, and what that is unique in; `None` where it need not be unique.
pub(super) fn name_of(kind: &str) -> Option<(&'static str, Scope)> {
    let row = TABLE.iter().find(|(_, _, kinds)| kinds.split(' ').any(|one| one == kind))?;
    Some((row.1, row.0))
}

#[cfg(test)]
mod tests {
    use super::{Scope, TABLE, name_of};
    use std::collections::BTreeSet;

    #[test]
    fn every_type_is_there_once() {
        let kinds: Vec<&str> = TABLE.iter().flat_map(|(_, _, kinds)| kinds.split(' ')).collect();
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len());
        for (kind, expected) in [
            ("aws_s3_bucket", Some(("bucket", Scope::World))),
            ("aws_iam_role", Some(("name", Scope::Account))),
            ("aws_lambda_function", Some(("function_name", Scope::Region))),
            ("azurerm_key_vault", Some(("name", Scope::World))),
            ("aws_security_group", None),
        ] {
            assert_eq!(name_of(kind), expected, "{kind}");
        }
    }
}
