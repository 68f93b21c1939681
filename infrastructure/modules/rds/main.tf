data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # At most 63 characters, and the names that begin with it have at most 64.
  identifier = length(var.name) <= 48 ? var.name : "${trimsuffix(substr(var.name, 0, 39), "-")}-${substr(sha256(var.name), 0, 8)}"

  major   = split(".", var.engine_version)[0]
  managed = var.master_password == "managed"
}

resource "aws_db_subnet_group" "this" {
  name        = local.identifier
  description = "Private subnets of ${var.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${local.identifier}-pg${local.major}-"
  family      = "postgres${local.major}"
  description = "Postgres ${local.major} of ${var.name}"

  dynamic "parameter" {
    for_each = merge({
      "rds.force_ssl"              = { value = "1", apply_method = "immediate" }
      "shared_preload_libraries"   = { value = "pg_stat_statements", apply_method = "pending-reboot" }
      "log_min_duration_statement" = { value = "1000", apply_method = "immediate" }
    }, var.parameters)

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  lifecycle {
    # Another major version is another family, and the instance leaves the old group only for a new one.
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier     = local.identifier
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = local.instance_class

  db_name             = var.database
  username            = var.user
  snapshot_identifier = var.snapshot_identifier

  manage_master_user_password   = local.managed ? true : null
  master_user_secret_kms_key_id = local.managed ? var.kms_key_arn : null
  password_wo                   = local.managed ? null : var.password
  password_wo_version           = local.managed ? null : var.password_version

  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = local.storage_gb
  max_allocated_storage = local.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false
  multi_az               = local.multi_az
  ca_cert_identifier     = var.ca_cert_identifier
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = local.backup_retention_days
  backup_window             = var.backup_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.keep_on_destroy
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.keep_on_destroy
  final_snapshot_identifier = "${local.identifier}-final-${formatdate("YYYYMMDDhhmmss", plantimestamp())}"

  maintenance_window = var.maintenance_window

  # Where the minor version is written down, RDS must not move on by itself: the next plan would want it back, and there is no
  # way back.
  auto_minor_version_upgrade  = !strcontains(var.engine_version, ".")
  allow_major_version_upgrade = var.allow_major_version_upgrade
  apply_immediately           = var.apply_immediately

  performance_insights_enabled          = var.insights != "off"
  performance_insights_kms_key_id       = var.insights == "off" ? null : var.kms_key_arn
  performance_insights_retention_period = var.insights == "off" ? null : var.insights == "advanced" ? 465 : 7
  database_insights_mode                = var.insights == "off" ? null : var.insights
  monitoring_interval                   = local.monitoring_seconds
  monitoring_role_arn                   = one(aws_iam_role.monitoring[*].arn)
  enabled_cloudwatch_logs_exports       = var.log_exports

  # RDS would make the log groups itself, and keep them for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]

  lifecycle {
    # The time of its making, so that a second database of this name does not end in the
    # snapshot of the first. A replacement gets a new one all the same.
    ignore_changes = [final_snapshot_identifier]

    precondition {
      condition     = local.managed || var.password != null
      error_message = "postgres.master_password is \"secret\" and there is no password to put into it: pass `password`."
    }

    precondition {
      condition     = local.backup_length >= 30 && local.maintenance_length >= 30
      error_message = "postgres.backup_window is \"${var.backup_window}\" and postgres.maintenance_window is \"${var.maintenance_window}\": each has to be half an hour or more."
    }

    precondition {
      condition     = !local.windows_overlap
      error_message = "postgres.backup_window (${var.backup_window}) and postgres.maintenance_window (${var.maintenance_window}) overlap: RDS wants them apart, so move one of them."
    }
  }
}
