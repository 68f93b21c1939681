locals {
  sizes = {
    small  = { node_type = "cache.t4g.small", replicas = 1 }
    medium = { node_type = "cache.m7g.large", replicas = 1 }
    large  = { node_type = "cache.r7g.xlarge", replicas = 2 }
  }

  # An unknown size is the validation's to refuse.
  size      = lookup(local.sizes, var.size, local.sizes.small)
  node_type = coalesce(var.node_type, local.size.node_type)
  replicas  = coalesce(var.replicas, local.size.replicas)

  engine_version = coalesce(var.engine_version, var.engine == "valkey" ? "8.0" : "7.1")
  family         = "${var.engine}${split(".", local.engine_version)[0]}"

  snapshot_retention_days = coalesce(var.snapshot_retention_days, var.protected ? 7 : 0)

  # A replication group and a user may have 40 characters each.
  short = {
    for role, name in { cache = var.name, user = "${var.name}-app", nobody = "${var.name}-nobody" } :
    role => length(name) <= 40 ? name : "${trimsuffix(substr(name, 0, 31), "-")}-${substr(sha256(name), 0, 8)}"
  }
}

data "aws_region" "this" {}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Where the nodes of ${local.short.cache} may be"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-redis"
  description = "Redis, from those in the client security group"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-redis" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Redis over TLS from applications"
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
  referenced_security_group_id = var.network.client_security_group_id
}

resource "aws_elasticache_parameter_group" "this" {
  count = var.maxmemory_policy == null ? 0 : 1

  # The family in the name lets the next major version's group stand beside this one while the cache moves over.
  name        = "${var.name}-${local.family}"
  family      = local.family
  description = "Settings of ${local.short.cache}"

  parameter {
    name  = "maxmemory-policy"
    value = var.maxmemory_policy
  }

  lifecycle {
    create_before_destroy = true
  }
}

# A snapshot's name can be had once, so each life of the cache has a suffix of its own: another of these values can mean
# another cache, which must not end in the snapshot of the one before. Not as a change that the cache itself ignores, as in
# modules/rds: nothing else says that a snapshot is no longer wanted.
resource "terraform_data" "final_snapshot" {
  input            = "${local.short.cache}-final-${formatdate("YYYYMMDDhhmmss", plantimestamp())}"
  triggers_replace = [local.short.cache, aws_elasticache_subnet_group.this.name, var.kms_key_arn, var.engine, local.engine_version]

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = local.short.cache
  description          = "Redis of ${var.name}"

  engine               = var.engine
  engine_version       = local.engine_version
  node_type            = local.node_type
  parameter_group_name = one(aws_elasticache_parameter_group.this[*].name)

  # One primary and its copies, not sharded: any client library works with it.
  num_cache_clusters         = 1 + local.replicas
  automatic_failover_enabled = local.replicas > 0
  multi_az_enabled           = local.replicas > 0

  port               = 6379
  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  auth_token                 = one(terraform_data.password[*].output)
  auth_token_update_strategy = var.auth == "password" ? "ROTATE" : null
  user_group_ids             = var.auth == "iam" ? [aws_elasticache_user_group.this[0].user_group_id] : null

  snapshot_retention_limit  = local.snapshot_retention_days
  snapshot_window           = "02:00-03:00"
  final_snapshot_identifier = var.protected ? terraform_data.final_snapshot.output : null

  maintenance_window = "sun:03:30-sun:04:30"
  apply_immediately  = !var.protected

  lifecycle {
    # An emulator publishes another one, and a port that differs would replace the cache.
    ignore_changes = [port]
  }
}
