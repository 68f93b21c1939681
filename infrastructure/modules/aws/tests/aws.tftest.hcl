mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_secretsmanager_random_password" {
    defaults = { random_password = "0123456789abcdef0123456789abcdef0123456789abcdef" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mock" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis", arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      arn                   = "arn:aws:rds:eu-central-1:123456789012:db:mock"
      address               = "mock.rds.amazonaws.com"
      port                  = 5432
      resource_id           = "db-ABCDEF"
      engine_version_actual = "17.5"
      status                = "available"
      master_user_secret    = [{ kms_key_id = "k", secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master", secret_status = "active" }]
    }
  }
  mock_resource "aws_elasticache_replication_group" {
    defaults = { arn = "arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:mock", primary_endpoint_address = "mock.cache.amazonaws.com", engine_version_actual = "8.0.1" }
  }
  mock_resource "aws_elasticache_user" {
    defaults = { arn = "arn:aws:elasticache:eu-central-1:123456789012:user:mock" }
  }
  mock_resource "aws_opensearch_domain" {
    defaults = { arn = "arn:aws:es:eu-central-1:123456789012:domain/mock", endpoint = "mock.es.amazonaws.com" }
  }
}

variables {
  name              = "tracker-aws"
  parameter_path    = "/tracker/aws/default"
  account_id        = "123456789012"
  postgres_password = "unused, but a test must set what is ephemeral"
}

# Not protected, since the test has to be able to remove it again.
run "wires_four_services_to_one_network_and_one_key" {
  command = apply

  variables {
    protected = false
  }

  assert {
    condition     = { for name, service in output.services : name => "${service.engine} ${service.port} ${service.tls}" } == { redis = "valkey 6379 true", postgres = "postgres 5432 true", vectorstore = "opensearch 443 true", objectstore = "s3 443 true" }
    error_message = "the services"
  }

  assert {
    condition     = alltrue([for service in values(output.services) : service.probe == null])
    error_message = "a private service would be asked from outside"
  }

  assert {
    condition = alltrue([
      module.postgres[0].arns.instance == "arn:aws:rds:eu-central-1:123456789012:db:mock",
      output.access.vpc_id == module.network.network.vpc_id,
      output.access.policy_arn == "arn:aws:iam::123456789012:policy/mock",
    ])
    error_message = "what an application needs is not given"
  }

  # One parameter for each variable that says something, and what others need to join.
  assert {
    condition = toset(keys(aws_ssm_parameter.this)) == toset([
      "env/DATABASE_AUTH", "env/DATABASE_CA_URL", "env/DATABASE_SECRET_ARN", "env/DATABASE_SECRET_COMMAND", "env/DATABASE_URL",
      "env/REDIS_AUTH", "env/REDIS_CACHE_NAME", "env/REDIS_REGION", "env/REDIS_URL", "env/REDIS_USER",
      "env/S3_BUCKET", "env/S3_ENDPOINT_URL", "env/S3_REGION",
      "env/VECTORSTORE_AUTH", "env/VECTORSTORE_ENGINE", "env/VECTORSTORE_REGION", "env/VECTORSTORE_ROLE_ARN", "env/VECTORSTORE_URL",
      "network/client_security_group_id", "network/subnet_ids", "network/vpc_id", "policy_arn",
    ]) && alltrue([for path, parameter in aws_ssm_parameter.this : parameter.name == "/tracker/aws/default/${path}" && parameter.insecure_value != ""])
    error_message = "something else is published"
  }

  assert {
    condition     = output.env.S3_ACCESS_KEY_ID == "" && output.env.S3_SECRET_ACCESS_KEY == "" && output.env.VECTORSTORE_API_KEY == "" && output.env.VECTORSTORE_GRPC_URL == "" && !strcontains(join(" ", values(output.env)), "0123456789abcdef")
    error_message = "env has a key or a password"
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.application.statement : statement.sid => "${join(",", statement.actions)} on ${join(",", statement.resources)}" } == {
      ConnectionDetails = "ssm:GetParameter,ssm:GetParameters,ssm:GetParametersByPath on arn:aws:ssm:eu-central-1:123456789012:parameter/tracker/aws/default,arn:aws:ssm:eu-central-1:123456789012:parameter/tracker/aws/default/*"
      Postgres          = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:123456789012:secret:master"
      Redis             = "elasticache:Connect on arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:mock,arn:aws:elasticache:eu-central-1:123456789012:user:mock"
      VectorStore       = "es:ESHttp* on arn:aws:es:eu-central-1:123456789012:domain/mock/*"
      VectorStoreMaster = "sts:AssumeRole on arn:aws:iam::123456789012:role/mock"
      Bucket            = "s3:GetBucketLocation,s3:ListBucket on arn:aws:s3:::mock"
      Objects           = "s3:AbortMultipartUpload,s3:DeleteObject,s3:GetObject,s3:ListMultipartUploadParts,s3:PutObject on arn:aws:s3:::mock/*"
      Key               = "kms:Decrypt,kms:GenerateDataKey on arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    }
    error_message = "an application may do more or less than it needs"
  }
}

run "gives_pgvector_and_tokens_in_place_of_passwords" {
  command = apply

  variables {
    protected       = false
    keep_on_destroy = false
    reachable       = true
    kms_key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    postgres        = { application_user = "tracker_app" }
    redis           = { auth = "password" }
    vectorstore     = { engine = "pgvector" }
    objectstore     = { enabled = false }
  }

  assert {
    condition     = toset(keys(output.services)) == toset(["redis", "postgres", "vectorstore"]) && output.services.vectorstore.engine == "pgvector" && output.services.vectorstore.host == output.services.postgres.host && length(module.vectorstore) == 0
    error_message = "pgvector is not the environment's Postgres"
  }

  assert {
    condition     = output.services.postgres.probe.protocol == "postgres" && output.services.vectorstore.probe == output.services.postgres.probe && output.services.redis.probe == { protocol = "redis", port = 6379, path = null }
    error_message = "services that can be reached have no probe"
  }

  assert {
    condition     = output.env.VECTORSTORE_URL == output.env.DATABASE_URL && output.env.VECTORSTORE_ENGINE == "pgvector" && output.env.VECTORSTORE_API_KEY == "" && output.env.VECTORSTORE_GRPC_URL == "" && !contains(keys(output.env), "S3_BUCKET") && !contains(keys(output.env), "S3_ACCESS_KEY_ID")
    error_message = "env"
  }

  assert {
    condition = toset(keys(aws_ssm_parameter.this)) == toset([
      "env/DATABASE_AUTH", "env/DATABASE_CA_URL", "env/DATABASE_TOKEN_COMMAND", "env/DATABASE_URL",
      "env/REDIS_AUTH", "env/REDIS_CACHE_NAME", "env/REDIS_REGION", "env/REDIS_SECRET_ARN", "env/REDIS_SECRET_COMMAND", "env/REDIS_URL", "env/REDIS_USER",
      "env/VECTORSTORE_AUTH", "env/VECTORSTORE_ENGINE", "env/VECTORSTORE_URL",
      "network/client_security_group_id", "network/subnet_ids", "network/vpc_id", "policy_arn",
    ])
    error_message = "something else is published"
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.application.statement : statement.sid => "${join(",", statement.actions)} on ${join(",", statement.resources)}" if statement.sid != "ConnectionDetails" } == {
      Postgres      = "rds-db:connect on arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-ABCDEF/tracker_app"
      RedisPassword = "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis"
      Key           = "kms:Decrypt,kms:GenerateDataKey on arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    }
    error_message = "an application may do more or less than it needs"
  }

  assert {
    condition     = length(module.kms) == 0
    error_message = "a second key is made beside the one that is there"
  }
}

run "publishes_nothing_of_what_is_not_there" {
  command = plan

  variables {
    redis       = { enabled = false }
    postgres    = { enabled = false }
    vectorstore = { enabled = false }
    objectstore = { enabled = false }
  }

  assert {
    condition     = length(output.services) == 0 && length(output.env) == 0 && length(aws_ssm_parameter.this) == 4
    error_message = "a disabled service is still offered"
  }
}

# What differs there, and nothing else does.
run "asks_the_emulator_for_what_it_has" {
  command = plan

  variables {
    emulator            = { endpoint = "http://127.0.0.1:4566" }
    postgres            = { application_user = "tracker_app", insights = "advanced" }
    redis               = { auth = "iam", maxmemory_policy = "allkeys-lru" }
    interface_endpoints = ["ssm"]
    flow_logs           = { enabled = true }
  }

  assert {
    condition     = output.services.postgres.probe.protocol == "postgres" && output.services.redis.probe.protocol == "redis" && output.services.objectstore.probe.protocol == "http" && !output.services.postgres.tls
    error_message = "what this machine reaches has no probe"
  }

  assert {
    condition     = output.env.DATABASE_AUTH == "secret" && output.env.REDIS_AUTH == "password" && output.env.DATABASE_TOKEN_COMMAND == ""
    error_message = "an application is sent to a login that the emulator has not"
  }

  assert {
    condition     = output.env.S3_ENDPOINT_URL == "http://127.0.0.1:4566" && output.env.S3_ACCESS_KEY_ID == "test" && output.env.S3_SECRET_ACCESS_KEY == "test"
    error_message = "S3 is not the emulator's"
  }

  assert {
    condition     = !contains(keys(aws_ssm_parameter.this), "env/S3_SECRET_ACCESS_KEY") && !contains(keys(aws_ssm_parameter.this), "env/DATABASE_CA_URL")
    error_message = "something is published that AWS would not"
  }

  assert {
    condition     = length(module.network.arns) == 1
    error_message = "an endpoint is made that the emulator forgets parts of"
  }
}

run "refuses_what_aws_would" {
  command         = plan
  expect_failures = [var.name, var.parameter_path, var.account_id, var.kms_key_arn, var.keep_on_destroy, var.vectorstore, var.emulator]

  variables {
    name            = "tracker_aws"
    parameter_path  = "/aws/tracker"
    account_id      = "1234"
    kms_key_arn     = "alias/tracker"
    keep_on_destroy = false
    vectorstore     = { engine = "weaviate" }
    emulator        = { endpoint = "127.0.0.1:4566" }
  }
}

run "refuses_pgvector_without_postgres" {
  command         = plan
  expect_failures = [var.vectorstore]

  variables {
    postgres    = { enabled = false }
    vectorstore = { engine = "pgvector" }
  }
}
