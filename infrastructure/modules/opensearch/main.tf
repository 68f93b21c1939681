locals {
  sizes = {
    small  = { instance_type = "t3.medium.search", instance_count = 2, dedicated_masters = false, volume_gb = 20 }
    medium = { instance_type = "r7g.large.search", instance_count = 2, dedicated_masters = true, volume_gb = 100 }
    large  = { instance_type = "r7g.xlarge.search", instance_count = 6, dedicated_masters = true, volume_gb = 200 }
  }

  # An unknown size is the validation's to refuse.
  size              = lookup(local.sizes, var.size, local.sizes.small)
  instance_type     = coalesce(var.instance_type, local.size.instance_type)
  instance_count    = coalesce(var.instance_count, local.size.instance_count)
  dedicated_masters = var.dedicated_masters == null ? local.size.dedicated_masters : var.dedicated_masters
  volume_gb         = coalesce(var.volume_gb, local.size.volume_gb)

  zones = (
    local.instance_count % 3 == 0 && length(var.network.subnet_ids) >= 3 ? 3 :
    local.instance_count % 2 == 0 && length(var.network.subnet_ids) >= 2 ? 2 : 1
  )

  # A domain may have 28 characters and a role 64.
  domain_name = length(var.name) <= 28 ? var.name : "${trimsuffix(substr(var.name, 0, 19), "-")}-${substr(sha256(var.name), 0, 8)}"
  role_full   = "${var.name}-vectorstore"
  role_name   = length(local.role_full) <= 64 ? local.role_full : "${trimsuffix(substr(local.role_full, 0, 55), "-")}-${substr(sha256(local.role_full), 0, 8)}"

  account     = data.aws_caller_identity.this.account_id
  partition   = data.aws_partition.this.partition
  domain_arn  = "arn:${local.partition}:es:${data.aws_region.this.name}:${local.account}:domain/${local.domain_name}"
  master_role = one(concat(aws_iam_role.master[*].arn, [for arn in [var.master_role_arn] : arn if arn != null]))
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_security_group" "this" {
  name        = "${var.name}-vectorstore"
  description = "OpenSearch, from those in the client security group"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-vectorstore" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "HTTPS from applications"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = var.network.client_security_group_id
}

resource "aws_iam_service_linked_role" "this" {
  count = var.create_service_linked_role ? 1 : 0

  aws_service_name = "opensearchservice.amazonaws.com"
}

resource "aws_opensearch_domain" "this" {
  domain_name    = local.domain_name
  engine_version = "OpenSearch_${var.engine_version}"

  cluster_config {
    instance_type            = local.instance_type
    instance_count           = local.instance_count
    dedicated_master_enabled = local.dedicated_masters
    dedicated_master_count   = local.dedicated_masters ? 3 : null
    dedicated_master_type    = local.dedicated_masters ? var.master_instance_type : null
    zone_awareness_enabled   = local.zones > 1

    dynamic "zone_awareness_config" {
      for_each = local.zones > 1 ? [local.zones] : []

      content {
        availability_zone_count = zone_awareness_config.value
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = local.volume_gb
  }

  vpc_options {
    subnet_ids         = slice(var.network.subnet_ids, 0, local.zones)
    security_group_ids = [aws_security_group.this.id]
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  # The domain lets in everybody of this account whose own policy allows it; what
  # they may do there is for fine-grained access control to say.
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "es:ESHttp*"
      Resource  = "${local.domain_arn}/*"
    }]
  })

  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = false

    master_user_options {
      master_user_arn = local.master_role
    }
  }

  dynamic "log_publishing_options" {
    for_each = aws_cloudwatch_log_group.this

    content {
      log_type                 = local.log_types[log_publishing_options.key]
      cloudwatch_log_group_arn = log_publishing_options.value.arn
    }
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  # OpenSearch tries to write to the groups before it accepts them, and to enter the VPC.
  depends_on = [aws_cloudwatch_log_resource_policy.this, aws_iam_service_linked_role.this]
}

# What depends on the domain is removed before it, so a removal or replacement stops here.
resource "terraform_data" "protection" {
  input            = { protected = var.protected, domain = local.domain_name }
  triggers_replace = aws_opensearch_domain.this.domain_id

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["/bin/sh", "-c"]
    environment = { MESSAGE = "OpenSearch domain ${self.output.domain} is protected and its snapshots go with it: set protected = false, apply that, and try again." }
    command     = self.output.protected ? "echo \"$MESSAGE\"; exit 1" : "exit 0"
    quiet       = true
  }
}
