locals {
  log_types = {
    application = "ES_APPLICATION_LOGS"
    index_slow  = "INDEX_SLOW_LOGS"
    search_slow = "SEARCH_SLOW_LOGS"
    audit       = "AUDIT_LOGS"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.logs

  name              = "/aws/opensearch/${local.domain_name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  count = length(var.logs) > 0 ? 1 : 0

  policy_name = "${var.name}-vectorstore"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "es.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "arn:${local.partition}:logs:${data.aws_region.this.name}:${local.account}:log-group:/aws/opensearch/${local.domain_name}/*"
      # Nobody else's domain may write here in our name.
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = local.domain_arn }
      }
    }]
  })
}
