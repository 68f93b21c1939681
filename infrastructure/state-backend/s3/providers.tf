provider "aws" {
  region              = var.region
  allowed_account_ids = length(var.allowed_account_ids) == 0 ? null : var.allowed_account_ids

  # An emulator has no host name for each bucket.
  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated ? true : null
}
