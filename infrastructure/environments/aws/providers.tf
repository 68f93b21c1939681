# Credentials are those of the shell: a profile, a role, single sign-on. An emulated instance never
# sends them anywhere: it has its own, and AWS_ENDPOINT_URL says where the emulator is. If that is
# not set, AWS refuses them and nothing has happened.
provider "aws" {
  region = module.instance.region

  # In another account it would find nothing, and forget all that this state is about.
  allowed_account_ids = length(module.instance.allowed_accounts) > 0 ? module.instance.allowed_accounts : null

  access_key        = module.instance.emulated ? "test" : null
  secret_key        = module.instance.emulated ? "test" : null
  s3_use_path_style = module.instance.emulated
  max_retries       = module.instance.emulated ? 3 : null

  default_tags {
    tags = merge(var.tags, {
      project     = module.instance.project
      environment = module.instance.environment
      instance    = terraform.workspace
    })
  }
}
