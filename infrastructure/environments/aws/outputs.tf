output "services" {
  description = "The service contract: each service with its engine, version and address. The same in every environment."
  value       = module.aws.services
}

output "env" {
  description = "Environment variables an application connects with. What AWS holds itself stands there as a reference and the command that reads it."
  sensitive   = true
  value = merge(
    { for name, value in module.aws.env : name => endswith(name, "_COMMAND") && local.emulated && value != "" ? "${local.emulator_command} ${value}" : value },
    local.emulated ? { for name, value in local.emulator_env : name => value if contains(keys(module.aws.env), name) } : null,
  )
}

output "instance" {
  description = "Whose state this is, in which account and region."
  value       = terraform_data.identity.output
}

output "access" {
  description = "What an application's own role and network need: the policy to attach, the security group to join, and the VPC and subnets it is of."
  value       = module.aws.access
}
