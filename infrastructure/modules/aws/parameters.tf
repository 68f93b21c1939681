locals {
  # Which of them are empty is known before their values are: SSM takes no empty value.
  empty = toset(concat(
    [for name in keys(local.without_keys == null ? {} : local.without_keys) : name],
    flatten([for module in module.postgres : [
      module.env.DATABASE_AUTH == "iam" ? ["DATABASE_SECRET_ARN", "DATABASE_SECRET_COMMAND"] : ["DATABASE_TOKEN_COMMAND"],
      module.service.tls ? [] : ["DATABASE_CA_URL"],
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
