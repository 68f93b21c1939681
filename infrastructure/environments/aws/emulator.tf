# The one place for what the emulator does not do or does not remember. An instance is emulated
# when its file says so, and then has a state, a plan and a data directory of its own; nothing here
# has any effect on AWS.

locals {
  emulated         = local.instance.emulator != null
  emulator_account = "000000000000"

  # Merged over what the variables say.
  emulator = {
    flow_logs = {
      # It forgets their role and tags, so each plan would replace them.
      enabled = false
    }

    redis = {
      # It knows no users: its Redis would let everybody in.
      auth = "password"

      # It forgets the key, and another key means another cache.
      own_key = false

      # It adds parameters to a group that nobody set, so each plan would take them out again.
      own_parameters = false
    }

    postgres = {
      # It makes no secret for a managed master password.
      master_password = "secret"

      # Its Postgres takes no token for a password.
      application_user = null

      # It forgets the key of insights and which logs are exported, so each plan would set them again.
      insights    = "off"
      log_exports = []

      # The Postgres that it starts has no certificate.
      server_without_tls = true
    }

    vectorstore = {
      # It forgets which logs are exported.
      logs = []

      # The provider waits ten minutes before its first look at a domain, unless it may wait less.
      timeouts = { create = "5s", update = "5s", delete = "5s" }
    }

    objectstore = {
      endpoint_url = try(local.instance.emulator.endpoint, null)
    }
  }

  # It forgets which groups such an endpoint has, so each plan would set them again.
  interface_endpoints = local.emulated ? [] : var.interface_endpoints

  # It forgets what prefix list a rule is about, and the provider fails over such a rule.
  client_reaches_s3 = !local.emulated

  # What its clients have to say besides; it lets everybody in.
  emulator_credentials = { access_key = "test", secret_key = "test" }
  emulator_env = {
    S3_ACCESS_KEY_ID     = local.emulator_credentials.access_key
    S3_SECRET_ACCESS_KEY = local.emulator_credentials.secret_key
  }
  emulator_command = join(" ", [
    "AWS_ENDPOINT_URL=${try(local.instance.emulator.endpoint, "")}",
    "AWS_ACCESS_KEY_ID=${local.emulator_credentials.access_key}",
    "AWS_SECRET_ACCESS_KEY=${local.emulator_credentials.secret_key}",
  ])
}
