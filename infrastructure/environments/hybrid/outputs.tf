output "services" {
  description = "The service contract: each service with its engine, version and address. The same in every environment."
  value       = merge(concat(module.docker[*].services, module.aws[*].services)...)
}

output "env" {
  description = "Environment variables an application connects with."
  sensitive   = true
  value       = merge(concat(module.docker[*].env, module.aws[*].env)...)
}

output "instance" {
  description = "Whose state this is, and on which side."
  value       = terraform_data.identity.output
}
