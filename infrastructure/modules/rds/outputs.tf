locals {
  secret_arn = local.managed ? one(aws_db_instance.this.master_user_secret[*].secret_arn) : aws_secretsmanager_secret.master[0].arn

  region     = data.aws_region.this.name
  by_iam     = var.application_user != null
  client     = coalesce(var.application_user, var.user)
  parameters = var.tls ? "?sslmode=verify-full" : ""

  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
  ca_url = lookup({
    aws        = "https://truststore.pki.rds.amazonaws.com/${local.region}/${local.region}-bundle.pem"
    aws-us-gov = "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/${local.region}/${local.region}-bundle.pem"
    aws-cn     = "https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/${local.region}/${local.region}-bundle.pem"
  }, data.aws_partition.this.partition, "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem")
}

output "service" {
  description = "The service contract: what it is and where it answers."
  value = {
    engine    = "postgres"
    version   = coalesce(aws_db_instance.this.engine_version_actual, var.engine_version)
    host      = aws_db_instance.this.address
    port      = aws_db_instance.this.port
    tls       = var.tls
    image     = null
    container = null
    volume    = null
    database  = var.database
    user      = local.client
    status    = aws_db_instance.this.status
    probe     = var.reachable ? { protocol = "postgres", port = aws_db_instance.this.port, path = null } : null
  }
}

output "env" {
  description = "What an application connects with: an address without a password, how to get one, and where the authorities are that sign the server's certificate. What its way to log in does not need is empty, so that nothing of the other one stays behind."
  value = {
    DATABASE_URL    = "postgres://${local.client}@${aws_db_instance.this.address}:${aws_db_instance.this.port}/${var.database}${local.parameters}"
    DATABASE_AUTH   = local.by_iam ? "iam" : "secret"
    DATABASE_CA_URL = var.tls ? local.ca_url : ""

    # The answer is JSON with `username` and `password`.
    DATABASE_SECRET_ARN     = local.by_iam ? "" : local.secret_arn
    DATABASE_SECRET_COMMAND = local.by_iam ? "" : "aws secretsmanager get-secret-value --region ${local.region} --secret-id ${local.secret_arn} --query SecretString --output text"

    # The answer is the password, for a login within 15 minutes.
    DATABASE_TOKEN_COMMAND = !local.by_iam ? "" : "aws rds generate-db-auth-token --region ${local.region} --hostname ${aws_db_instance.this.address} --port ${aws_db_instance.this.port} --username ${local.client}"
  }
}

output "arns" {
  description = "What a policy about the database has to name: the instance, the master user's secret, and, before a slash and a role's name, who may log in by IAM."
  value = {
    instance = aws_db_instance.this.arn
    secret   = local.secret_arn
    login    = "arn:${data.aws_partition.this.partition}:rds-db:${local.region}:${var.account_id}:dbuser:${aws_db_instance.this.resource_id}"
  }
}

output "final_snapshot" {
  description = "Name of the snapshot that a destroy leaves; `snapshot_identifier` makes a database from it again. Null where none is left."
  value       = var.keep_on_destroy ? aws_db_instance.this.final_snapshot_identifier : null
}
