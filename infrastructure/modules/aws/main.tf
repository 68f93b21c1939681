# The key and the network, and what goes into them. The services know of each other only here.

module "kms" {
  source = "../kms"
  count  = var.kms_key_arn == null ? 1 : 0

  name                 = var.name
  account_id           = var.account_id
  deletion_window_days = var.keep_on_destroy ? 30 : 7
}

locals {
  kms_key_arn = var.kms_key_arn == null ? module.kms[0].key_arn : var.kms_key_arn
}

module "network" {
  source = "../network"

  name                = var.name
  existing_network    = var.existing_network
  cidr                = var.vpc_cidr
  zones               = var.zones
  interface_endpoints = var.interface_endpoints
  client_reaches_s3   = var.client_reaches_s3
  flow_logs           = var.flow_logs
  kms_key_arn         = local.kms_key_arn
}

module "redis" {
  source = "../elasticache"
  count  = var.redis.enabled ? 1 : 0

  name        = var.name
  network     = module.network.network
  kms_key_arn = var.redis.own_key ? local.kms_key_arn : null
  size        = var.size

  # ElastiCache has nothing that refuses a removal; there the word means what is left behind by one.
  protected = var.keep_on_destroy

  engine                  = var.redis.engine
  engine_version          = var.redis.engine_version
  node_type               = var.redis.node_type
  replicas                = var.redis.replicas
  maxmemory_policy        = var.redis.own_parameters ? var.redis.maxmemory_policy : null
  auth                    = var.redis.auth
  access_string           = var.redis.access_string
  password_version        = var.redis.password_version
  snapshot_retention_days = var.redis.snapshot_retention_days
}

module "postgres" {
  source = "../rds"
  count  = var.postgres.enabled ? 1 : 0

  name            = var.name
  account_id      = var.account_id
  network         = module.network.network
  kms_key_arn     = local.kms_key_arn
  protected       = var.protected
  keep_on_destroy = var.keep_on_destroy
  reachable       = var.reachable
  size            = var.size
  password        = var.postgres_password

  user                        = var.postgres.user
  database                    = var.postgres.database
  application_user            = var.postgres.application_user
  master_password             = var.postgres.master_password
  password_version            = var.postgres.password_version
  engine_version              = var.postgres.engine_version
  allow_major_version_upgrade = var.postgres.allow_major_version_upgrade
  instance_class              = var.postgres.instance_class
  storage_gb                  = var.postgres.storage_gb
  max_storage_gb              = var.postgres.max_storage_gb
  multi_az                    = var.postgres.multi_az
  backup_retention_days       = var.postgres.backup_retention_days
  monitoring_seconds          = var.postgres.monitoring_seconds
  insights                    = var.postgres.insights
  log_exports                 = var.postgres.log_exports
  log_retention_days          = var.postgres.log_retention_days
  parameters                  = var.postgres.parameters
  ca_cert_identifier          = var.postgres.ca_cert_identifier
  backup_window               = var.postgres.backup_window
  maintenance_window          = var.postgres.maintenance_window
  apply_immediately           = var.postgres.apply_immediately
  snapshot_identifier         = var.postgres.snapshot_identifier
  server_without_tls          = var.postgres.server_without_tls
}

module "vectorstore" {
  source = "../opensearch"
  count  = var.vectorstore.enabled && var.vectorstore.engine == "opensearch" ? 1 : 0

  name        = var.name
  network     = module.network.network
  kms_key_arn = local.kms_key_arn
  protected   = var.protected
  size        = var.size

  engine_version             = var.vectorstore.engine_version
  instance_type              = var.vectorstore.instance_type
  instance_count             = var.vectorstore.instance_count
  dedicated_masters          = var.vectorstore.dedicated_masters
  master_instance_type       = var.vectorstore.master_instance_type
  volume_gb                  = var.vectorstore.volume_gb
  master_role_arn            = var.vectorstore.master_role_arn
  logs                       = var.vectorstore.logs
  log_retention_days         = var.vectorstore.log_retention_days
  create_service_linked_role = var.vectorstore.create_service_linked_role
  timeouts                   = var.vectorstore.timeouts
}

module "objectstore" {
  source = "../s3"
  count  = var.objectstore.enabled ? 1 : 0

  name          = var.name
  account_id    = var.account_id
  kms_key_arn   = local.kms_key_arn
  force_destroy = !var.keep_on_destroy

  bucket             = var.objectstore.bucket
  old_versions_days  = var.objectstore.old_versions_days
  stale_uploads_days = var.objectstore.stale_uploads_days
  endpoint_url       = var.objectstore.endpoint_url
}
