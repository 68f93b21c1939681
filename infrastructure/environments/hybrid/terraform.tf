terraform {
  required_version = ">= 1.11, < 2.0"

  # Written out, so that an emulated instance can be given a file of its own.
  backend "local" {}

  required_providers {
    # Exactly one version, in place of a lock file: environments/local/terraform.tf says why.
    docker = {
      source  = "kreuzwerker/docker"
      version = "4.6.0"
    }

    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6.0"
    }
  }
}
