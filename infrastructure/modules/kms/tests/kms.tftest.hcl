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
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name       = "tracker-aws"
  account_id = "123456789012"
}

run "rotates_and_can_be_brought_back" {
  command = apply

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30 && aws_kms_alias.this.name == "alias/tracker-aws"
    error_message = "the key or its alias"
  }

  assert {
    condition     = output.key_arn == aws_kms_key.this.arn && output.arns.key == aws_kms_key.this.arn
    error_message = "the outputs are not the key's ARN"
  }

  # Without these two a key is out of everybody's reach, or log groups cannot be made with it.
  assert {
    condition     = [for statement in data.aws_iam_policy_document.key.statement : one(one(statement.principals).identifiers)] == ["arn:aws:iam::123456789012:root", "logs.eu-central-1.amazonaws.com"]
    error_message = "the policy names others than the account and CloudWatch"
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.key.statement[1].condition).values) == "arn:aws:logs:eu-central-1:123456789012:log-group:*"
    error_message = "CloudWatch may use it for another account's logs"
  }
}

run "refuses_what_kms_would" {
  command         = plan
  expect_failures = [var.name, var.account_id, var.deletion_window_days]

  variables {
    name                 = "aws-tracker"
    account_id           = "1234"
    deletion_window_days = 6
  }
}

run "refuses_a_window_that_is_too_long" {
  command         = plan
  expect_failures = [var.deletion_window_days]

  variables {
    deletion_window_days = 31
  }
}
