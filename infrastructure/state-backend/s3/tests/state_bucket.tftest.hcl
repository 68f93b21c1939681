# `terraform init && terraform test`, without credentials and without a network.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  project = "tracker"
}

# Planned only: what is protected from being destroyed cannot be removed after a test.
run "makes_a_private_versioned_encrypted_bucket" {
  command = plan

  assert {
    condition     = output.bucket == "tracker-terraform-state-123456789012-eu-central-1" && output.backend == { bucket = "tracker-terraform-state-123456789012-eu-central-1", region = "eu-central-1" }
    error_message = "the name, or what a backend is told"
  }

  assert {
    condition     = aws_s3_bucket.state.tags == tomap({ project = "tracker", purpose = "terraform-state" })
    error_message = "the tags by which it is found again"
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" && aws_s3_bucket_ownership_controls.state.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "not versioned, or with access lists"
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy &&
      aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    )
    error_message = "not private"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "not encrypted with the key of S3"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90 && aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].newer_noncurrent_versions == 20 && length(aws_s3_bucket_lifecycle_configuration.state.rule) == 1
    error_message = "old versions go too early, or never"
  }
}

run "gives_the_team_no_way_to_delete_a_state" {
  command = plan

  assert {
    condition = alltrue([
      for name, policy in output.policies : contains(jsondecode(policy).Statement, {
        Sid      = "Keep", Effect = "Deny", Action = ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        Resource = "arn:aws:s3:::tracker-terraform-state-123456789012-eu-central-1/*.tfstate",
      })
    ])
    error_message = "a state can be deleted"
  }

  assert {
    condition     = alltrue([for policy in output.policies : contains(one([for statement in jsondecode(policy).Statement : statement.Action if statement.Sid == "Lock"]), "s3:DeleteObject")])
    error_message = "a lock cannot be released"
  }

  assert {
    condition     = { for name, policy in output.policies : name => contains(jsondecode(policy).Statement[*].Sid, "Write") } == { plan = false, apply = true }
    error_message = "only apply writes states"
  }
}

run "takes_a_key_of_ones_own" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn && one(aws_s3_bucket_server_side_encryption_configuration.state.rule).bucket_key_enabled
    error_message = "the key is not used"
  }

  assert {
    condition     = output.backend.kms_key_id == var.kms_key_arn && alltrue([for policy in output.policies : contains(jsondecode(policy).Statement[*].Sid, "Key")])
    error_message = "backend or policies do not know the key"
  }
}

run "cuts_a_long_project_and_keeps_it_apart" {
  command = plan

  variables {
    project = "tracker-of-the-whole-company"
  }

  assert {
    condition     = output.bucket == "tracker-of-the-${substr(sha256("tracker-of-the-whole-company"), 0, 6)}-terraform-state-123456789012-eu-central-1" && length(output.bucket) <= 63
    error_message = "the name"
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.project, var.allowed_account_ids, var.kms_key_arn, var.noncurrent_days]

  variables {
    project             = "Tracker"
    allowed_account_ids = ["123456789012", "12"]
    kms_key_arn         = "alias/state"
    noncurrent_days     = 0
  }
}
