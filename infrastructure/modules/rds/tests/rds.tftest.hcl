mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/monitoring" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ours", arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ours" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      arn                   = "arn:aws:rds:eu-central-1:123456789012:db:tracker-aws"
      address               = "tracker-aws.abcdef.eu-central-1.rds.amazonaws.com"
      port                  = 5432
      resource_id           = "db-ABCDEF"
      engine_version_actual = "17.5"
      status                = "available"
      master_user_secret    = [{ kms_key_id = "k", secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1", secret_status = "active" }]
    }
  }
}

variables {
  name        = "tracker-aws"
  account_id  = "123456789012"
  network     = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], client_security_group_id = "sg-client" }
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  password    = "unused, but a test must set what is ephemeral"
}

run "is_private_encrypted_and_protected" {
  command = apply

  assert {
    condition = alltrue([
      !aws_db_instance.this.publicly_accessible,
      aws_db_instance.this.storage_encrypted,
      aws_db_instance.this.kms_key_id == var.kms_key_arn,
      aws_db_instance.this.vpc_security_group_ids == toset([aws_security_group.this.id]),
      aws_db_instance.this.iam_database_authentication_enabled,
    ])
    error_message = "the database is reachable, not encrypted, or knows no IAM login"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client.referenced_security_group_id == "sg-client" && aws_vpc_security_group_ingress_rule.client.from_port == 5432 && aws_vpc_security_group_ingress_rule.client.to_port == 5432
    error_message = "others than clients are let in"
  }

  assert {
    condition = alltrue([
      aws_db_instance.this.deletion_protection,
      !aws_db_instance.this.skip_final_snapshot,
      !aws_db_instance.this.delete_automated_backups,
      aws_db_instance.this.backup_retention_period == 7,
      can(regex("^tracker-aws-final-[0-9]{14}$", aws_db_instance.this.final_snapshot_identifier)),
    ])
    error_message = "a destroy would lose data"
  }

  assert {
    condition = alltrue([
      aws_db_instance.this.manage_master_user_password,
      aws_db_instance.this.master_user_secret_kms_key_id == var.kms_key_arn,
      aws_db_instance.this.password == null,
      length(aws_secretsmanager_secret.master) == 0,
    ])
    error_message = "RDS does not hold the master password"
  }

  assert {
    condition     = one([for parameter in aws_db_parameter_group.this.parameter : parameter.value if parameter.name == "rds.force_ssl"]) == "1" && aws_db_parameter_group.this.family == "postgres17"
    error_message = "connections without TLS are taken"
  }

  assert {
    condition     = { for name, group in aws_cloudwatch_log_group.this : group.name => group.retention_in_days } == { "/aws/rds/instance/tracker-aws/postgresql" = 30, "/aws/rds/instance/tracker-aws/upgrade" = 30 } && aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    error_message = "logs are not exported, or are kept for ever"
  }

  assert {
    condition     = aws_db_instance.this.performance_insights_enabled && aws_db_instance.this.database_insights_mode == "standard" && aws_db_instance.this.performance_insights_retention_period == 7
    error_message = "insights"
  }

  assert {
    condition     = aws_db_instance.this.auto_minor_version_upgrade
    error_message = "minor versions are not followed where none is written down"
  }

  assert {
    condition     = jsonencode(output.service) == jsonencode({ engine = "postgres", version = "17.5", host = "tracker-aws.abcdef.eu-central-1.rds.amazonaws.com", port = 5432, tls = true, image = null, container = null, volume = null, database = "tracker", user = "tracker", status = "available", probe = null })
    error_message = "the service contract"
  }

  assert {
    condition = output.env == {
      DATABASE_URL            = "postgres://tracker@tracker-aws.abcdef.eu-central-1.rds.amazonaws.com:5432/tracker?sslmode=verify-full"
      DATABASE_AUTH           = "secret"
      DATABASE_CA_URL         = "https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem"
      DATABASE_SECRET_ARN     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1"
      DATABASE_SECRET_COMMAND = "aws secretsmanager get-secret-value --region eu-central-1 --secret-id arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1 --query SecretString --output text"
      DATABASE_TOKEN_COMMAND  = ""
    }
    error_message = "env"
  }

  assert {
    condition     = output.arns == { instance = "arn:aws:rds:eu-central-1:123456789012:db:tracker-aws", secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1", login = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-ABCDEF" }
    error_message = "the ARNs"
  }
}

run "keeps_its_snapshot_s_name_while_it_lives" {
  command = apply

  variables {
    backup_retention_days = 8
  }

  assert {
    condition     = aws_db_instance.this.final_snapshot_identifier == run.is_private_encrypted_and_protected.final_snapshot && aws_db_instance.this.backup_retention_period == 8
    error_message = "each plan would change the name"
  }
}

run "gives_a_token_in_place_of_a_password" {
  command = apply

  variables {
    application_user = "tracker_app"
    reachable        = true
  }

  assert {
    condition = (
      output.env.DATABASE_URL == "postgres://tracker_app@tracker-aws.abcdef.eu-central-1.rds.amazonaws.com:5432/tracker?sslmode=verify-full"
      && output.env.DATABASE_AUTH == "iam" && output.env.DATABASE_SECRET_ARN == "" && output.env.DATABASE_SECRET_COMMAND == ""
      && output.env.DATABASE_TOKEN_COMMAND == "aws rds generate-db-auth-token --region eu-central-1 --hostname tracker-aws.abcdef.eu-central-1.rds.amazonaws.com --port 5432 --username tracker_app"
      && output.service.user == "tracker_app"
    )
    error_message = "the application still needs the master password"
  }

  assert {
    condition     = output.service.probe == { protocol = "postgres", port = 5432, path = null } && aws_db_instance.this.username == "tracker"
    error_message = "the probe, or the master user was renamed"
  }
}

run "keeps_a_password_of_ours_out_of_state" {
  command = apply

  variables {
    name             = "tracker-aws-pr"
    master_password  = "secret"
    password         = "0123456789abcdefghijklmnopqrstuvwxyz"
    password_version = 3
    protected        = false
    keep_on_destroy  = false
  }

  assert {
    condition = alltrue([
      aws_db_instance.this.manage_master_user_password == null,
      aws_db_instance.this.password == null,
      aws_db_instance.this.password_wo_version == 3,
      aws_secretsmanager_secret_version.master[0].secret_string == null,
      aws_secretsmanager_secret_version.master[0].secret_string_wo_version == 3,
      aws_secretsmanager_secret.master[0].kms_key_id == var.kms_key_arn,
    ])
    error_message = "the password is in state, or database and secret do not take it together"
  }

  assert {
    condition     = output.env.DATABASE_SECRET_ARN == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ours" && output.arns.secret == output.env.DATABASE_SECRET_ARN
    error_message = "the secret"
  }

  assert {
    condition     = !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.delete_automated_backups && aws_secretsmanager_secret.master[0].recovery_window_in_days == 0
    error_message = "what is worth nothing is kept"
  }

  assert {
    condition     = output.final_snapshot == null
    error_message = "a snapshot is promised"
  }
}

run "leaves_data_behind_once_the_protection_is_lifted" {
  command = plan

  variables {
    protected = false
  }

  assert {
    condition     = !aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "lifting the protection gives up the final snapshot too"
  }
}

run "a_size_decides_what_is_not_said" {
  command = plan

  variables {
    size                        = "large"
    backup_window               = "22:30-23:15"
    maintenance_window          = "tue:01:00-tue:02:00"
    backup_retention_days       = 1
    storage_gb                  = 500
    multi_az                    = false
    insights                    = "advanced"
    engine_version              = "16.9"
    allow_major_version_upgrade = true
    parameters                  = { work_mem = { value = "65536" }, max_connections = { value = "200", apply_method = "pending-reboot" } }
  }

  assert {
    condition = alltrue([
      aws_db_instance.this.instance_class == "db.r7g.xlarge",
      aws_db_instance.this.max_allocated_storage == 2000,
      aws_db_instance.this.monitoring_interval == 30,
      length(aws_iam_role.monitoring) == 1,
      aws_db_instance.this.allocated_storage == 500,
      !aws_db_instance.this.multi_az,
      aws_db_instance.this.backup_retention_period == 1,
    ])
    error_message = "the size or what goes before it"
  }

  assert {
    condition     = aws_db_instance.this.database_insights_mode == "advanced" && aws_db_instance.this.performance_insights_retention_period == 465
    error_message = "advanced insights keep 465 days or are refused"
  }

  assert {
    condition     = !aws_db_instance.this.auto_minor_version_upgrade
    error_message = "RDS moves on from a minor version that is written down, and the next plan wants it back"
  }

  assert {
    condition     = one(data.aws_iam_policy_document.monitoring[0].statement[0].condition).values == tolist(["123456789012"])
    error_message = "another account's database may take the role"
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres16" && startswith(aws_db_parameter_group.this.name_prefix, "tracker-aws-pg16-") && toset([for parameter in aws_db_parameter_group.this.parameter : parameter.name]) == toset(["rds.force_ssl", "shared_preload_libraries", "log_min_duration_statement", "work_mem", "max_connections"])
    error_message = "the parameter group"
  }
}

run "keeps_a_name_that_just_fits" {
  command = plan

  variables {
    name = "abcdefghij-abcdefghij-abcdefghij-abcdefghij-abcd"
    size = "medium"
  }

  assert {
    condition     = aws_db_instance.this.identifier == var.name && length(aws_iam_role.monitoring[0].name) <= 64
    error_message = "a name that fits is cut"
  }
}

run "cuts_a_longer_one_and_keeps_it_apart_from_others" {
  command = plan

  variables {
    name = "abcdefghij-abcdefghij-abcdefghij-abcde-abcdefghij"
    size = "medium"
  }

  assert {
    condition     = aws_db_instance.this.identifier == "abcdefghij-abcdefghij-abcdefghij-abcde-${substr(sha256(var.name), 0, 8)}" && length(aws_iam_role.monitoring[0].name) <= 64
    error_message = "the long name, or two hyphens in a row"
  }
}

run "refuses_what_rds_would" {
  command = plan
  expect_failures = [
    var.name, var.account_id, var.user, var.database, var.master_password, var.password_version, var.engine_version, var.size,
    var.instance_class, var.storage_gb, var.backup_retention_days, var.monitoring_seconds, var.insights, var.log_exports,
    var.log_retention_days, var.parameters, var.backup_window, var.maintenance_window,
  ]

  variables {
    name                  = "tracker--aws"
    account_id            = "123"
    user                  = "rdsadmin"
    database              = "template1"
    master_password       = "plain"
    password_version      = 0
    engine_version        = "17.x"
    size                  = "huge"
    instance_class        = "t4g.small"
    storage_gb            = 10
    backup_retention_days = 36
    monitoring_seconds    = 2
    insights              = "on"
    log_exports           = ["error"]
    log_retention_days    = 31
    parameters            = { "rds.force_ssl" = { value = "0" } }
    backup_window         = "3:00-4:00"
    maintenance_window    = "sunday:04:30-sunday:05:30"
  }
}

run "refuses_a_protected_database_without_backups" {
  command         = plan
  expect_failures = [var.backup_retention_days, var.keep_on_destroy]

  variables {
    backup_retention_days = 0
    keep_on_destroy       = false
  }
}

run "refuses_to_grow_to_less_than_a_tenth_more" {
  command         = plan
  expect_failures = [var.max_storage_gb]

  variables {
    storage_gb     = 100
    max_storage_gb = 109
  }
}

run "refuses_what_is_no_role_and_no_way_to_apply" {
  command         = plan
  expect_failures = [var.application_user, var.parameters]

  variables {
    application_user = "rds_app"
    parameters       = { work_mem = { value = "65536", apply_method = "soon" } }
  }
}

run "refuses_to_take_the_master_s_password_away" {
  command         = plan
  expect_failures = [var.application_user]

  variables {
    application_user = "tracker"
  }
}

run "refuses_a_secret_without_a_password" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    master_password = "secret"
    password        = null
  }
}

run "refuses_windows_that_overlap" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    backup_window      = "23:30-00:30"
    maintenance_window = "mon:00:00-mon:01:00"
  }
}

run "refuses_a_backup_in_the_middle_of_the_maintenance" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    maintenance_window = "sun:22:00-mon:06:00"
  }
}

run "refuses_a_window_of_minutes" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    backup_window = "03:00-03:29"
  }
}

run "takes_windows_that_meet" {
  command = plan

  variables {
    backup_window      = "23:30-00:30"
    maintenance_window = "sun:22:30-sun:23:30"
  }
}
