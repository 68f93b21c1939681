# Credentials are those of the shell: a profile, a role, single sign-on. An emulated instance never
# sends them anywhere: it has its own, and AWS_ENDPOINT_URL says where the emulator is. If that is
# not set, AWS refuses them and nothing has happened.
provider "aws" {
  region = local.instance.region

  # In another account it would find nothing, and forget all that this state is about.
  allowed_account_ids = length(local.allowed_accounts) > 0 ? local.allowed_accounts : null

  access_key        = local.emulated ? "test" : null
  secret_key        = local.emulated ? "test" : null
  s3_use_path_style = local.emulated
  max_retries       = local.emulated ? 3 : null

  default_tags {
    tags = merge(var.tags, {
      project     = local.instance.project
      environment = local.environment
      instance    = terraform.workspace
    })
  }
}
