mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name        = "tracker-aws"
  account_id  = "123456789012"
  kms_key_arn = "arn:aws:kms:ap-southeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "is_private_encrypted_and_keeps_what_is_deleted" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.bucket == "tracker-aws-123456789012-ap-southeast-1" && !aws_s3_bucket.this.force_destroy
    error_message = "the bucket's name, or a destroy takes its objects along"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
      aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced",
      aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled",
    ])
    error_message = "it can become public, or loses what is overwritten"
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    ])
    error_message = "objects are not encrypted with the key"
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.bucket.statement :
      statement.effect == "Deny" && one(statement.actions) == "s3:*" && statement.resources == toset(["arn:aws:s3:::tracker-aws-123456789012-ap-southeast-1", "arn:aws:s3:::tracker-aws-123456789012-ap-southeast-1/*"])
    ]) && toset([for statement in data.aws_iam_policy_document.bucket.statement : "${one(statement.condition).variable} ${one(one(statement.condition).values)}"]) == toset(["aws:SecureTransport false", "s3:TlsVersion 1.2"])
    error_message = "plain HTTP or an old TLS is let in"
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30
      && aws_s3_bucket_lifecycle_configuration.this.rule[1].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    )
    error_message = "old versions or stale uploads are kept for ever, or not long enough"
  }

  assert {
    condition     = output.env == { S3_ENDPOINT_URL = "https://s3.ap-southeast-1.amazonaws.com", S3_BUCKET = "tracker-aws-123456789012-ap-southeast-1", S3_REGION = "ap-southeast-1" }
    error_message = "env"
  }

  assert {
    condition     = output.service.host == "s3.ap-southeast-1.amazonaws.com" && output.service.port == 443 && output.service.tls && output.service.probe == null
    error_message = "the service contract"
  }
}

run "answers_where_an_emulator_does" {
  command = plan

  variables {
    endpoint_url = "http://127.0.0.1:4566"
  }

  assert {
    condition     = output.env.S3_ENDPOINT_URL == "http://127.0.0.1:4566" && output.service.host == "127.0.0.1" && output.service.port == 4566 && !output.service.tls && output.service.probe.port == 4566
    error_message = "the emulator's address is not used"
  }
}

run "takes_a_name_of_one_s_own_and_the_account_s_key" {
  command = plan

  variables {
    bucket      = "portfolio-objects"
    kms_key_arn = null
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "portfolio-objects" && one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == null
    error_message = "the name or the key"
  }
}

# 35 characters are left beside account and region.
run "keeps_a_name_that_just_fits" {
  command = plan

  variables {
    name = "abcdefghij-abcdefghij-abcdefghij-ab"
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "abcdefghij-abcdefghij-abcdefghij-ab-123456789012-ap-southeast-1" && length(aws_s3_bucket.this.bucket) == 63
    error_message = "a name that fits is cut"
  }
}

run "cuts_a_longer_one_and_keeps_it_apart_from_others" {
  command = plan

  variables {
    name = "abcdefghij-abcdefghij-abcdefghij-abc"
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "abcdefghij-abcdefghij-abcd-${substr(sha256("abcdefghij-abcdefghij-abcdefghij-abc"), 0, 8)}-123456789012-ap-southeast-1" && length(aws_s3_bucket.this.bucket) == 63
    error_message = "the long name"
  }
}

run "refuses_what_s3_would" {
  command         = plan
  expect_failures = [var.name, var.account_id, var.bucket, var.old_versions_days, var.stale_uploads_days, var.endpoint_url]

  variables {
    name               = "Tracker"
    account_id         = "12345678901a"
    bucket             = "portfolio.objects"
    old_versions_days  = 0
    stale_uploads_days = 1.5
    endpoint_url       = "127.0.0.1:4566"
  }
}

run "refuses_an_ending_that_is_amazon_s" {
  command         = plan
  expect_failures = [var.bucket]

  variables {
    bucket = "portfolio-s3alias"
  }
}
