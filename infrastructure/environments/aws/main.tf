locals {
  name = join("-", concat(
    [local.instance.project, local.environment],
    terraform.workspace == "default" ? [] : [terraform.workspace],
  ))

  flow_logs   = merge(var.flow_logs, local.emulated ? local.emulator.flow_logs : null)
  redis       = merge(var.redis, local.emulated ? local.emulator.redis : null)
  postgres    = merge(var.postgres, local.emulated ? local.emulator.postgres : null)
  vectorstore = merge(var.vectorstore, local.emulated ? local.emulator.vectorstore : null)
  objectstore = merge(var.objectstore, local.emulated ? local.emulator.objectstore : null)
}

# Drawn anew at each run and forgotten after it; the database and its secret take it together.
ephemeral "aws_secretsmanager_random_password" "postgres" {
  count = local.postgres.enabled && coalesce(local.postgres.master_password, "managed") == "secret" ? 1 : 0

  password_length     = 40
  exclude_punctuation = true

  depends_on = [data.aws_caller_identity.this]
}

module "aws" {
  source = "../../modules/aws"

  name            = local.name
  parameter_path  = "/${local.instance.project}/${local.environment}/${terraform.workspace}"
  account_id      = data.aws_caller_identity.this.account_id
  size            = var.size
  protected       = var.protected
  keep_on_destroy = var.keep_on_destroy
  kms_key_arn     = var.kms_key_arn
  reachable       = var.reachable || local.emulated

  existing_network    = var.existing_network
  vpc_cidr            = var.vpc_cidr
  zones               = var.zones
  interface_endpoints = local.interface_endpoints
  client_reaches_s3   = local.client_reaches_s3
  flow_logs           = local.flow_logs

  redis             = local.redis
  postgres          = local.postgres
  postgres_password = one(ephemeral.aws_secretsmanager_random_password.postgres[*].random_password)
  vectorstore       = local.vectorstore
  objectstore       = local.objectstore

  # Data sources, so that nothing in it waits for an apply to be known.
  depends_on = [data.aws_caller_identity.this, data.aws_region.this]
}
