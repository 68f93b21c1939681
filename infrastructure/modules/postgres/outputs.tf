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

    # User, password and database count when the volume is begun, and never again.
    probe = { protocol = "postgres", port = var.host_port, path = null, login = { url = "DATABASE_URL" }, login_stays = true }
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
