output "service" {
  description = "The service contract: what it is and where it answers."
  value = {
    engine    = "redis"
    version   = var.image.version
    host      = "127.0.0.1"
    port      = var.host_port
    tls       = false
    image     = var.image.reference
    container = module.container.name
    volume    = var.volume
    status    = null
    probe     = { protocol = "redis", port = var.host_port, path = null, login = { url = "REDIS_URL" } }
    # It asks before it cuts off what it cannot read.
    repair = { log = "redis-check-aof", path = "/data", command = "redis-check-aof --fix /data/appendonlydir/appendonly.aof.manifest" }
  }
}

output "host_ports" {
  description = "Published ports, by their names in `ports`."
  value       = { redis = var.host_port }
}

output "env" {
  description = "What an application connects with."
  sensitive   = true
  value = {
    REDIS_URL = "redis://default:${urlencode(var.password)}@127.0.0.1:${var.host_port}/0"
  }
}
