output "service" {
  description = "The service contract: what it is and where it answers."
  value = {
    engine    = "postgres"
    version   = var.image.version
    host      = "127.0.0.1"
    port      = var.host_port
    tls       = false
    image     = var.image.reference
    container = module.container.name
    volume    = var.volume
    database  = var.database
    user      = var.user
    status    = null
    probe     = { protocol = "postgres", port = var.host_port, path = null }
  }
}

output "host_ports" {
  description = "Published ports, by their names in `ports`."
  value       = { postgres = var.host_port }
}

output "env" {
  description = "What an application connects with."
  sensitive   = true
  value = {
    DATABASE_URL = "postgres://${var.user}:${urlencode(var.password)}@127.0.0.1:${var.host_port}/${var.database}"
  }
}
