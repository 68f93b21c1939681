# `terraform init && terraform test`, without credentials and without a network.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/t-1-vectorstore" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/opensearch/t-1/application" }
  }
  mock_resource "aws_opensearch_domain" {
    defaults = {
      arn      = "arn:aws:es:eu-central-1:123456789012:domain/t-1"
      endpoint = "vpc-t-1-abcdef.eu-central-1.es.amazonaws.com"
    }
  }
}

variables {
  name        = "t-1"
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2", "subnet-3"], client_security_group_id = "sg-1" }
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "is_private_encrypted_and_redundant_by_default" {
  command = plan

  assert {
    condition = (
      aws_opensearch_domain.this.encrypt_at_rest[0].enabled &&
      aws_opensearch_domain.this.encrypt_at_rest[0].kms_key_id == var.kms_key_arn &&
      aws_opensearch_domain.this.node_to_node_encryption[0].enabled &&
      aws_opensearch_domain.this.domain_endpoint_options[0].enforce_https &&
      aws_opensearch_domain.this.domain_endpoint_options[0].tls_security_policy == "Policy-Min-TLS-1-2-PFS-2023-10"
    )
    error_message = "not encrypted at rest and in transit"
  }

  assert {
    condition     = aws_opensearch_domain.this.vpc_options[0].subnet_ids == toset(["subnet-1", "subnet-2"]) && aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.clients.from_port == 443 && aws_vpc_security_group_ingress_rule.clients.to_port == 443
    error_message = "somebody else than the clients is let in"
  }

  assert {
    condition     = aws_opensearch_domain.this.advanced_security_options[0].enabled && !aws_opensearch_domain.this.advanced_security_options[0].internal_user_database_enabled
    error_message = "no fine-grained access control, or with passwords"
  }

  assert {
    condition     = jsondecode(aws_opensearch_domain.this.access_policies).Statement[0].Principal.AWS == "arn:aws:iam::123456789012:root" && jsondecode(aws_opensearch_domain.this.access_policies).Statement[0].Resource == "arn:aws:es:eu-central-1:123456789012:domain/t-1/*"
    error_message = "the access policy"
  }

  assert {
    condition = (
      aws_opensearch_domain.this.engine_version == "OpenSearch_2.19" &&
      aws_opensearch_domain.this.cluster_config[0].instance_type == "t3.medium.search" &&
      aws_opensearch_domain.this.cluster_config[0].instance_count == 2 &&
      !aws_opensearch_domain.this.cluster_config[0].dedicated_master_enabled &&
      aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled &&
      aws_opensearch_domain.this.cluster_config[0].zone_awareness_config[0].availability_zone_count == 2 &&
      aws_opensearch_domain.this.ebs_options[0].volume_type == "gp3" &&
      aws_opensearch_domain.this.ebs_options[0].volume_size == 20
    )
    error_message = "the defaults of engine and size"
  }

  assert {
    condition     = keys(aws_cloudwatch_log_group.this) == ["application"] && aws_cloudwatch_log_group.this["application"].retention_in_days == 30 && aws_cloudwatch_log_group.this["application"].kms_key_id == var.kms_key_arn
    error_message = "the application log is not kept, or not encrypted with the key"
  }

  assert {
    condition     = terraform_data.protection.input.protected && length(aws_iam_service_linked_role.this) == 0
    error_message = "not protected, or the account's own role was touched"
  }
}

# Applied without protection, because the test removes it again.
run "keeps_the_contract" {
  variables {
    protected = false
  }

  assert {
    condition = output.service == {
      engine = "opensearch", version = "2.19", host = "vpc-t-1-abcdef.eu-central-1.es.amazonaws.com", port = 443, grpc_port = null, tls = true,
      image  = null, container = null, volume = null, probe = null, status = null,
    }
    error_message = "the service differs from the contract"
  }

  assert {
    condition = output.env == {
      VECTORSTORE_ENGINE   = "opensearch"
      VECTORSTORE_URL      = "https://vpc-t-1-abcdef.eu-central-1.es.amazonaws.com"
      VECTORSTORE_GRPC_URL = ""
      VECTORSTORE_API_KEY  = ""
      VECTORSTORE_AUTH     = "iam"
      VECTORSTORE_REGION   = "eu-central-1"
      VECTORSTORE_ROLE_ARN = "arn:aws:iam::123456789012:role/t-1-vectorstore"
    }
    error_message = "env differs from the contract"
  }

  assert {
    condition     = output.arns == { domain = "arn:aws:es:eu-central-1:123456789012:domain/t-1", master = "arn:aws:iam::123456789012:role/t-1-vectorstore" }
    error_message = "the ARNs that a policy needs"
  }

  assert {
    condition     = aws_opensearch_domain.this.advanced_security_options[0].master_user_options[0].master_user_arn == "arn:aws:iam::123456789012:role/t-1-vectorstore"
    error_message = "the master is not the role that was made"
  }
}

run "a_size_decides_what_is_not_said" {
  command = plan

  variables {
    size                       = "large"
    volume_gb                  = 500
    master_role_arn            = "arn:aws:iam::123456789012:role/search-admin"
    create_service_linked_role = true
    logs                       = ["index_slow", "search_slow", "audit"]
  }

  assert {
    condition = (
      aws_opensearch_domain.this.cluster_config[0].instance_type == "r7g.xlarge.search" &&
      aws_opensearch_domain.this.cluster_config[0].instance_count == 6 &&
      aws_opensearch_domain.this.cluster_config[0].zone_awareness_config[0].availability_zone_count == 3 &&
      aws_opensearch_domain.this.cluster_config[0].dedicated_master_count == 3 &&
      aws_opensearch_domain.this.cluster_config[0].dedicated_master_type == "m7g.large.search" &&
      aws_opensearch_domain.this.ebs_options[0].volume_size == 500
    )
    error_message = "the size, and the volume that was said"
  }

  assert {
    condition     = length(aws_iam_role.master) == 0 && output.env.VECTORSTORE_ROLE_ARN == "arn:aws:iam::123456789012:role/search-admin"
    error_message = "the master that was said"
  }

  assert {
    condition     = length(aws_iam_service_linked_role.this) == 1 && length(aws_cloudwatch_log_group.this) == 3
    error_message = "the service-linked role or the logs that were asked for"
  }
}

run "a_single_node_needs_one_subnet" {
  command = plan

  variables {
    instance_count = 1
    logs           = []
  }

  assert {
    condition     = !aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled && length(aws_opensearch_domain.this.vpc_options[0].subnet_ids) == 1 && length(aws_cloudwatch_log_resource_policy.this) == 0
    error_message = "zones or logs for a single node without"
  }
}

run "keeps_a_name_at_the_limit" {
  command = plan

  variables {
    name = "tracker-production-of-firm-1"
  }

  assert {
    condition     = aws_opensearch_domain.this.domain_name == "tracker-production-of-firm-1"
    error_message = "28 characters fit"
  }
}

run "cuts_longer_names_and_keeps_them_apart" {
  command = plan

  variables {
    name = "tracker-production-of-firm-x1-and-everything-that-belongs-to-it"
  }

  assert {
    condition     = length(aws_opensearch_domain.this.domain_name) <= 28 && aws_opensearch_domain.this.domain_name == "tracker-production-${substr(sha256(var.name), 0, 8)}"
    error_message = "the domain's name"
  }

  assert {
    condition     = length(aws_iam_role.master[0].name) == 64 && endswith(aws_iam_role.master[0].name, substr(sha256("${var.name}-vectorstore"), 0, 8))
    error_message = "the role's name"
  }
}

run "refuses_what_aws_would" {
  command = plan

  expect_failures = [
    var.name, var.instance_type, var.master_instance_type, var.volume_gb, var.engine_version,
    var.master_role_arn, var.logs, var.log_retention_days,
  ]

  variables {
    name                 = "Tracker"
    instance_type        = "r7g.large"
    master_instance_type = "m7g.large"
    volume_gb            = 5
    engine_version       = "1.3"
    master_role_arn      = "search-admin"
    logs                 = ["slow"]
    log_retention_days   = 31
  }
}

run "refuses_an_unknown_size" {
  command         = plan
  expect_failures = [var.size]

  variables {
    size = "huge"
  }
}

run "refuses_an_empty_network" {
  command         = plan
  expect_failures = [var.network]

  variables {
    instance_count = 1
    network        = { vpc_id = "vpc-1", subnet_ids = [], client_security_group_id = "sg-1" }
  }
}

run "refuses_nodes_that_cannot_be_spread_evenly" {
  command         = plan
  expect_failures = [var.instance_count]

  variables {
    instance_count = 3
    network        = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], client_security_group_id = "sg-1" }
  }
}

run "refuses_half_a_node" {
  command         = plan
  expect_failures = [var.instance_count]

  variables {
    instance_count = 1.5
  }
}
