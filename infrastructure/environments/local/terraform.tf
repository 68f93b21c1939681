terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    # Exactly one version, in place of a lock file: the provider comes from the registry on
    # one machine and is built from its Go module on another, and a lock that holds the
    # hash of only one of the two makes `terraform init` fail on the other.
    docker = {
      source  = "kreuzwerker/docker"
      version = "4.6.0"
    }
  }
}
