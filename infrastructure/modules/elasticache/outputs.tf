locals {
  host   = aws_elasticache_replication_group.this.primary_endpoint_address
  port   = aws_elasticache_replication_group.this.port
  user   = var.auth == "iam" ? aws_elasticache_user.app[0].user_name : "default"
  secret = one(aws_secretsmanager_secret.this[*].arn)
}

output "service" {
  description = "The service contract: what it is and where it answers. It is asked by nobody from outside the VPC, so it has no probe."
  value = {
    engine    = var.engine
    version   = aws_elasticache_replication_group.this.engine_version_actual
    host      = local.host
    port      = local.port
    tls       = true
    image     = null
    container = null
    volume    = null
    probe     = null
    status    = null
  }
}

output "env" {
  description = "What an application connects with. What its way to log in does not need is empty, so that nothing of the other one stays behind."
  value = {
    REDIS_URL  = "rediss://${local.user}@${local.host}:${local.port}/0"
    REDIS_AUTH = var.auth
    REDIS_USER = local.user

    # What a token is signed for.
    REDIS_CACHE_NAME = aws_elasticache_replication_group.this.replication_group_id
    REDIS_REGION     = data.aws_region.this.name

    # The answer is {"username", "password"}, like that of an RDS secret.
    REDIS_SECRET_ARN     = local.secret == null ? "" : local.secret
    REDIS_SECRET_COMMAND = local.secret == null ? "" : "aws secretsmanager get-secret-value --region ${data.aws_region.this.name} --secret-id ${local.secret} --query SecretString --output text"
  }
}

output "arns" {
  description = "What a policy needs: `elasticache:Connect` on cache and user with auth = \"iam\", `secretsmanager:GetSecretValue` on the secret with \"password\". Null for what there is not."
  value = {
    cache  = aws_elasticache_replication_group.this.arn
    user   = one(aws_elasticache_user.app[*].arn)
    secret = local.secret
  }
}

output "security_group_id" {
  description = "The security group of the nodes."
  value       = aws_security_group.this.id
}

output "final_snapshot" {
  description = "What the cache's last snapshot will be called; null where none is taken."
  value       = aws_elasticache_replication_group.this.final_snapshot_identifier
}
