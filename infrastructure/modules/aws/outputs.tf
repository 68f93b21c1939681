locals {
  running = merge(
    { for module in module.postgres : "postgres" => module },
    { for module in module.objectstore : "objectstore" => module },
  )

  # AWS has roles in place of keys. Empty and not absent, so that none of another environment's
  # stays behind in a shell.
  without_keys = var.objectstore.enabled ? { S3_ACCESS_KEY_ID = "", S3_SECRET_ACCESS_KEY = "" } : null

  env = merge(concat([for module in values(local.running) : module.env], [local.without_keys])...)
}

output "services" {
  description = "The service contract: each service with its engine, version and address."
  value       = { for name, module in local.running : name => module.service }
}

output "env" {
  description = "Environment variables an application connects with; no secret is in it."
  value       = local.env
}

output "access" {
  description = "What an application's role and network need."
  value = merge(module.network.network, {
    policy_arn     = aws_iam_policy.application.arn
    parameter_path = var.parameter_path
  })
}
