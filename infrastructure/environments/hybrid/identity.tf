# Which account this is, on AWS; environments/aws/identity.tf says more.
data "aws_caller_identity" "this" {
  count = local.on_aws ? 1 : 0

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

# Whose state this is, and on which side. What was written first stays: a state that meets the other
# side, another account or region would remove everything here and make it again there.
resource "terraform_data" "identity" {
  input = local.identity

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = module.instance.problem == ""
      error_message = module.instance.problem
    }

    postcondition {
      condition     = try(self.output.side, "") == local.identity.side
      error_message = "everything in this state is on the side \"${try(self.output.side, "")}\", and environment is \"${local.identity.side}\" now: nothing is moved from one to the other by a change of it. Destroy this one first, or use another instance for the other side: `terraform workspace new NAME`, or --instance NAME."
    }

    postcondition {
      condition     = try(self.output.side, "") != local.identity.side || self.output == local.identity
      error_message = "this state is of ${join(", ", [for name, value in self.output : "${name} ${value}" if value != null])}, and this run of ${join(", ", [for name, value in local.identity : "${name} ${value}" if value != null])}: use the credentials, directory and workspace it was made with. If it was moved on purpose, `terraform apply -replace=terraform_data.identity` says so once."
    }
  }
}

locals {
  identity = {
    project     = module.instance.project
    environment = module.instance.environment
    instance    = terraform.workspace
    owner       = local.on_aws ? null : module.instance.owner
    side        = var.environment
    account     = one(data.aws_caller_identity.this[*].account_id)
    region      = local.on_aws ? module.instance.region : null
  }
}
