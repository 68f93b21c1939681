# Which account this is. Everything else depends on it: with a foreign instance file, or where no
# account is allowed, nothing is read further and nothing is planned. That the account is an allowed one
# is for the provider to see (providers.tf): a destroy asks no condition of ours.
data "aws_caller_identity" "this" {
  lifecycle {
    precondition {
      condition     = module.instance.problem == ""
      error_message = module.instance.problem
    }

    postcondition {
      condition     = module.instance.emulated || self.account_id != module.instance.emulator_account
      error_message = "an emulator answers (account ${self.account_id}), and this instance is on AWS: unset AWS_ENDPOINT_URL, or use `--emulated`, which has a state of its own."
    }

    postcondition {
      condition     = length(module.instance.allowed_accounts) > 0 || self.account_id == module.instance.emulator_account
      error_message = "no account is allowed for ${module.instance.environment}, and the credentials are those of account ${self.account_id} (${self.arn}): if that is the right one, write allowed_account_ids = [\"${self.account_id}\"] into ${module.instance.policy} of infra.toml and run `${module.instance.command}`."
    }
  }
}

data "aws_region" "this" {
  lifecycle {
    postcondition {
      condition     = module.instance.region == null ? true : self.name == module.instance.region
      error_message = "the provider is set to region ${self.name}, and ${module.instance.environment} belongs in ${module.instance.region == null ? "none" : module.instance.region} (the credentials are those of account ${data.aws_caller_identity.this.account_id}, ${data.aws_caller_identity.this.arn}): change `region` in infra.toml and run `${module.instance.command}`, or take the other region out of providers.tf."
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
    project     = module.instance.project
    environment = module.instance.environment
    instance    = terraform.workspace
    owner       = null
    account     = data.aws_caller_identity.this.account_id
    region      = data.aws_region.this.name
  }
}
