# `terraform init && terraform test`, without Docker, credentials, a network or an instance of one's
# own. The AWS provider is the real one and is asked nothing: a mocked one knows no ephemeral resources.

mock_provider "docker" {}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.this[0]
  values = { account_id = "123456789012", arn = "arn:aws:sts::123456789012:assumed-role/operator/somebody" }
}

override_data {
  target = module.aws[0].module.vectorstore[0].data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_data {
  target = module.aws[0].module.network.data.aws_availability_zones.this[0]
  values = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
}

# All of them, because a test also reads terraform.tfvars and a person's own *.auto.tfvars.
variables {
  instance_directory = "tests/docker_only"
  environment        = "local"
  redis              = {}
  postgres           = {}
  vectorstore        = {}
  objectstore        = {}
  ports              = {}
  size               = "small"
  protected          = true
  keep_on_destroy    = true
  existing_network   = null
}

run "is_all_local_and_needs_nothing_of_aws" {
  command = plan

  assert {
    condition     = { for name, service in output.services : name => "${service.engine} ${service.host}" } == { redis = "redis 127.0.0.1", postgres = "postgres 127.0.0.1", vectorstore = "pgvector 127.0.0.1", objectstore = "minio 127.0.0.1" }
    error_message = "a service is elsewhere"
  }

  assert {
    condition     = length(module.docker) == 1 && length(module.aws) == 0 && length(data.aws_caller_identity.this) == 0
    error_message = "something of AWS is wanted"
  }

  assert {
    condition     = terraform_data.identity.input.side == "local" && terraform_data.identity.input.owner == "00000000000000000000000000000000" && !terraform_data.protection.input.protected
    error_message = "the identity, or containers that no destroy could remove"
  }
}

run "is_all_aws_and_needs_nothing_of_docker" {
  command = plan

  variables {
    instance_directory = "tests/aws_only"
    environment        = "aws"
    vectorstore        = { engine = "opensearch" }
  }

  assert {
    condition     = { for name, service in output.services : name => service.engine } == { redis = "valkey", postgres = "postgres", vectorstore = "opensearch", objectstore = "s3" }
    error_message = "the services"
  }

  assert {
    condition     = length(module.docker) == 0 && length(module.aws) == 1
    error_message = "something of Docker is wanted"
  }

  assert {
    condition     = terraform_data.identity.input.side == "aws" && terraform_data.identity.input.owner == null && terraform_data.identity.input.account == "123456789012" && terraform_data.protection.input.protected
    error_message = "the identity, or a destroy would not be refused"
  }

  # The same variables as the local side's, and more.
  assert {
    condition = length(setsubtract([
      "REDIS_URL", "DATABASE_URL", "VECTORSTORE_URL", "VECTORSTORE_GRPC_URL", "VECTORSTORE_ENGINE", "VECTORSTORE_API_KEY",
      "S3_ENDPOINT_URL", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY",
    ], keys(nonsensitive(output.env)))) == 0
    error_message = "env lacks a variable of the contract"
  }
}

run "asks_for_the_chosen_side_s_half_of_the_instance_file" {
  command         = plan
  expect_failures = [terraform_data.identity]

  variables {
    instance_directory = "tests/aws_only"
  }
}

run "and_for_the_other_half_on_the_other_side" {
  command         = plan
  expect_failures = [data.aws_caller_identity.this]

  variables {
    environment = "aws"
  }
}

run "stamps_a_new_state" {
  command = apply

  plan_options {
    target = [terraform_data.identity]
  }

  assert {
    condition     = output.instance.side == "local"
    error_message = "no stamp"
  }
}

run "refuses_to_move_that_state_to_aws" {
  command         = plan
  expect_failures = [terraform_data.identity]

  plan_options {
    target = [terraform_data.identity]
  }

  variables {
    instance_directory = "tests/aws_only"
    environment        = "aws"
  }
}

run "refuses_a_third_side" {
  command         = plan
  expect_failures = [var.environment]

  variables {
    environment = "both"
  }
}

run "refuses_an_engine_of_the_other_side" {
  command         = plan
  expect_failures = [var.vectorstore]

  variables {
    vectorstore = { engine = "opensearch" }
  }
}

run "refuses_what_is_no_port_no_size_and_no_protection" {
  command         = plan
  expect_failures = [var.ports, var.size, var.keep_on_destroy]

  variables {
    ports           = { redis = 0 }
    size            = "huge"
    keep_on_destroy = false
  }
}
