# Connects when something is asked of it, so nothing of Docker has to be there for AWS.
provider "docker" {}

# Asks who it is as soon as it is there, wanted or not. So it is told something and asked nothing
# while everything is local; on AWS it is the one of environments/aws.
provider "aws" {
  region              = local.on_aws ? module.instance.region : "us-east-1"
  allowed_account_ids = local.on_aws && length(module.instance.allowed_accounts) > 0 ? module.instance.allowed_accounts : null

  access_key        = local.on_aws ? (module.instance.emulated ? "test" : null) : "unused"
  secret_key        = local.on_aws ? (module.instance.emulated ? "test" : null) : "unused"
  s3_use_path_style = module.instance.emulated
  max_retries       = module.instance.emulated ? 3 : null

  skip_credentials_validation = !local.on_aws
  skip_metadata_api_check     = !local.on_aws
  skip_requesting_account_id  = !local.on_aws

  default_tags {
    tags = {
      project     = module.instance.project
      environment = module.instance.environment
      instance    = terraform.workspace
    }
  }
}
