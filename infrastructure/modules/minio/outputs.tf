output "service" {
  description = "The service contract: what it is and where it answers."
  value = {
    engine       = "minio"
    version      = var.image.version
    host         = "127.0.0.1"
    port         = var.host_ports.api
    console_port = var.host_ports.console
    tls          = false
    image        = var.image.reference
    container    = module.container.name
    volume       = var.volume
    bucket       = var.bucket
    status       = null

    # Refusing a stranger is what S3 calls do once they work; /minio/health/ready says yes
    # while they are still answered with 503.
    probe = {
      protocol = "http"
      port     = var.host_ports.api
      path     = "/"
      status   = 403
      login = { s3 = {
        bucket            = "S3_BUCKET"
        region            = "S3_REGION"
        access_key_id     = "S3_ACCESS_KEY_ID"
        secret_access_key = "S3_SECRET_ACCESS_KEY"
      } }
    }
  }
}

output "host_ports" {
  description = "Published ports, by their names in `ports`."
  value = {
    objectstore_api     = var.host_ports.api
    objectstore_console = var.host_ports.console
  }
}

output "env" {
  description = "What an application connects with."
  sensitive   = true
  value = {
    S3_ENDPOINT_URL      = "http://127.0.0.1:${var.host_ports.api}"
    S3_BUCKET            = var.bucket
    S3_REGION            = var.region
    S3_ACCESS_KEY_ID     = var.access_key
    S3_SECRET_ACCESS_KEY = var.secret_key
  }
}
