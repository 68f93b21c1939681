# `terraform init -backend=false && terraform test`, without credentials, a network or an instance of
# one's own. The provider is the real one and checks what it plans; it is asked nothing about an
# account, because what needs an answer is given here. A mocked one knows no ephemeral resources.

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.this
  values = {
    account_id = "123456789012"
    arn        = "arn:aws:sts::123456789012:assumed-role/operator/somebody"
  }
}

override_data {
  target = module.aws.module.vectorstore[0].data.aws_caller_identity.this
  values = {
    account_id = "123456789012"
  }
}

override_data {
  target = module.aws.module.network.data.aws_availability_zones.this[0]
  values = {
    names = ["us-east-1a", "us-east-1b", "us-east-1c"]
  }
}

# All of them, because a test also reads terraform.tfvars and a person's own *.auto.tfvars.
variables {
  instance_directory  = "tests/instances"
  size                = "small"
  protected           = true
  keep_on_destroy     = true
  existing_network    = null
  vpc_cidr            = "10.40.0.0/16"
  zones               = 2
  interface_endpoints = []
  flow_logs           = {}
  kms_key_arn         = null
  reachable           = false
  tags                = {}
  redis               = {}
  postgres            = {}
  vectorstore         = {}
  objectstore         = {}
}

run "offers_the_four_services_of_every_environment" {
  command = plan

  assert {
    condition     = { for name, service in output.services : name => service.engine } == { redis = "valkey", postgres = "postgres", vectorstore = "opensearch", objectstore = "s3" }
    error_message = "the services differ from the contract"
  }

  assert {
    condition     = alltrue([for service in values(output.services) : length(setsubtract(["engine", "version", "host", "port", "tls", "image", "container", "volume", "probe", "status"], keys(service))) == 0])
    error_message = "a service lacks a key of the contract"
  }

  assert {
    condition = length(setsubtract([
      "REDIS_URL", "DATABASE_URL", "VECTORSTORE_URL", "VECTORSTORE_GRPC_URL", "VECTORSTORE_ENGINE", "VECTORSTORE_API_KEY",
      "S3_ENDPOINT_URL", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY",
    ], keys(nonsensitive(output.env)))) == 0
    error_message = "env lacks a variable of the contract"
  }

  assert {
    condition     = nonsensitive(output.env.S3_BUCKET) == "tracker-aws-123456789012-us-east-1" && nonsensitive(output.env.S3_ENDPOINT_URL) == "https://s3.us-east-1.amazonaws.com" && nonsensitive(output.env.S3_SECRET_ACCESS_KEY) == ""
    error_message = "the bucket's address"
  }

  assert {
    condition     = terraform_data.identity.input == { project = "tracker", environment = "aws", instance = "default", owner = null, account = "123456789012", region = "us-east-1" }
    error_message = "the identity is not stamped"
  }

  assert {
    condition     = terraform_data.protection.input == { name = "tracker-aws", protected = true }
    error_message = "a destroy would not be refused"
  }

  assert {
    condition     = output.access.parameter_path == "/tracker/aws/default"
    error_message = "the connection details are published elsewhere"
  }
}

run "works_around_the_emulator_and_nothing_more" {
  command = plan

  variables {
    instance_directory  = "tests/emulated"
    postgres            = { enabled = false } # its password would be drawn at AWS
    redis               = { auth = "iam" }
    interface_endpoints = ["ssm"]
  }

  override_data {
    target = data.aws_caller_identity.this
    values = { account_id = "000000000000", arn = "arn:aws:iam::000000000000:root" }
  }

  override_data {
    target = module.aws.module.redis[0].data.aws_secretsmanager_random_password.this[0]
    values = { random_password = "0123456789abcdefghijklmnopqrstuv" }
  }

  assert {
    condition     = nonsensitive(output.env.REDIS_AUTH) == "password" && output.services.redis.probe.protocol == "redis"
    error_message = "redis would ask for what the emulator has not"
  }

  assert {
    condition     = nonsensitive(output.env.S3_ENDPOINT_URL) == "http://127.0.0.1:4566" && output.services.objectstore.port == 4566 && !output.services.objectstore.tls && nonsensitive(output.env.S3_ACCESS_KEY_ID) == "test"
    error_message = "S3 is not the emulator's"
  }

  assert {
    condition     = terraform_data.protection.input.protected
    error_message = "an emulated environment is less protected"
  }
}

run "refuses_the_instance_file_of_another_environment" {
  command         = plan
  expect_failures = [data.aws_caller_identity.this]

  variables {
    instance_directory = "tests/foreign"
  }
}

run "refuses_an_emulator_in_place_of_aws" {
  command         = plan
  expect_failures = [data.aws_caller_identity.this]

  override_data {
    target = data.aws_caller_identity.this
    values = { account_id = "000000000000", arn = "arn:aws:iam::000000000000:root" }
  }
}

run "refuses_another_region_than_the_policy_s" {
  command         = plan
  expect_failures = [data.aws_region.this]

  override_data {
    target = data.aws_region.this
    values = { name = "eu-west-1" }
  }
}

run "stamps_a_new_state" {
  command = apply

  plan_options {
    target = [terraform_data.identity]
  }

  assert {
    condition     = output.instance.account == "123456789012"
    error_message = "no stamp"
  }
}

run "refuses_that_state_in_another_account" {
  command         = plan
  expect_failures = [terraform_data.identity]

  plan_options {
    target = [terraform_data.identity]
  }

  override_data {
    target = data.aws_caller_identity.this
    values = { account_id = "210987654321", arn = "arn:aws:iam::210987654321:root" }
  }
}

run "refuses_an_unknown_size" {
  command         = plan
  expect_failures = [var.size]

  variables {
    size = "huge"
  }
}

run "refuses_to_discard_what_is_protected" {
  command         = plan
  expect_failures = [var.keep_on_destroy]

  variables {
    keep_on_destroy = false
  }
}

run "refuses_a_tag_that_is_set_already" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { environment = "production" }
  }
}
