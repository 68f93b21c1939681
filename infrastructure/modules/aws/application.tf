# What an application may do with the services, as a policy to attach to the role it runs under. The
# role itself belongs to what runs it: ECS, EKS, EC2 and Lambda each trust another principal.

data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  parameter_arn = "arn:${data.aws_partition.this.partition}:ssm:${data.aws_region.this.name}:${var.account_id}:parameter${var.parameter_path}"
}

data "aws_iam_policy_document" "application" {
  statement {
    sid       = "ConnectionDetails"
    actions   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
    resources = [local.parameter_arn, "${local.parameter_arn}/*"]
  }

  dynamic "statement" {
    for_each = module.postgres

    content {
      sid       = "Postgres"
      actions   = statement.value.env.DATABASE_AUTH == "iam" ? ["rds-db:connect"] : ["secretsmanager:GetSecretValue"]
      resources = statement.value.env.DATABASE_AUTH == "iam" ? ["${statement.value.arns.login}/${statement.value.service.user}"] : [statement.value.arns.secret]
    }
  }

  dynamic "statement" {
    for_each = [for redis in module.redis : redis if redis.env.REDIS_AUTH == "iam"]

    content {
      sid       = "Redis"
      actions   = ["elasticache:Connect"]
      resources = [statement.value.arns.cache, statement.value.arns.user]
    }
  }

  dynamic "statement" {
    for_each = [for redis in module.redis : redis if redis.env.REDIS_AUTH == "password"]

    content {
      sid       = "RedisPassword"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value.arns.secret]
    }
  }

  dynamic "statement" {
    for_each = module.vectorstore

    content {
      sid       = "VectorStore"
      actions   = ["es:ESHttp*"]
      resources = ["${statement.value.arns.domain}/*"]
    }
  }

  # Until the domain's master has given the application's own role a part in it.
  dynamic "statement" {
    for_each = module.vectorstore

    content {
      sid       = "VectorStoreMaster"
      actions   = ["sts:AssumeRole"]
      resources = [statement.value.arns.master]
    }
  }

  dynamic "statement" {
    for_each = module.objectstore

    content {
      sid       = "Bucket"
      actions   = ["s3:ListBucket", "s3:GetBucketLocation"]
      resources = [statement.value.arns.bucket]
    }
  }

  dynamic "statement" {
    for_each = module.objectstore

    content {
      sid       = "Objects"
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      resources = ["${statement.value.arns.bucket}/*"]
    }
  }

  # Only through the services that encrypt with it.
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [local.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["s3", "secretsmanager"] : "${service}.${data.aws_region.this.name}.${data.aws_partition.this.dns_suffix}"]
    }
  }
}

resource "aws_iam_policy" "application" {
  name        = "${var.name}-application"
  description = "What an application of ${var.name} may do with its services"
  policy      = data.aws_iam_policy_document.application.json
}
