locals {
  # Which variables are empty is known before their values are. SSM takes no empty value.
  empty = toset(concat(
    ["VECTORSTORE_API_KEY", "VECTORSTORE_GRPC_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"],
    length(local.pgvector) > 0 ? ["VECTORSTORE_REGION", "VECTORSTORE_ROLE_ARN"] : [],
    flatten([for redis in module.redis : redis.env.REDIS_AUTH == "iam" ? ["REDIS_SECRET_ARN", "REDIS_SECRET_COMMAND"] : []]),
    flatten([for postgres in module.postgres : [
      postgres.env.DATABASE_AUTH == "iam" ? ["DATABASE_SECRET_ARN", "DATABASE_SECRET_COMMAND"] : ["DATABASE_TOKEN_COMMAND"],
      postgres.service.tls ? [] : ["DATABASE_CA_URL"],
    ]]),
  ))

  published = merge(
    { for name in setsubtract(keys(local.env), local.empty) : "env/${name}" => local.env[name] },
    {
      "network/vpc_id"                   = module.network.network.vpc_id
      "network/subnet_ids"               = join(",", module.network.network.subnet_ids)
      "network/client_security_group_id" = module.network.network.client_security_group_id
      "policy_arn"                       = aws_iam_policy.application.arn
    },
  )
}

# For what starts the application, and for other teams' Terraform: one parameter a variable, which is
# how ECS takes them. No secret is among them, so they are plain text and a plan shows what changes.
resource "aws_ssm_parameter" "this" {
  for_each = local.published

  name           = "${var.parameter_path}/${each.key}"
  type           = "String"
  insecure_value = each.value

  lifecycle {
    precondition {
      condition     = each.value != ""
      error_message = "${each.key} is empty and would be published: it is missing from local.empty."
    }
  }
}
