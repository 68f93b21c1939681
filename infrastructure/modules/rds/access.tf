resource "aws_security_group" "this" {
  name        = "${local.identifier}-postgres"
  description = "Postgres of ${var.name}"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${local.identifier}-postgres" }
}

# No rule lets anything out: a database answers and asks nobody.
resource "aws_vpc_security_group_ingress_rule" "client" {
  security_group_id            = aws_security_group.this.id
  description                  = "Postgres from clients"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = var.network.client_security_group_id
}

# A prefix and not a name: a secret that was deleted keeps its name for 30 days.
resource "aws_secretsmanager_secret" "master" {
  count = local.managed ? 0 : 1

  name_prefix             = "${local.identifier}-postgres-"
  description             = "Master user of ${local.identifier}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.keep_on_destroy ? 30 : 0
}

# Written after the database took the password, never before: a database that could not be made
# would leave a secret which opens nothing, and a second attempt draws another password.
resource "aws_secretsmanager_secret_version" "master" {
  count = local.managed ? 0 : 1

  secret_id = aws_secretsmanager_secret.master[0].id
  secret_string_wo = jsonencode({
    engine   = "postgres"
    host     = aws_db_instance.this.address
    port     = aws_db_instance.this.port
    dbname   = var.database
    username = var.user
    password = var.password
  })
  secret_string_wo_version = var.password_version

  lifecycle {
    # A database made anew has a new password.
    replace_triggered_by = [aws_db_instance.this.resource_id]
  }
}
