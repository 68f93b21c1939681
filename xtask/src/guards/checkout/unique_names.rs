//! Which attribute is a resource's name, and within what that has to be unique: a second resource of that name is refused there, or
//! takes the first one over.
//!
//! AWS: each type's `CreateX` in the service's API reference says that the name is unique to account and region, or to the account
//! (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html) or the world
//! (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html). Azure: the column "Scope" of
//! https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. Google: a resource's name has its project
//! in it (https://cloud.google.com/apis/design/resource_names), buckets and projects are one for all
//! (https://cloud.google.com/storage/docs/buckets#naming).

use std::collections::HashMap;
use std::sync::LazyLock;

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

/// Types of resources by scope and by the attribute that is the name, followed by those that have to be equal too: what the name is in,
/// and what else tells two of one name apart. One with a question mark may be left out.
const TABLE: &[(Scope, &[&str], &str)] = &[
    (Engine, &["name"], "docker_container docker_volume docker_network docker_secret docker_config docker_service"),
    (World, &["bucket"], "aws_s3_bucket"),
    (World, &["account_alias"], "aws_iam_account_alias"),
    (
        Account,
        &["name"],
        "aws_iam_role aws_iam_policy aws_iam_user aws_iam_group aws_iam_instance_profile aws_iam_server_certificate aws_iam_saml_provider \
         aws_cloudfront_function aws_cloudfront_cache_policy aws_cloudfront_origin_request_policy aws_cloudfront_response_headers_policy \
         aws_cloudfront_origin_access_control aws_cloudfront_public_key aws_cloudfront_key_group aws_budgets_budget",
    ),
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions
    (World, &["aliases"], "aws_cloudfront_distribution"),
    // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
    (Account, &["name", "zone_id", "type", "set_identifier?"], "aws_route53_record"),
    (Account, &["global_cluster_identifier"], "aws_rds_global_cluster"),
    (Account, &["url"], "aws_iam_openid_connect_provider"),
    (Account, &["dashboard_name"], "aws_cloudwatch_dashboard"),
    (
        Region,
        &["name"],
        "aws_db_subnet_group aws_db_parameter_group aws_db_option_group aws_rds_cluster_parameter_group aws_db_proxy \
         aws_elasticache_subnet_group aws_elasticache_parameter_group aws_elasticache_serverless_cache aws_memorydb_cluster \
         aws_redshift_subnet_group aws_docdb_subnet_group aws_neptune_subnet_group aws_opensearchserverless_collection aws_ssm_parameter \
         aws_ssm_document aws_secretsmanager_secret aws_kms_alias aws_cloudwatch_log_group aws_cloudwatch_event_bus aws_dynamodb_table \
         aws_sqs_queue aws_sns_topic aws_kinesis_stream aws_kinesis_firehose_delivery_stream aws_ecr_repository aws_lb aws_alb \
         aws_lb_target_group aws_alb_target_group aws_elb aws_ecs_cluster aws_eks_cluster aws_codebuild_project aws_codepipeline \
         aws_codedeploy_app aws_cloudtrail aws_autoscaling_group aws_launch_configuration aws_launch_template aws_sfn_state_machine aws_glue_job \
         aws_glue_crawler aws_glue_catalog_database aws_athena_workgroup aws_backup_vault aws_batch_job_queue aws_batch_job_definition \
         aws_wafv2_web_acl aws_wafv2_ip_set aws_scheduler_schedule_group aws_cloudformation_stack aws_elastic_beanstalk_application \
         aws_elastic_beanstalk_environment aws_docdb_cluster_parameter_group aws_neptune_cluster_parameter_group \
         aws_redshift_parameter_group aws_dax_subnet_group aws_memorydb_subnet_group aws_memorydb_parameter_group aws_memorydb_acl \
         aws_config_config_rule aws_glue_connection aws_glue_trigger aws_glue_workflow aws_ses_configuration_set \
         aws_networkfirewall_firewall aws_networkfirewall_firewall_policy aws_networkfirewall_rule_group aws_codestarconnections_connection \
         aws_iot_thing aws_iot_topic_rule aws_kinesisanalyticsv2_application aws_msk_configuration aws_pipes_pipe \
         aws_resourcegroups_group aws_sagemaker_model aws_sagemaker_endpoint aws_sagemaker_notebook_instance aws_signer_signing_profile",
    ),
    (Region, &["name", "event_bus_name?"], "aws_cloudwatch_event_rule"),
    (Region, &["name", "group_name?"], "aws_scheduler_schedule"),
    (Region, &["domain_name"], "aws_api_gateway_domain_name aws_apigatewayv2_domain_name"),
    (Region, &["email"], "aws_ses_email_identity"),
    (Region, &["email_identity"], "aws_sesv2_email_identity"),
    (Region, &["identifier"], "aws_db_instance aws_rds_cluster_instance aws_docdb_cluster_instance aws_neptune_cluster_instance"),
    (Region, &["cluster_identifier"], "aws_rds_cluster aws_docdb_cluster aws_neptune_cluster aws_redshift_cluster"),
    (Region, &["replication_group_id"], "aws_elasticache_replication_group"),
    (Region, &["cluster_id"], "aws_elasticache_cluster"),
    (Region, &["user_id"], "aws_elasticache_user"),
    (Region, &["user_group_id"], "aws_elasticache_user_group"),
    (Region, &["domain_name"], "aws_opensearch_domain aws_elasticsearch_domain"),
    (Region, &["function_name"], "aws_lambda_function"),
    (Region, &["alarm_name"], "aws_cloudwatch_metric_alarm aws_cloudwatch_composite_alarm"),
    (Region, &["cluster_name"], "aws_msk_cluster aws_msk_serverless_cluster aws_dax_cluster"),
    (Region, &["domain"], "aws_cognito_user_pool_domain aws_ses_domain_identity aws_codeartifact_domain"),
    (Region, &["service_name"], "aws_apprunner_service"),
    (Region, &["broker_name"], "aws_mq_broker"),
    (Region, &["key_name"], "aws_key_pair"),
    (Region, &["repository_name"], "aws_codecommit_repository"),
    (Region, &["compute_environment_name"], "aws_batch_compute_environment"),
    (Region, &["replication_instance_id"], "aws_dms_replication_instance"),
    (World, &["name"], "google_storage_bucket"),
    (World, &["project_id"], "google_project"),
    (
        Project,
        &["name"],
        "google_pubsub_topic google_pubsub_subscription google_sql_database_instance google_container_cluster google_compute_network \
         google_compute_global_address google_compute_health_check google_compute_backend_service google_compute_url_map \
         google_compute_firewall google_cloud_run_service google_cloud_run_v2_service google_cloudfunctions_function \
         google_cloudfunctions2_function google_dns_managed_zone google_redis_instance google_spanner_instance \
         google_cloud_tasks_queue google_cloud_scheduler_job google_compute_security_policy google_compute_ssl_policy \
         google_compute_ssl_certificate google_compute_managed_ssl_certificate google_compute_target_https_proxy \
         google_compute_target_http_proxy google_compute_global_forwarding_rule google_compute_backend_bucket \
         google_compute_instance_template google_compute_route google_logging_metric",
    ),
    (
        Project,
        &["name", "region"],
        "google_compute_subnetwork google_compute_address google_compute_router google_compute_forwarding_rule \
         google_vpc_access_connector google_workflows_workflow google_composer_environment",
    ),
    (Project, &["name", "zone"], "google_compute_instance google_compute_disk"),
    (Project, &["name", "location"], "google_kms_key_ring google_filestore_instance"),
    (Project, &["name", "managed_zone", "type"], "google_dns_record_set"),
    (Project, &["workload_identity_pool_id"], "google_iam_workload_identity_pool"),
    (Project, &["account_id"], "google_service_account"),
    (Project, &["secret_id"], "google_secret_manager_secret"),
    (Project, &["dataset_id"], "google_bigquery_dataset"),
    (Project, &["repository_id"], "google_artifact_registry_repository"),
    (Project, &["role_id"], "google_project_iam_custom_role"),
    (Project, &["name"], "azurerm_resource_group"),
    (
        Project,
        &["name", "resource_group_name"],
        "azurerm_virtual_network azurerm_network_security_group azurerm_public_ip azurerm_lb azurerm_nat_gateway azurerm_application_gateway \
         azurerm_kubernetes_cluster azurerm_linux_virtual_machine azurerm_windows_virtual_machine azurerm_network_interface \
         azurerm_log_analytics_workspace azurerm_application_insights azurerm_user_assigned_identity azurerm_service_plan \
         azurerm_app_service_plan azurerm_route_table azurerm_private_endpoint azurerm_container_group azurerm_container_app_environment \
         azurerm_dns_zone azurerm_private_dns_zone azurerm_monitor_action_group azurerm_recovery_services_vault",
    ),
    (
        Project,
        &["name", "zone_name", "resource_group_name"],
        "azurerm_dns_a_record azurerm_dns_aaaa_record azurerm_dns_cname_record azurerm_dns_txt_record azurerm_dns_mx_record \
         azurerm_dns_ns_record azurerm_private_dns_a_record azurerm_private_dns_cname_record",
    ),
    (
        World,
        &["name"],
        "azurerm_storage_account azurerm_key_vault azurerm_container_registry azurerm_linux_web_app azurerm_windows_web_app \
         azurerm_linux_function_app azurerm_windows_function_app azurerm_app_service azurerm_function_app azurerm_cosmosdb_account \
         azurerm_mssql_server azurerm_sql_server azurerm_postgresql_server azurerm_postgresql_flexible_server azurerm_mysql_server \
         azurerm_mysql_flexible_server azurerm_mariadb_server azurerm_redis_cache azurerm_servicebus_namespace azurerm_eventhub_namespace \
         azurerm_search_service azurerm_api_management azurerm_cdn_endpoint azurerm_data_factory azurerm_app_configuration \
         azurerm_signalr_service azurerm_iothub azurerm_batch_account",
    ),
];

/// What has to be unique of resources of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unique {
    /// The attribute that is the name, and those that belong to it.
    pub(super) attributes: &'static [&'static str],
    /// What they are unique in.
    pub(super) scope: Scope,
}

impl Unique {
    /// The attribute that is the name.
    pub(super) fn name(self) -> &'static str {
        self.attributes[0]
    }
}

/// What has to be unique of resources of this type; `None` where they need no names of their own.
pub(super) fn unique(kind: &str) -> Option<Unique> {
    static BY_KIND: LazyLock<HashMap<&str, Unique>> = LazyLock::new(|| {
        let rows = TABLE.iter().flat_map(|(scope, attributes, kinds)| kinds.split(' ').map(move |kind| (kind, *attributes, *scope)));
        rows.map(|(kind, attributes, scope)| (kind, Unique { attributes, scope })).collect()
    });
    BY_KIND.get(kind).copied()
}

#[cfg(test)]
mod tests {
    use super::{Scope, TABLE, unique};
    use std::collections::BTreeSet;

    #[test]
    fn every_type_is_there_once() {
        let kinds: Vec<&str> = TABLE.iter().flat_map(|(_, _, kinds)| kinds.split(' ')).collect();
        let once: BTreeSet<&str> = kinds.iter().copied().collect();
        let twice: Vec<_> = once.iter().filter(|kind| kinds.iter().filter(|one| one == kind).count() > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        for (kind, expected) in [
            ("aws_s3_bucket", Some(("bucket", Scope::World))),
            ("aws_iam_role", Some(("name", Scope::Account))),
            ("aws_lambda_function", Some(("function_name", Scope::Region))),
            ("aws_route53_record", Some(("name", Scope::Account))),
            ("azurerm_key_vault", Some(("name", Scope::World))),
            ("aws_security_group", None),
        ] {
            assert_eq!(unique(kind).map(|unique| (unique.name(), unique.scope)), expected, "{kind}");
        }
    }
}
