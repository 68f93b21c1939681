locals {
  endpoint_url = coalesce(var.endpoint_url, "https://s3.${data.aws_region.this.name}.${data.aws_partition.this.dns_suffix}")
  tls          = startswith(local.endpoint_url, "https://")
  host         = regex("^https?://([^/:]+)", local.endpoint_url)[0]
  port         = try(tonumber(regex(":([0-9]+)$", local.endpoint_url)[0]), local.tls ? 443 : 80)
}

output "service" {
  description = "The service contract: what it is and where it answers."
  value = {
    engine    = "s3"
    version   = "2006-03-01" # S3 has one version of its API, and this is its name.
    host      = local.host
    port      = local.port
    tls       = local.tls
    image     = null
    container = null
    volume    = null
    bucket    = aws_s3_bucket.this.bucket
    status    = null
    probe     = var.endpoint_url == null ? null : { protocol = "http", port = local.port, path = "/", status = 200 }
  }
}

output "env" {
  description = "What an application connects with. The keys are its own role's, so they are none of these."
  value = {
    S3_ENDPOINT_URL = local.endpoint_url
    S3_BUCKET       = aws_s3_bucket.this.bucket
    S3_REGION       = data.aws_region.this.name
  }
}

output "arns" {
  description = "What a policy about the bucket has to name."
  value       = { bucket = aws_s3_bucket.this.arn }
}
