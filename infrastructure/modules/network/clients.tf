locals {
  make_client_group = try(var.existing_network.client_security_group_id, null) == null

  client_security_group_id = local.make_client_group ? aws_security_group.client[0].id : var.existing_network.client_security_group_id

  # HTTPS for OpenSearch and interface endpoints, Postgres, and Redis.
  client_ports = [443, 5432, 6379]

  client_egress = {
    for pair in setproduct(local.cidrs, local.client_ports) :
    "${pair[0]}:${pair[1]}" => { cidr = pair[0], port = pair[1] }
  }
}

# What an application joins to reach the data services: they let in this group and nobody else.
resource "aws_security_group" "client" {
  count = local.make_client_group ? 1 : 0

  name        = "${var.name}-client"
  description = "Applications that use the data services of ${var.name}"
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-client" }
}

# An application's way to anything else is for a group of its own to open.
resource "aws_vpc_security_group_egress_rule" "client" {
  for_each = local.make_client_group ? local.client_egress : {}

  security_group_id = aws_security_group.client[0].id
  description       = "Data services in the VPC"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "client_s3" {
  count = var.client_reaches_s3 && local.make_client_group && local.make_s3_endpoint ? 1 : 0

  security_group_id = aws_security_group.client[0].id
  description       = "S3 through the gateway endpoint"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3[0].prefix_list_id
}
