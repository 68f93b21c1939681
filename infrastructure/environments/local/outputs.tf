output "services" {
  description = "The service contract: each running service with its engine, version and address. The same in every environment."
  value       = module.docker.services
}

output "env" {
  description = "Environment variables an application connects with."
  sensitive   = true
  value       = module.docker.env
}

output "instance" {
  description = "Whose state this is."
  value       = terraform_data.identity.input
}
