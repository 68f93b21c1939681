# auth = "iam": a user whose password is a token of 15 minutes, made from the application's own AWS role.

resource "aws_elasticache_user" "app" {
  count = var.auth == "iam" ? 1 : 0

  # IAM asks for an id that equals the name: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
  user_id       = local.short.user
  user_name     = local.short.user
  engine        = var.engine
  access_string = var.access_string

  authentication_mode {
    type = "iam"
  }
}

# A user group of Redis must have a user called `default`; this one may do nothing. Valkey needs none.
resource "aws_elasticache_user" "nobody" {
  count = var.auth == "iam" && var.engine == "redis" ? 1 : 0

  user_id       = local.short.nobody
  user_name     = "default"
  engine        = var.engine
  access_string = "off -@all"

  # Not as an authentication_mode: AWS answers `no-password`, and every plan would see a change.
  no_password_required = true
}

resource "aws_elasticache_user_group" "this" {
  count = var.auth == "iam" ? 1 : 0

  user_group_id = local.short.cache
  engine        = var.engine
  user_ids      = concat(aws_elasticache_user.app[*].user_id, aws_elasticache_user.nobody[*].user_id)
}

# auth = "password": for clients that cannot make tokens. ElastiCache has no way to be told the
# password without Terraform writing it into its state.

data "aws_secretsmanager_random_password" "this" {
  count = var.auth == "password" ? 1 : 0

  password_length     = 48
  exclude_punctuation = true
}

# The data source answers differently each time it is read; the first answer counts.
resource "terraform_data" "password" {
  count = var.auth == "password" ? 1 : 0

  input            = sensitive(data.aws_secretsmanager_random_password.this[0].random_password)
  triggers_replace = var.password_version

  lifecycle {
    ignore_changes = [input]
  }
}

# A prefix and not a name: a secret that was removed keeps its name for 30 days.
resource "aws_secretsmanager_secret" "this" {
  count = var.auth == "password" ? 1 : 0

  name_prefix             = "${var.name}/redis-"
  description             = "User and password of ${local.short.cache}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protected ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  count = var.auth == "password" ? 1 : 0

  secret_id                = aws_secretsmanager_secret.this[0].id
  secret_string_wo         = jsonencode({ username = "default", password = terraform_data.password[0].output })
  secret_string_wo_version = var.password_version

  # The cache knows a new password before applications read it.
  depends_on = [aws_elasticache_replication_group.this]
}
