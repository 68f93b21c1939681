resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_exports

  name              = "/aws/rds/instance/${local.identifier}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

data "aws_iam_policy_document" "monitoring" {
  count = local.monitoring_seconds > 0 ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    # Not on behalf of another account's database.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  count = local.monitoring_seconds > 0 ? 1 : 0

  name               = "${local.identifier}-rds-monitoring"
  description        = "Lets RDS measure the operating system below ${local.identifier}"
  assume_role_policy = data.aws_iam_policy_document.monitoring[0].json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  count = local.monitoring_seconds > 0 ? 1 : 0

  role       = aws_iam_role.monitoring[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
