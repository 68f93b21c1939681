output "problem" {
  description = "What is wrong with the instance file, as a sentence for a precondition. Empty when nothing is."
  value       = local.problem
}

output "file" {
  description = "Path of the instance file."
  value       = local.file
}

output "command" {
  description = "The command that writes the instance file and adds what it lacks."
  value       = local.command
}

output "project" {
  description = "The project that infra.toml names."
  value       = local.content.project
}

output "environment" {
  description = "Name of the environment: its path below environments/, with `-` for `/`."
  value       = local.environment
}

output "policy" {
  description = "The environment's table in infra.toml, as its first line there."
  value       = "[environments.${strcontains(local.environment_path, "/") ? jsonencode(local.environment_path) : local.environment_path}]"
}

output "name" {
  description = "Stands before every name: PROJECT-ENVIRONMENT or PROJECT-ENVIRONMENT-INSTANCE."
  value       = local.name
}

output "namespace" {
  description = "Stands before the name of each label, such as \"io.tracker\"."
  value       = local.namespace
}

output "owner" {
  description = "Who this copy belongs to: what carries it in its label is ours."
  value       = local.content.owner
}

output "labels" {
  description = "Labels that say whose a container or volume is."
  value = {
    "${local.namespace}.project"     = local.content.project
    "${local.namespace}.environment" = local.environment
    "${local.namespace}.instance"    = terraform.workspace
    "${local.namespace}.owner"       = local.content.owner
  }
}

output "credentials" {
  description = "Passwords and keys, by service and key: what is called postgres_password in the file is postgres.password here."
  sensitive   = true
  value       = local.credentials
}

output "ports" {
  description = "Ports on 127.0.0.1, by name; null is the service's usual one."
  value       = local.ports
}

output "images" {
  description = "Image reference, engine version and defaults, by engine."
  value       = local.images
}

output "region" {
  description = "The only region on AWS that the environment may be in. Null when infra.toml names none."
  value       = local.content.region
}

output "allowed_accounts" {
  description = "The only accounts that the environment may be in; an emulated one is in the emulator's."
  value       = local.allowed_accounts
}

output "emulated" {
  description = "Whether an emulator stands in for AWS."
  value       = local.emulated
}

output "emulator" {
  description = "Where that emulator answers. Null on AWS itself."
  value       = local.emulated ? try({ endpoint = tostring(local.content.emulator.endpoint) }, null) : null
}

output "emulator_account" {
  description = "The account that emulators answer for."
  value       = local.emulator_account
}
