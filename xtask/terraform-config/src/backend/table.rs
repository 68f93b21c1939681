//! The kinds of backend, a row each, after the source of Terraform 1.16.

use super::row::Absent::{Default, OfMachine, Required};
use super::row::{Naming, Row, field};
use super::spelling::{address, database, endpoint, host, metadata_host, oss_endpoint, partition, s3_endpoint, small};

/// The row of a kind.
pub(super) fn row(kind: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.kind == kind)
}

const ROWS: [Row; 13] = [
    Row { kind: "local", family: "local", store: &[], naming: Naming::Files, shown: &["path", "workspace_dir"], others: &[] },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/s3/backend.go: the endpoint in `Configure`;
    // s3/backend_state.go, `path`: the key as it is, joined by path.Join for other workspaces.
    // A region's own endpoint and its variables: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    Row {
        kind: "s3",
        family: "s3",
        store: &[
            field(&["bucket"], Required),
            field(&["endpoints.s3", "endpoint"], Default(""))
                .or(&["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL"])
                .spelled(s3_endpoint),
            field(&["region"], Default("aws")).or(&["AWS_REGION", "AWS_DEFAULT_REGION"]).spelled(partition),
        ],
        naming: Naming::Joined {
            prefix: field(&["workspace_key_prefix"], Default("env:")),
            key: field(&["key"], Required),
            default_below_prefix: false,
        },
        shown: &["bucket", "key", "region", "workspace_key_prefix"],
        others: &[
            "access_key",
            "acl",
            "allowed_account_ids",
            "assume_role",
            "assume_role_duration_seconds",
            "assume_role_policy",
            "assume_role_policy_arns",
            "assume_role_tags",
            "assume_role_transitive_tag_keys",
            "assume_role_with_web_identity",
            "custom_ca_bundle",
            "dynamodb_endpoint",
            "dynamodb_table",
            "ec2_metadata_service_endpoint",
            "ec2_metadata_service_endpoint_mode",
            "encrypt",
            "endpoint",
            "endpoints",
            "external_id",
            "forbidden_account_ids",
            "force_path_style",
            "http_proxy",
            "https_proxy",
            "iam_endpoint",
            "insecure",
            "kms_key_id",
            "lock_table",
            "max_retries",
            "no_proxy",
            "profile",
            "retry_mode",
            "role_arn",
            "secret_key",
            "session_name",
            "shared_config_files",
            "shared_credentials_file",
            "shared_credentials_files",
            "skip_credentials_validation",
            "skip_metadata_api_check",
            "skip_region_validation",
            "skip_requesting_account_id",
            "skip_s3_checksum",
            "sse_customer_key",
            "sts_endpoint",
            "sts_region",
            "token",
            "use_dualstack_endpoint",
            "use_fips_endpoint",
            "use_lockfile",
            "use_path_style",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/azure/backend.go, and azure/backend_state.go,
    // `path`. An account's name is one in each cloud:
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage, whatever subscription.
    // A metadata host describes a cloud of one's own (Azure Stack).
    Row {
        kind: "azurerm",
        family: "azurerm",
        store: &[
            field(&["storage_account_name"], Required).spelled(small),
            field(&["container_name"], Required).spelled(small),
            field(&["environment"], Default("public")).or(&["ARM_ENVIRONMENT"]).spelled(small),
            field(&["metadata_host"], Default("")).or(&["ARM_METADATA_HOSTNAME", "ARM_METADATA_HOST"]).spelled(metadata_host).way(),
        ],
        naming: Naming::Appended { key: field(&["key"], Required), marker: "env:" },
        shown: &["storage_account_name", "container_name", "key", "environment", "resource_group_name"],
        others: &[
            "access_key",
            "ado_pipeline_service_connection_id",
            "client_certificate",
            "client_certificate_password",
            "client_certificate_path",
            "client_id",
            "client_id_file_path",
            "client_secret",
            "client_secret_file_path",
            "endpoint",
            "lookup_blob_endpoint",
            "metadata_host",
            "msi_endpoint",
            "oidc_request_token",
            "oidc_request_url",
            "oidc_token",
            "oidc_token_file_path",
            "sas_token",
            "snapshot",
            "subscription_id",
            "tenant_id",
            "use_aks_workload_identity",
            "use_azuread_auth",
            "use_cli",
            "use_microsoft_graph",
            "use_msi",
            "use_oidc",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/gcs/backend.go, and gcs/backend_state.go,
    // `stateFile`: path.Join of the prefix and NAME.tfstate.
    Row {
        kind: "gcs",
        family: "gcs",
        store: &[
            field(&["bucket"], Required),
            field(&["storage_custom_endpoint"], Default(""))
                .or(&["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT"])
                .spelled(endpoint),
        ],
        naming: Naming::Directory { prefix: field(&["prefix"], Default("")), ending: ".tfstate" },
        shown: &["bucket", "prefix"],
        others: &[
            "access_token",
            "credentials",
            "encryption_key",
            "impersonate_service_account",
            "impersonate_service_account_delegates",
            "kms_encryption_key",
            "storage_custom_endpoint",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/http/backend.go. There are no workspaces.
    Row {
        kind: "http",
        family: "http",
        store: &[],
        naming: Naming::One(field(&["address"], Required).or(&["TF_HTTP_ADDRESS"]).spelled(address)),
        shown: &[],
        others: &[
            "address",
            "client_ca_certificate_pem",
            "client_certificate_pem",
            "client_private_key_pem",
            "lock_address",
            "lock_method",
            "password",
            "retry_max",
            "retry_wait_max",
            "retry_wait_min",
            "skip_cert_verification",
            "unlock_address",
            "unlock_method",
            "update_method",
            "username",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/pg/backend.go: a row for each workspace.
    Row {
        kind: "pg",
        family: "pg",
        store: &[field(&["conn_str"], Required).or(&["PG_CONN_STR"]).spelled(database)],
        naming: Naming::One(field(&["schema_name"], Default("terraform_remote_state")).or(&["PG_SCHEMA_NAME"])),
        shown: &["schema_name"],
        others: &["conn_str", "skip_index_creation", "skip_schema_creation", "skip_table_creation"],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/consul/backend.go, and
    // consul/backend_state.go, `statePath`. The agent's address: https://pkg.go.dev/github.com/hashicorp/consul/api#DefaultConfig
    // Each agent of a datacenter leads to the same keys: https://developer.hashicorp.com/consul/docs/architecture
    Row {
        kind: "consul",
        family: "consul",
        store: &[
            field(&["address"], Default("localhost:8500")).or(&["CONSUL_HTTP_ADDR"]).spelled(endpoint).way(),
            field(&["datacenter"], OfMachine),
        ],
        naming: Naming::Appended { key: field(&["path"], Required), marker: "-env:" },
        shown: &["path", "datacenter"],
        others: &["access_token", "address", "ca_file", "cert_file", "gzip", "http_auth", "key_file", "lock", "scheme"],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/kubernetes/backend.go, and
    // kubernetes/client.go, `createSecretName`. Another kubeconfig or context may lead to another cluster, or to the same one by
    // another user: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#context
    Row {
        kind: "kubernetes",
        family: "kubernetes",
        store: &[
            field(&["namespace"], Default("default")).or(&["KUBE_NAMESPACE"]),
            field(&["host"], OfMachine).or(&["KUBE_HOST"]).spelled(endpoint).way(),
            field(&["config_paths", "config_path"], OfMachine).or(&["KUBE_CONFIG_PATHS", "KUBE_CONFIG_PATH"]).way(),
            field(&["config_context"], OfMachine).or(&["KUBE_CTX"]).way(),
            field(&["config_context_cluster"], OfMachine).or(&["KUBE_CTX_CLUSTER"]).way(),
            field(&["in_cluster_config"], Default("false")).or(&["KUBE_IN_CLUSTER_CONFIG"]).way(),
        ],
        naming: Naming::One(field(&["secret_suffix"], Required)),
        shown: &["secret_suffix", "namespace", "config_context", "config_context_cluster"],
        others: &[
            "client_certificate",
            "client_key",
            "cluster_ca_certificate",
            "config_context_auth_info",
            "config_path",
            "config_paths",
            "exec",
            "host",
            "in_cluster_config",
            "insecure",
            "labels",
            "load_config_file",
            "password",
            "proxy_url",
            "token",
            "username",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/oss/backend.go, and oss/backend_state.go,
    // `stateFile`. A bucket's name is one in all regions: https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions
    // An endpoint that is not Alibaba Cloud's own may be an Apsara Stack's.
    Row {
        kind: "oss",
        family: "oss",
        store: &[
            field(&["bucket"], Required),
            field(&["endpoint"], Default("")).or(&["ALICLOUD_OSS_ENDPOINT", "OSS_ENDPOINT"]).spelled(oss_endpoint).way(),
        ],
        naming: Naming::Joined {
            prefix: field(&["prefix"], Default("env:")),
            key: field(&["key"], Default("terraform.tfstate")),
            default_below_prefix: true,
        },
        shown: &["bucket", "key", "prefix", "region"],
        others: &[
            "access_key",
            "acl",
            "assume_role",
            "assume_role_policy",
            "assume_role_role_arn",
            "assume_role_session_expiration",
            "assume_role_session_name",
            "ecs_role_name",
            "encrypt",
            "endpoint",
            "profile",
            "secret_key",
            "security_token",
            "shared_credentials_file",
            "sts_endpoint",
            "tablestore_endpoint",
            "tablestore_instance_name",
            "tablestore_table",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/cos/backend.go, and cos/backend_state.go,
    // `stateFile`. A bucket's name has the account's number in it (https://www.tencentcloud.com/document/product/436/13312), and its
    // URL the region: nothing says that two regions have two buckets of one name, or that they cannot.
    Row {
        kind: "cos",
        family: "cos",
        store: &[
            field(&["bucket"], Required),
            field(&["region"], OfMachine).or(&["TENCENTCLOUD_REGION"]).way(),
            field(&["endpoint"], Default("")).or(&["TENCENTCLOUD_ENDPOINT"]).spelled(endpoint).way(),
        ],
        naming: Naming::Joined {
            prefix: field(&["prefix"], Default("")),
            key: field(&["key"], Default("terraform.tfstate")),
            default_below_prefix: true,
        },
        shown: &["bucket", "key", "prefix", "region"],
        others: &[
            "accelerate",
            "acl",
            "assume_role",
            "cam_role_name",
            "domain",
            "encrypt",
            "endpoint",
            "profile",
            "secret_id",
            "secret_key",
            "security_token",
            "shared_credentials_dir",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/oci/backend.go, `path`; oci/constants.go, the
    // defaults; oci/util.go, the variables. A bucket is one in each region of a namespace:
    // https://docs.oracle.com/iaas/Content/Object/Tasks/managingbuckets.htm
    Row {
        kind: "oci",
        family: "oci",
        store: &[
            field(&["namespace"], Required).or(&["OCI_namespace"]),
            field(&["bucket"], Required).or(&["OCI_bucket"]),
            field(&["region"], OfMachine).or(&["OCI_region", "OCI_REGION"]),
        ],
        naming: Naming::Joined {
            prefix: field(&["workspace_key_prefix"], Default("tf-state-env")).or(&["OCI_workspace_key_prefix"]),
            key: field(&["key"], Default("terraform.tfstate")).or(&["OCI_key"]),
            default_below_prefix: false,
        },
        shown: &["namespace", "bucket", "key", "region", "workspace_key_prefix"],
        others: &[
            "auth",
            "config_file_profile",
            "fingerprint",
            "kms_key_id",
            "private_key",
            "private_key_password",
            "private_key_path",
            "sse_customer_algorithm",
            "sse_customer_key",
            "sse_customer_key_sha256",
            "tenancy_ocid",
            "user_ocid",
        ],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote/backend.go, `Configure` and `StateMgr`.
    Row {
        kind: "remote",
        family: "remote",
        store: &[field(&["hostname"], Default("app.terraform.io")).spelled(host), field(&["organization"], Required)],
        naming: Naming::Workspaces { name: field(&["workspaces.name"], Required) },
        shown: &["hostname", "organization", "workspaces.name", "workspaces.prefix"],
        others: &["token", "workspaces"],
    },
    // https://github.com/hashicorp/terraform/blob/main/internal/cloud/backend.go, `resolveCloudConfig`.
    Row {
        kind: "cloud",
        family: "remote",
        store: &[
            field(&["hostname"], Default("app.terraform.io")).or(&["TF_CLOUD_HOSTNAME"]).spelled(host),
            field(&["organization"], Required).or(&["TF_CLOUD_ORGANIZATION"]),
        ],
        naming: Naming::Workspaces { name: field(&["workspaces.name"], Required) },
        shown: &["hostname", "organization", "workspaces.name", "workspaces.project", "workspaces.tags"],
        others: &["token", "workspaces"],
    },
];
