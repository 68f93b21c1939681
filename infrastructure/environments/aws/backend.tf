# Bucket and region are in state.tfbackend, which `cargo xtask infra create-backend aws` writes and
# the team commits; without the xtask: `terraform init -backend-config=state.tfbackend`.
terraform {
  backend "s3" {
    key                  = "environments/aws/terraform.tfstate"
    workspace_key_prefix = "environments/aws/instances"
    use_lockfile         = true
    encrypt              = true
  }
}
