# The one place for what the emulator does not do or does not remember. An instance is emulated
# when its file says so, and then has a state, a plan and a data directory of its own; nothing here
# has any effect on AWS.

locals {
  emulated         = local.instance.emulator != null
  emulator_account = "000000000000"

  # Merged over what the variables say.
  emulator = {
    postgres = {
      # It makes no secret for a managed master password.
      master_password = "secret"

      # It forgets the key of insights and which logs are exported, so each plan would set them again.
      insights    = "off"
      log_exports = []

      # The Postgres that it starts has no certificate.
      server_without_tls = true
    }

    objectstore = {
      endpoint_url = try(local.instance.emulator.endpoint, null)
    }
  }

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
