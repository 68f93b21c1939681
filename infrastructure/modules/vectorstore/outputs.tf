locals {
  # Its own container, or the environment's Postgres under another name.
  service = one(concat(
    [for container in module.container : {
      engine    = var.engine
      version   = var.images[var.engine].version
      host      = "127.0.0.1"
      port      = local.host_ports.http
      grpc_port = local.host_ports[local.engine.grpc_port]
      tls       = false
      image     = var.images[var.engine].reference
      container = container.name
      volume    = var.volumes[var.engine]
      status    = null
      probe     = merge(local.engine.probe, { protocol = "http", port = local.host_ports.http })
    }],
    [for postgres in var.engine == "pgvector" ? [var.postgres] : [] : {
      engine    = var.engine
      version   = postgres.version
      host      = postgres.host
      port      = postgres.port
      grpc_port = null
      tls       = postgres.tls
      image     = postgres.image
      container = null
      volume    = null
      status    = null
      probe     = postgres.probe
    }],
  ))
}

output "service" {
  description = "The service contract: what it is and where it answers."
  value       = local.service
}

output "host_ports" {
  description = "Published ports, by their names in `ports`."
  value       = { for name, port in local.host_ports : "vectorstore_${name}" => port }
}

output "env" {
  description = "What an application connects with. Whatever an engine does not have is empty, so that none of an earlier engine stays behind."
  sensitive   = true
  value = {
    VECTORSTORE_ENGINE  = var.engine
    VECTORSTORE_URL     = var.engine == "pgvector" ? var.postgres_url : "http://${local.service.host}:${local.service.port}"
    VECTORSTORE_API_KEY = local.engine == null ? "" : local.engine.api_key

    # With the scheme that gRPC clients take: pymilvus and qdrant's Rust client refuse `grpc://`.
    VECTORSTORE_GRPC_URL = local.service.grpc_port == null ? "" : "http://${local.service.host}:${local.service.grpc_port}"
  }
}

output "container_ids" {
  description = "Id of the container, known when it has been started; none for an engine without one."
  value       = module.container[*].id
}
