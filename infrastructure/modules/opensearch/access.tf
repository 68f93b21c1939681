# The master of the domain: everything inside it, and the one who maps other
# roles to what they may do (PUT _plugins/_security/api/rolesmapping/ROLE).

resource "aws_iam_role" "master" {
  count = var.master_role_arn == null ? 1 : 0

  name        = local.role_name
  description = "Master user of the OpenSearch domain ${local.domain_name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "master" {
  count = length(aws_iam_role.master)

  name = "vectorstore"
  role = aws_iam_role.master[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "es:ESHttp*"
      Resource = "${local.domain_arn}/*"
    }]
  })
}
