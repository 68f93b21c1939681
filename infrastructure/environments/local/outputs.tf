locals {
  running = merge(
    { for module in module.redis : "redis" => module },
    { for module in module.postgres : "postgres" => module },
    { for module in module.vectorstore : "vectorstore" => module },
    { for module in module.objectstore : "objectstore" => module },
  )

  # Port to the names of those who want it.
  wanted_ports = transpose({ for name, port in merge([for module in values(local.running) : module.host_ports]...) : name => [tostring(port)] })
}

output "services" {
  description = "The service contract: each running service with its engine, version and address. The same in every environment."
  value       = { for name, module in local.running : name => module.service }

  precondition {
    condition = alltrue([for names in values(local.wanted_ports) : length(names) == 1])
    error_message = "one port cannot be published twice: ${join("; ", [
      for port, names in local.wanted_ports : "${port} is wanted by ${join(" and ", names)}" if length(names) > 1
    ])}. Write another number for one of them in `ports`."
  }
}

output "env" {
  description = "Environment variables an application connects with."
  sensitive   = true
  value       = merge([for module in values(local.running) : module.env]...)
}

output "instance" {
  description = "Whose state this is."
  value       = terraform_data.identity.input
}
