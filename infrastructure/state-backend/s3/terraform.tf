terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }

  # The state of the place where states are kept is a file on this machine, and may be
  # lost: `adopt` takes the bucket back. `init -backend-config=path=FILE` says where it is.
  backend "local" {}
}
