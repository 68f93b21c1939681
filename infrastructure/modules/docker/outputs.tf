locals {
  running = merge(
    { for module in module.redis : "redis" => module },
    { for module in module.postgres : "postgres" => module },
    { for module in module.vectorstore : "vectorstore" => module },
    { for module in module.objectstore : "objectstore" => module },
  )
}

output "services" {
  description = "The service contract: each running service with its engine, version and address."
  value       = { for name, module in local.running : name => module.service }
}

output "env" {
  description = "Environment variables an application connects with."
  sensitive   = true
  value       = merge([for module in values(local.running) : module.env]...)
}

output "volumes" {
  description = "Name of each engine's volume, whether the engine runs or not."
  value       = { for engine, volume in docker_volume.data : engine => volume.name }
}

output "network" {
  description = "Name of the containers' own network. Null when there is none."
  value       = local.network
}

output "port_problem" {
  description = "Which ports are wanted twice, as a sentence for a precondition of the root. Empty when none is."
  value = length(local.wanted_twice) == 0 ? "" : "one port cannot be published twice: ${join("; ", [
    for port, names in local.wanted_twice : "${port} is wanted by ${join(" and ", names)}"
  ])}. Write another number for one of them in `ports`."
}

locals {
  # Port to the names of those who want it.
  wanted_ports = transpose({ for name, port in merge([for module in values(local.running) : module.host_ports]...) : name => [tostring(port)] })
  wanted_twice = { for port, names in local.wanted_ports : port => names if length(names) > 1 }
}
