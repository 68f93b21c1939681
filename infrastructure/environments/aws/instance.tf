# Reads the instance file: whose environment this is, where it may be, and whether it is an
# emulator's. `cargo xtask infra init` writes it from infra.toml; it holds no secret.

locals {
  # The path below environments/, with `-` where it has `/`: it becomes part of other names.
  environment_path = try(regex("^.*/environments/(.+)$", abspath(path.root))[0], basename(abspath(path.root)))
  environment      = replace(local.environment_path, "/", "-")

  instance_path    = "${path.root}/${var.instance_directory}/${terraform.workspace}.json"
  instance_file    = abspath(local.instance_path)
  instance_json    = try(jsondecode(file(local.instance_path)), null)
  instance_command = "cargo xtask infra init ${local.environment_path}${terraform.workspace == "default" ? "" : " --instance ${terraform.workspace}"}"

  # What stands in for a file that is missing or broken, so that a condition below is the only
  # thing that fails, and not every line that reads a value from it.
  instance_blank = {
    format              = 1
    project             = "none"
    environment         = "none"
    instance            = "none"
    region              = null
    allowed_account_ids = []
    emulator            = null
  }

  instance = merge(local.instance_blank, try({ for name, value in local.instance_json : name => value }, {}))

  # An emulated instance has a directory, a state and a plan of its own; modules/aws/emulator.tf says what
  # is different there.
  emulated         = local.instance.emulator != null
  emulator_account = "000000000000"

  instance_missing = [
    for name in ["project", "environment", "instance", "allowed_account_ids"] : name if !can(local.instance_json[name])
  ]

  allowed_accounts = local.emulated ? [local.emulator_account] : try([for id in local.instance.allowed_account_ids : tostring(id)], [])

  instance_problem = (
    !fileexists(local.instance_path)
    ? "no instance file ${local.instance_file}: run `${local.instance_command}`, which writes there what infra.toml says of this environment."
    : !can(keys(local.instance_json))
    ? "the instance file ${local.instance_file} is not a JSON object: put it right, or move it away and run `${local.instance_command}`."
    : try(local.instance.format, 0) != 1
    ? "the instance file ${local.instance_file} is not of format 1: move it away and run `${local.instance_command}`."
    : length(local.instance_missing) > 0
    ? "the instance file ${local.instance_file} lacks ${join(", ", local.instance_missing)}: run `${local.instance_command}`, which adds what is missing."
    : local.instance.environment != local.environment || local.instance.instance != terraform.workspace
    ? "the instance file ${local.instance_file} is of environment `${local.instance.environment}`, instance `${local.instance.instance}`, and this is environment `${local.environment}`, workspace `${terraform.workspace}`: remove the copy and run `${local.instance_command}`."
    : local.instance.emulator != null && !can(regex("^http://[^/:]+:[0-9]+$", local.instance.emulator.endpoint))
    ? "the instance file ${local.instance_file} has an emulator without an `endpoint` such as \"http://127.0.0.1:4566\": move it away and run `${local.instance_command} --emulated`."
    : ""
  )
}

# Which account this is. Everything else depends on it: with a foreign instance file, or where no
# account is allowed, nothing is read further and nothing is planned. That the account is an allowed one
# is for the provider to see (providers.tf): a destroy asks no condition of ours.
data "aws_caller_identity" "this" {
  lifecycle {
    precondition {
      condition     = local.instance_problem == ""
      error_message = local.instance_problem
    }

    postcondition {
      condition     = local.emulated || self.account_id != local.emulator_account
      error_message = "an emulator answers (account ${self.account_id}), and this instance is on AWS: unset AWS_ENDPOINT_URL, or use `--emulated`, which has a state of its own."
    }

    postcondition {
      condition     = length(local.allowed_accounts) > 0 || self.account_id == local.emulator_account
      error_message = "no account is allowed for ${local.environment}, and the credentials are those of account ${self.account_id} (${self.arn}): if that is the right one, write allowed_account_ids = [\"${self.account_id}\"] into [environments.${strcontains(local.environment_path, "/") ? jsonencode(local.environment_path) : local.environment_path}] of infra.toml and run `${local.instance_command}`."
    }
  }
}

data "aws_region" "this" {
  lifecycle {
    postcondition {
      condition     = local.instance.region == null ? true : self.name == local.instance.region
      error_message = "the provider is set to region ${self.name}, and ${local.environment} belongs in ${local.instance.region == null ? "none" : local.instance.region} (the credentials are those of account ${data.aws_caller_identity.this.account_id}, ${data.aws_caller_identity.this.arn}): change `region` in infra.toml and run `${local.instance_command}`, or take the other region out of providers.tf."
    }
  }
}

# Whose state this is, and in which account and region; no owner, because a team shares it from many
# checkouts. What was written first stays, so that a state which meets other credentials is noticed:
# Terraform would find nothing there and make all of it a second time.
resource "terraform_data" "identity" {
  input = local.identity

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == local.identity
      error_message = "this state is of ${join(", ", [for name, value in self.output : "${name} ${value}" if value != null])}, and this run of ${join(", ", [for name, value in local.identity : "${name} ${value}" if value != null])}: use the credentials, directory and workspace it was made with. If it was moved on purpose, `terraform apply -replace=terraform_data.identity` says so once."
    }
  }
}

locals {
  identity = {
    project     = local.instance.project
    environment = local.environment
    instance    = terraform.workspace
    owner       = null
    account     = data.aws_caller_identity.this.account_id
    region      = data.aws_region.this.name
  }
}
