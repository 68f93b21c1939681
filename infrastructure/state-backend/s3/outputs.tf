locals {
  arn = "arn:${local.partition}:s3:::${local.bucket}"

  # Of a whole state and of the file that locks it, in every directory.
  states = "${local.arn}/*.tfstate"
  locks  = "${local.arn}/*.tflock"

  find = {
    Sid      = "Find"
    Effect   = "Allow"
    Action   = ["s3:ListBucket"]
    Resource = local.arn
  }
  read = {
    Sid      = "Read"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = local.states
  }
  lock = {
    Sid      = "Lock"
    Effect   = "Allow"
    Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    Resource = local.locks
  }
  write = {
    Sid      = "Write"
    Effect   = "Allow"
    Action   = ["s3:PutObject"]
    Resource = local.states
  }
  keep = {
    Sid      = "Keep"
    Effect   = "Deny"
    Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    Resource = local.states
  }
  decrypt = [for key in [var.kms_key_arn] : {
    Sid      = "Key"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = key
  } if key != null]

  policies = {
    plan  = concat([local.find, local.read, local.lock, local.keep], local.decrypt)
    apply = concat([local.find, local.read, local.write, local.lock, local.keep], local.decrypt)
  }
}

output "bucket" {
  description = "The bucket for states."
  value       = aws_s3_bucket.state.bucket
}

output "region" {
  description = "Its region."
  value       = local.region
}

output "account" {
  description = "Its account."
  value       = local.account
}

output "backend" {
  description = "What a root's S3 backend has to be told, as in a .tfbackend file. With a key of one's own it must be named: `encrypt = true` alone asks S3 for its own."
  value       = merge({ bucket = local.bucket, region = local.region }, var.kms_key_arn == null ? {} : { kms_key_id = var.kms_key_arn })
}

output "policies" {
  description = "IAM policies for the team, as JSON: `plan` may read and lock states, `apply` may write them too, and neither may delete one."
  value       = { for name, statements in local.policies : name => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}
