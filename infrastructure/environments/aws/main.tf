module "instance" {
  source = "../../modules/instance"

  directory = var.instance_directory
  target    = "aws"
}

# Drawn anew at each run and forgotten after it; the database and its secret take it together.
ephemeral "aws_secretsmanager_random_password" "postgres" {
  count = var.postgres.enabled && (module.instance.emulated || coalesce(var.postgres.master_password, "managed") == "secret") ? 1 : 0

  password_length     = 40
  exclude_punctuation = true

  depends_on = [data.aws_caller_identity.this]
}

module "aws" {
  source = "../../modules/aws"

  name            = module.instance.name
  parameter_path  = "/${module.instance.project}/${module.instance.environment}/${terraform.workspace}"
  account_id      = data.aws_caller_identity.this.account_id
  size            = var.size
  protected       = var.protected
  keep_on_destroy = var.keep_on_destroy
  kms_key_arn     = var.kms_key_arn
  reachable       = var.reachable
  emulator        = module.instance.emulator

  existing_network    = var.existing_network
  vpc_cidr            = var.vpc_cidr
  zones               = var.zones
  interface_endpoints = var.interface_endpoints
  flow_logs           = var.flow_logs

  redis             = var.redis
  postgres          = var.postgres
  postgres_password = one(ephemeral.aws_secretsmanager_random_password.postgres[*].random_password)
  vectorstore       = var.vectorstore
  objectstore       = var.objectstore

  # Data sources, so that nothing in it waits for an apply to be known.
  depends_on = [data.aws_caller_identity.this, data.aws_region.this]
}
