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
  interface_endpoints = local.interface_endpoints
  client_reaches_s3   = local.client_reaches_s3
  flow_logs           = local.flow_logs
  kms_key_arn         = local.kms_key_arn
}

module "redis" {
  source = "../elasticache"
  count  = var.redis.enabled ? 1 : 0

  name        = var.name
  network     = module.network.network
  kms_key_arn = local.redis_kms_key_arn
  size        = var.size

  # ElastiCache has nothing that refuses a removal; there the word means what is left behind by one.
  protected = var.keep_on_destroy

  engine                  = local.redis.engine
  engine_version          = local.redis.engine_version
  node_type               = local.redis.node_type
  replicas                = local.redis.replicas
  maxmemory_policy        = local.redis.maxmemory_policy
  auth                    = local.redis.auth
  access_string           = local.redis.access_string
  password_version        = local.redis.password_version
  snapshot_retention_days = local.redis.snapshot_retention_days
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
  reachable       = local.reachable
  size            = var.size
  password        = var.postgres_password

  user                        = local.postgres.user
  database                    = local.postgres.database
  application_user            = local.postgres.application_user
  master_password             = local.postgres.master_password
  password_version            = local.postgres.password_version
  engine_version              = local.postgres.engine_version
  allow_major_version_upgrade = local.postgres.allow_major_version_upgrade
  instance_class              = local.postgres.instance_class
  storage_gb                  = local.postgres.storage_gb
  max_storage_gb              = local.postgres.max_storage_gb
  multi_az                    = local.postgres.multi_az
  backup_retention_days       = local.postgres.backup_retention_days
  monitoring_seconds          = local.postgres.monitoring_seconds
  insights                    = local.postgres.insights
  log_exports                 = local.postgres.log_exports
  log_retention_days          = local.postgres.log_retention_days
  parameters                  = local.postgres.parameters
  ca_cert_identifier          = local.postgres.ca_cert_identifier
  backup_window               = local.postgres.backup_window
  maintenance_window          = local.postgres.maintenance_window
  apply_immediately           = local.postgres.apply_immediately
  snapshot_identifier         = local.postgres.snapshot_identifier
  tls                         = local.postgres_tls
}

module "vectorstore" {
  source = "../opensearch"
  count  = var.vectorstore.enabled && var.vectorstore.engine == "opensearch" ? 1 : 0

  name        = var.name
  network     = module.network.network
  kms_key_arn = local.kms_key_arn
  protected   = var.protected
  size        = var.size

  engine_version             = local.vectorstore.engine_version
  instance_type              = local.vectorstore.instance_type
  instance_count             = local.vectorstore.instance_count
  dedicated_masters          = local.vectorstore.dedicated_masters
  master_instance_type       = local.vectorstore.master_instance_type
  volume_gb                  = local.vectorstore.volume_gb
  master_role_arn            = local.vectorstore.master_role_arn
  logs                       = local.vectorstore.logs
  log_retention_days         = local.vectorstore.log_retention_days
  create_service_linked_role = local.vectorstore.create_service_linked_role
  timeouts                   = local.vectorstore_timeouts
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
  endpoint_url       = local.s3_endpoint_url
}
