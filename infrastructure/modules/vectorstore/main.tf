locals {
  # Null for pgvector, which starts no container.
  engine = lookup(local.engines, var.engine, null)

  memory_mb = try(coalesce(var.memory_mb, local.engine.memory_mb), null)

  host_ports = {
    for name, port in try(local.engine.ports, {}) : name => coalesce(var.host_ports[name], port)
  }
}

module "container" {
  source = "../container"
  count  = local.engine == null ? 0 : 1

  name      = var.name
  image     = var.images[var.engine]
  labels    = var.labels
  memory_mb = local.memory_mb
  network   = var.network == null ? null : { name = var.network, alias = "vectorstore" }

  entrypoint  = local.engine.entrypoint
  command     = local.engine.command
  files       = local.engine.files
  healthcheck = local.engine.healthcheck
  stop_signal = local.engine.stop_signal
  env = merge(local.engine.env, local.engine.go_heap == null ? {} : {
    GOMEMLIMIT = "${floor(local.memory_mb * local.engine.go_heap)}MiB"
  })

  ports  = [for name, port in local.engine.ports : { container = port, host = local.host_ports[name] }]
  volume = { name = var.volumes[var.engine], path = local.engine.data_path }
}
