# `terraform init && terraform test`, without credentials and without a network.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_secretsmanager_random_password" {
    defaults = { random_password = "0123456789abcdef0123456789abcdef0123456789abcdef" }
  }
  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      arn                      = "arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:t"
      primary_endpoint_address = "master.t.abcdef.euc1.cache.amazonaws.com"
      engine_version_actual    = "8.0.1"
    }
  }
  mock_resource "aws_elasticache_user" {
    defaults = { arn = "arn:aws:elasticache:eu-central-1:123456789012:user:t-app" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:t/redis-abcdef"
      id  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:t/redis-abcdef"
    }
  }
}

variables {
  name        = "t"
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], client_security_group_id = "sg-1" }
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "is_encrypted_redundant_and_protected_by_default" {
  assert {
    condition = (
      aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" &&
      aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn &&
      aws_elasticache_replication_group.this.transit_encryption_enabled &&
      aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    )
    error_message = "not encrypted at rest and in transit"
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.num_cache_clusters == 2 &&
      aws_elasticache_replication_group.this.automatic_failover_enabled &&
      aws_elasticache_replication_group.this.multi_az_enabled
    )
    error_message = "a failed primary is not replaced"
  }

  assert {
    condition = (
      aws_elasticache_replication_group.this.snapshot_retention_limit == 7 &&
      can(regex("^t-final-[0-9]{14}$", aws_elasticache_replication_group.this.final_snapshot_identifier)) &&
      !aws_elasticache_replication_group.this.apply_immediately
    )
    error_message = "not protected"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.engine_version == "8.0" && aws_elasticache_replication_group.this.node_type == "cache.t4g.small"
    error_message = "the defaults of engine and size"
  }

  assert {
    condition     = aws_elasticache_parameter_group.this[0].family == "valkey8" && one(aws_elasticache_parameter_group.this[0].parameter).value == "noeviction"
    error_message = "the parameter group"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.clients.from_port == 6379 && aws_vpc_security_group_ingress_rule.clients.to_port == 6379
    error_message = "somebody else than the clients is let in"
  }

  assert {
    condition = (
      aws_elasticache_user.app[0].user_id == "t-app" && aws_elasticache_user.app[0].user_name == "t-app" &&
      aws_elasticache_user.app[0].authentication_mode[0].type == "iam" &&
      aws_elasticache_user_group.this[0].user_ids == toset(["t-app"]) &&
      aws_elasticache_replication_group.this.user_group_ids == toset(["t"])
    )
    error_message = "the IAM user"
  }

  assert {
    condition     = length(terraform_data.password) == 0 && length(aws_secretsmanager_secret.this) == 0 && aws_elasticache_replication_group.this.auth_token == null
    error_message = "a password beside IAM"
  }
}

run "keeps_the_contract_with_iam" {
  assert {
    condition = output.service == {
      engine = "valkey", version = "8.0.1", host = "master.t.abcdef.euc1.cache.amazonaws.com", port = 6379, tls = true,
      image  = null, container = null, volume = null, probe = null, status = null,
    }
    error_message = "the service differs from the contract"
  }

  assert {
    condition = output.env == {
      REDIS_URL            = "rediss://t-app@master.t.abcdef.euc1.cache.amazonaws.com:6379/0"
      REDIS_AUTH           = "iam"
      REDIS_USER           = "t-app"
      REDIS_CACHE_NAME     = "t"
      REDIS_REGION         = "eu-central-1"
      REDIS_SECRET_ARN     = ""
      REDIS_SECRET_COMMAND = ""
    }
    error_message = "env differs from the contract"
  }

  assert {
    condition     = endswith(output.arns.cache, ":replicationgroup:t") && endswith(output.arns.user, ":user:t-app") && output.arns.secret == null
    error_message = "the ARNs that a policy needs"
  }
}

run "keeps_its_snapshot_s_name_while_it_lives" {
  variables {
    snapshot_retention_days = 8
  }

  assert {
    condition     = output.final_snapshot == run.is_encrypted_redundant_and_protected_by_default.final_snapshot && aws_elasticache_replication_group.this.snapshot_retention_limit == 8
    error_message = "each plan would change the name"
  }
}

run "has_another_name_for_another_cache_s_snapshot" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  }

  assert {
    condition     = output.final_snapshot != run.is_encrypted_redundant_and_protected_by_default.final_snapshot
    error_message = "the second cache would end in the snapshot of the first"
  }
}

run "gives_the_password_by_reference" {
  variables {
    name = "p"
    auth = "password"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.auth_token == terraform_data.password[0].output && length(terraform_data.password[0].output) == 48 && aws_elasticache_replication_group.this.auth_token_update_strategy == "ROTATE"
    error_message = "the password"
  }

  assert {
    condition     = length(aws_elasticache_user.app) == 0 && aws_elasticache_replication_group.this.user_group_ids == null
    error_message = "an IAM user beside the password"
  }

  assert {
    condition     = output.env.REDIS_AUTH == "password" && output.env.REDIS_URL == "rediss://default@master.t.abcdef.euc1.cache.amazonaws.com:6379/0" && output.env.REDIS_SECRET_ARN == output.arns.secret && strcontains(output.env.REDIS_SECRET_COMMAND, output.arns.secret)
    error_message = "env lacks the reference"
  }

  assert {
    condition     = alltrue([for value in values(output.env) : !strcontains(value, "0123456789abcdef")])
    error_message = "env holds the password"
  }

  assert {
    condition     = aws_secretsmanager_secret.this[0].name_prefix == "p/redis-" && aws_secretsmanager_secret.this[0].kms_key_id == var.kms_key_arn && aws_secretsmanager_secret.this[0].recovery_window_in_days == 30 && aws_secretsmanager_secret_version.this[0].secret_string == null
    error_message = "the secret"
  }
}

run "keeps_the_password_that_was_drawn_first" {
  override_data {
    target = data.aws_secretsmanager_random_password.this
    values = { random_password = "another-another-another-another-another-another-" }
  }

  variables {
    name = "p"
    auth = "password"
  }

  assert {
    condition     = startswith(terraform_data.password[0].output, "0123456789abcdef")
    error_message = "every plan would draw a new password"
  }
}

run "draws_a_new_password_when_told" {
  override_data {
    target = data.aws_secretsmanager_random_password.this
    values = { random_password = "another-another-another-another-another-another-" }
  }

  variables {
    name             = "p"
    auth             = "password"
    password_version = 2
  }

  assert {
    condition     = startswith(aws_elasticache_replication_group.this.auth_token, "another-") && aws_secretsmanager_secret_version.this[0].secret_string_wo_version == 2
    error_message = "the password or its secret is the old one"
  }
}

run "gives_redis_a_default_user_that_may_do_nothing" {
  command = plan

  variables {
    engine = "redis"
  }

  assert {
    condition     = aws_elasticache_user.nobody[0].user_name == "default" && aws_elasticache_user.nobody[0].access_string == "off -@all" && aws_elasticache_user_group.this[0].user_ids == toset(["t-app", "t-nobody"])
    error_message = "the default user"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.engine_version == "7.1" && aws_elasticache_parameter_group.this[0].family == "redis7"
    error_message = "the version of Redis"
  }
}

run "is_cheap_and_quick_where_not_protected" {
  command = plan

  variables {
    protected        = false
    replicas         = 0
    auth             = "password"
    maxmemory_policy = null
    network          = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], client_security_group_id = "sg-1" }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 0 && aws_elasticache_replication_group.this.final_snapshot_identifier == null && aws_elasticache_replication_group.this.apply_immediately && aws_secretsmanager_secret.this[0].recovery_window_in_days == 0
    error_message = "something would be kept"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.automatic_failover_enabled && !aws_elasticache_replication_group.this.multi_az_enabled && length(aws_elasticache_parameter_group.this) == 0
    error_message = "a single node with AWS's own parameters"
  }
}

run "a_size_decides_what_is_not_said" {
  command = plan

  variables {
    size      = "large"
    node_type = "cache.m7g.large"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.node_type == "cache.m7g.large" && aws_elasticache_replication_group.this.num_cache_clusters == 3
    error_message = "the size's replicas and the node type that was said"
  }
}

run "refuses_a_name_that_aws_would" {
  command = plan

  variables {
    name = "tracker-production-of-the-whole-company--eu"
  }

  expect_failures = [var.name]
}

run "cuts_names_at_the_limit_and_keeps_them_apart" {
  command = plan

  variables {
    name = "tracker-production-of-the-whole-firm-eu1"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.replication_group_id == "tracker-production-of-the-whole-firm-eu1"
    error_message = "40 characters fit"
  }

  assert {
    condition     = length(aws_elasticache_user.app[0].user_id) <= 40 && aws_elasticache_user.app[0].user_id == "tracker-production-of-the-whole-${substr(sha256("tracker-production-of-the-whole-firm-eu1-app"), 0, 8)}"
    error_message = "44 characters do not"
  }
}

run "refuses_an_empty_network" {
  command         = plan
  expect_failures = [var.network]

  variables {
    replicas = 0
    network  = { vpc_id = "vpc-1", subnet_ids = [], client_security_group_id = "sg-1" }
  }
}

run "refuses_replicas_in_one_subnet" {
  command         = plan
  expect_failures = [var.replicas]

  variables {
    network = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-1"], client_security_group_id = "sg-1" }
  }
}

run "refuses_what_aws_would" {
  command = plan

  expect_failures = [
    var.node_type, var.replicas, var.engine, var.maxmemory_policy, var.auth,
    var.access_string, var.password_version, var.snapshot_retention_days,
  ]

  variables {
    node_type               = "t4g.small"
    replicas                = 6
    engine                  = "memcached"
    maxmemory_policy        = "lru"
    auth                    = "token"
    access_string           = "+@all"
    password_version        = 0
    snapshot_retention_days = 36
  }
}

run "refuses_an_unknown_size" {
  command         = plan
  expect_failures = [var.size]

  variables {
    size = "huge"
  }
}

run "refuses_a_valkey_without_iam_users" {
  command         = plan
  expect_failures = [var.engine_version]

  variables {
    engine_version = "7.0"
  }
}

run "refuses_a_version_with_a_patch_level" {
  command         = plan
  expect_failures = [var.engine_version]

  variables {
    engine         = "redis"
    engine_version = "7.1.0"
  }
}
