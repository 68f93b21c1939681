output "services" {
  description = "The service contract: each service with its engine, version and address. The same in every environment."
  value       = module.aws.services
}

output "env" {
  description = "Environment variables an application connects with. What AWS holds itself stands there as a reference and the command that reads it."
  sensitive   = true
  value       = module.aws.env
}

output "instance" {
  description = "Whose state this is, in which account and region."
  value       = terraform_data.identity.output
}

output "access" {
  description = "What an application's own role and network need: the policy to attach, the security group to join, and the VPC and subnets it is of."
  value       = module.aws.access
}
