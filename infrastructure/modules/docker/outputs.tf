output "services" {
  description = "The service contract: each running service with its engine, version and address."
  value       = { for name, module in local.running : name => module.service }

  precondition {
    condition     = var.instance.problem == ""
    error_message = var.instance.problem
  }

  precondition {
    condition     = length(local.missing) == 0
    error_message = "the instance file ${var.instance.file} lacks ${join(", ", local.missing)}: run `${var.instance.command}`, which adds what is missing."
  }

  precondition {
    condition = length(local.wanted_twice) == 0
    error_message = "one port cannot be published twice: ${join("; ", [
      for port, names in local.wanted_twice : "${port} is wanted by ${join(" and ", names)}"
    ])}. Write another number for one of them in `ports`."
  }
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

locals {
  # Port to the names of those who want it.
  wanted_ports = transpose({ for name, port in merge([for module in values(local.running) : module.host_ports]...) : name => [tostring(port)] })
  wanted_twice = { for port, names in local.wanted_ports : port => names if length(names) > 1 }
}
