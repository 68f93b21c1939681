# The one place for what the emulator does not do or does not remember. Nothing here has any effect
# on AWS, and what is set on AWS is not weaker for it.

variable "emulator" {
  description = "Where the emulator answers that stands in for AWS, such as \"http://127.0.0.1:4566\". Null is AWS."
  type        = object({ endpoint = string })
  default     = null

  validation {
    condition     = var.emulator == null ? true : can(regex("^http://[^/:]+:[0-9]+$", var.emulator.endpoint))
    error_message = "emulator.endpoint is \"${try(var.emulator.endpoint, "null")}\": write an address with a port, such as \"http://127.0.0.1:4566\"."
  }
}

locals {
  emulated = var.emulator != null

  # Merged over what the variables say.
  emulator = {
    flow_logs = {
      # It forgets their role and tags, so each plan would replace them.
      enabled = false
    }

    redis = {
      # It knows no users: its Redis would let everybody in.
      auth = "password"

      # It adds parameters to a group that nobody set, so each plan would take them out again.
      maxmemory_policy = null
    }

    postgres = {
      # It makes no secret for a managed master password.
      master_password = "secret"

      # Its Postgres takes no token for a password.
      application_user = null

      # It forgets the key of insights and which logs are exported, so each plan would set them again.
      insights    = "off"
      log_exports = []
    }

    vectorstore = {
      # It forgets which logs are exported.
      logs = []
    }
  }

  flow_logs   = merge(var.flow_logs, local.emulated ? local.emulator.flow_logs : null)
  redis       = merge(var.redis, local.emulated ? local.emulator.redis : null)
  postgres    = merge(var.postgres, local.emulated ? local.emulator.postgres : null)
  vectorstore = merge(var.vectorstore, local.emulated ? local.emulator.vectorstore : null)

  # It forgets the cache's key, and another key means another cache.
  redis_kms_key_arn = local.emulated ? null : local.kms_key_arn

  # It forgets which groups such an endpoint has, so each plan would set them again.
  interface_endpoints = local.emulated ? [] : var.interface_endpoints

  # It forgets what prefix list a rule is about, and the provider fails over such a rule.
  client_reaches_s3 = !local.emulated

  # The certificate of its Postgres is signed by none of the region's authorities.
  postgres_tls = !local.emulated

  # The provider waits ten minutes before its first look at a domain, unless it may wait less.
  vectorstore_timeouts = local.emulated ? { create = "5s", update = "5s", delete = "5s" } : null

  # It runs on this machine, and so does what it starts.
  reachable = var.reachable || local.emulated

  s3_endpoint_url = local.emulated ? var.emulator.endpoint : null

  # It lets everybody in, but clients and commands have to say who they are.
  emulator_keys    = local.emulated ? { S3_ACCESS_KEY_ID = "test", S3_SECRET_ACCESS_KEY = "test" } : {}
  emulator_command = local.emulated ? "AWS_ENDPOINT_URL=${var.emulator.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test " : ""
}
